/** States of the wallboard. */
import type { ReportView } from '../../../server/http/report-schemas.ts'
import type { ColleagueView } from '../../../server/http/schemas.ts'
import { ApiError } from '../../../widget/client/api.ts'
import {
  answered,
  at,
  callView,
  caseView,
  type FakeServer,
  ME,
  phoneView,
  type World,
} from '../fake-server.ts'
import type { Scenes } from '../scene.ts'

const HOSTILE = `${'Wolfeschlegelstein'.repeat(20)} \u202Egnp.exe\u2066 <img src=x onerror=alert(1)> ${'مرحبا '.repeat(20)}`
export const SUPERVISOR = { ...ME, role: 'supervisor' as const }

/** The day so far, as the server tells it. */
export function todayView(total: ReportView['total'] = {}): ReportView {
  const day = '2026-03-02T00:00:00.000Z'
  return {
    report: 'calls',
    from: day,
    to: '2026-03-03T00:00:00.000Z',
    tz: 'UTC',
    by: 'none',
    previousFrom: '2026-03-01T00:00:00.000Z',
    previousTo: day,
    targets: { serviceLevelSeconds: 20, resolutionSeconds: 86_400 },
    columns: [],
    rows: [],
    total: {
      incoming: 1284,
      answered: 1179,
      missed: 105,
      abandoned: 61,
      serviceLevel: 0.8745,
      ...total,
    },
    previous: {},
  }
}

const NAMES =
  'Anna Petrova,Boris Klein,Chiara Rossi,Dmitri Volkov,Elena García Fernández,Farid Haddad,Grace Okafor,Hans-Joachim Freiherr von Wolkenstein-Trostburg,Ines,محمد عبد الرحمن,Jürgen Groß,Kofi Mensah,Lucía Fernández,Mei Tanaka,Nils,Olga Sidorova,Piotr Nowak,Quentin Dubois,Rania Khoury,Søren Jensen,Tomás,Ursula Weiß,Viktor,Wanda Zielińska'.split(
    ',',
  )
const STATES = ['busy', 'free', 'busy', 'wrap-up', 'away', 'busy', 'offline', 'free'] as const

/** As many agents as this, in all states. */
export function team(count: number): readonly ColleagueView[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `agent-${index + 1}`,
    name: `${NAMES[index % NAMES.length]}${index < NAMES.length ? '' : ` ${index}`}`,
    extensions: [{ connectionId: 'pbx', extension: String(101 + index) }],
    state: STATES[index % STATES.length] ?? 'free',
    reason: null,
    since: at(40 + index * 97),
    until: null,
  }))
}

const waits = (id: string, queue: string | null, seconds: number) =>
  callView({
    id,
    queue,
    startedAt: at(seconds),
    ringingAt: at(seconds),
    from: phoneView('+375 29 170-16-99'),
    legs: [],
  })
const talks = (id: string, direction: 'incoming' | 'outgoing' | 'internal') =>
  answered({ id, direction, legs: [], agentId: 'agent-4' })
export const CALLS = [
  waits('w1', 'support', 161),
  waits('w2', 'support', 74),
  waits('w3', 'support', 12),
  waits('w4', 'sales', 15),
  waits('w5', null, 4),
  talks('t1', 'incoming'),
  { ...talks('t2', 'incoming'), state: 'held' as const },
  talks('t3', 'outgoing'),
  // Colleagues talk: no report counts them, and neither does the board.
  talks('t4', 'internal'),
  { ...talks('t5', 'outgoing'), answeredAt: null, state: 'ringing' as const },
]
const OWED = [4_400, 1_300, 240].map((seconds, index) =>
  caseView({
    id: `owed-${index}`,
    status: 'open',
    handset: 'red',
    userId: null,
    waitingSince: at(seconds),
  }),
)

/** What a board of a working day shows; `change` says what is different. */
export function wallboardWorld(change: World = {}): World {
  return {
    me: SUPERVISOR,
    calls: CALLS,
    agents: team(18),
    cases: OWED,
    ...change,
    answers: { 'GET /api/reports/calls': todayView(), ...change.answers },
  }
}

/** As large as the screen. */
async function board({ client }: FakeServer): Promise<HTMLElement> {
  await import('../../../widget/wallboard/ringside-wallboard.ts')
  const element = Object.assign(document.createElement('ringside-wallboard'), { client })
  element.style.blockSize = '100vh'
  return element
}

export const wallboardScenes: Scenes = {
  wallboard: { ...wallboardWorld(), element: board },
  wallboardQuiet: {
    ...wallboardWorld({
      calls: [],
      cases: [],
      agents: team(3),
      answers: {
        'GET /api/reports/calls': todayView({
          incoming: 0,
          answered: 0,
          missed: 0,
          abandoned: 0,
          serviceLevel: null,
        }),
      },
    }),
    element: board,
  },
  wallboardFull: {
    ...wallboardWorld({
      agents: [...team(300), { ...team(1)[0]!, id: 'hostile', name: HOSTILE, since: at(100_000) }],
      calls: [
        ...CALLS,
        ...Array.from({ length: 12 }, (_, index) =>
          waits(`q${index}`, index === 0 ? HOSTILE : `Hotline ${index}`, 3_700 - index * 11),
        ),
      ],
      answers: {
        'GET /api/reports/calls': todayView({
          incoming: 128_400,
          answered: 117_900,
          missed: 10_500,
          abandoned: 6_100,
          serviceLevel: 0.9996,
        }),
      },
    }),
    element: board,
  },
  wallboardLost: {
    ...wallboardWorld(),
    element: board,
    actInElement: (_board, server) => server.setState('waiting', 'network'),
  },
  wallboardNoFigures: {
    ...wallboardWorld({ answers: { 'GET /api/reports/calls': new ApiError(403, {}) } }),
    element: board,
  },
  wallboardAgent: { ...wallboardWorld({ me: ME }), element: board },
}
