/** Spanish texts of the wallboard. */
import type { Texts } from '../t.ts'

export const esWallboard: Texts = {
  'wallboard.title': 'Panel en directo',
  'wallboard.forSupervisors':
    'El panel en directo es para supervisión y administración. Entre con un usuario de ese tipo o pídalo a un administrador de su telefonía.',
  'wallboard.signedOut':
    'En esta pantalla no hay sesión iniciada. Abra en ella el enlace personal de un supervisor, o péguelo: lo recoge el botón con el auricular.',
  'wallboard.live': 'En directo',
  'wallboard.notLive': 'Sin datos nuevos desde las {at}',
  'wallboard.lost':
    'No se llega al servidor de telefonía. Lo que ve es como estaba entonces; esta pantalla lo reintenta sola.',
  'wallboard.slept':
    'Esta pantalla estaba en reposo. Lo que ve es como estaba entonces; ya está pidiendo los datos de ahora. Evite que el equipo entre en reposo.',

  'wallboard.waiting': 'Llamadas en espera',
  'wallboard.longest': 'máxima {duration}',
  'wallboard.overTarget': 'más de {seconds} s',
  'wallboard.noQueue': 'Sin cola',
  'wallboard.queues': 'En espera por cola',
  'wallboard.moreQueues': {
    one: '{count} cola más',
    many: '{count} de colas más',
    other: '{count} colas más',
  },

  'wallboard.inProgress': 'Llamadas en curso',
  'wallboard.talkingIncoming': {
    one: '{count} entrante',
    many: '{count} de entrantes',
    other: '{count} entrantes',
  },
  'wallboard.talkingOutgoing': {
    one: '{count} saliente',
    many: '{count} de salientes',
    other: '{count} salientes',
  },
  'wallboard.onHold': {
    one: '{count} de ellas, retenida',
    many: '{count} de ellas, retenidas',
    other: '{count} de ellas, retenidas',
  },
  'wallboard.dialling': {
    one: '{count} marcando',
    many: '{count} marcando',
    other: '{count} marcando',
  },

  'wallboard.agents': 'Agentes',
  'wallboard.noAgents': 'Ningún agente tiene aún una extensión.',
  'wallboard.moreAgents': {
    one: '{count} agente más',
    many: '{count} de agentes más',
    other: '{count} agentes más',
  },

  'wallboard.today': 'Hoy',
  'wallboard.incoming': 'Entrantes',
  'wallboard.answered': 'Contestadas',
  'wallboard.missed': 'Perdidas',
  'wallboard.abandoned': 'Abandonadas en cola',
  'wallboard.serviceLevel': 'Nivel de servicio',
  'wallboard.within': 'contestadas en {seconds} s',
  'wallboard.owed': 'Por devolver',
  'wallboard.oldest': 'la más antigua, hace {time}',
  'wallboard.andMore': '{count} o más',
  'wallboard.none': 'aún nada',
  'wallboard.figuresOld':
    'Así estaba ({at}); no se pueden leer cifras más recientes. Reintentando.',
  'wallboard.figuresMissing': 'No se pueden leer las cifras de hoy. Reintentando.',
}
