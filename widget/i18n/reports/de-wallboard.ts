/** German texts of the wallboard. */
import type { Texts } from '../t.ts'

export const deWallboard: Texts = {
  'wallboard.title': 'Wallboard',
  'wallboard.forSupervisors':
    'Das Wallboard ist für Supervisoren und Admins. Melden Sie sich als Supervisor oder Admin an, oder fragen Sie einen Admin Ihrer Telefonie.',
  'wallboard.signedOut':
    'Dieser Bildschirm ist abgemeldet. Öffnen Sie hier den persönlichen Anmelde-Link eines Supervisors, oder fügen Sie ihn über die Schaltfläche mit dem Hörer ein.',
  'wallboard.live': 'Live',
  'wallboard.notLive': 'Nicht live seit {at}',
  'wallboard.lost':
    'Die Telefonie ist nicht erreichbar. Sie sehen den Stand von damals; dieser Bildschirm versucht es von selbst weiter.',
  'wallboard.slept':
    'Dieser Bildschirm war im Ruhezustand. Sie sehen den Stand von damals; der jetzige wird gerade geholt. Schalten Sie den Ruhezustand des Computers aus.',

  'wallboard.waiting': 'Wartende Anrufe',
  'wallboard.longest': 'längster {duration}',
  'wallboard.overTarget': 'über {seconds} s',
  'wallboard.noQueue': 'Ohne Warteschlange',
  'wallboard.queues': 'Wartende je Warteschlange',
  'wallboard.moreQueues': {
    one: '{count} weitere Warteschlange',
    other: '{count} weitere Warteschlangen',
  },

  'wallboard.inProgress': 'Laufende Anrufe',
  'wallboard.talkingIncoming': { one: '{count} eingehend', other: '{count} eingehend' },
  'wallboard.talkingOutgoing': { one: '{count} ausgehend', other: '{count} ausgehend' },
  'wallboard.onHold': { one: '{count} davon gehalten', other: '{count} davon gehalten' },
  'wallboard.dialling': { one: '{count} wird gewählt', other: '{count} werden gewählt' },

  'wallboard.agents': 'Agenten',
  'wallboard.noAgents': 'Noch hat kein Agent eine Durchwahl.',
  'wallboard.moreAgents': { one: '{count} weiterer Agent', other: '{count} weitere Agenten' },

  'wallboard.today': 'Heute',
  'wallboard.incoming': 'Eingehend',
  'wallboard.answered': 'Angenommen',
  'wallboard.missed': 'Verpasst',
  'wallboard.abandoned': 'In Schlange aufgelegt',
  'wallboard.serviceLevel': 'Servicelevel',
  'wallboard.within': 'in {seconds} s angenommen',
  'wallboard.owed': 'Offene Rückrufe',
  'wallboard.oldest': 'ältester {time}',
  'wallboard.andMore': '{count} oder mehr',
  'wallboard.none': 'noch kein Wert',
  'wallboard.figuresOld':
    'Stand {at}; neuere Zahlen lassen sich gerade nicht laden. Weitere Versuche laufen.',
  'wallboard.figuresMissing':
    'Die Zahlen von heute lassen sich gerade nicht laden. Weitere Versuche laufen.',
}
