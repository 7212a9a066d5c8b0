/** One state of the widget on a page: `gallery.html?state=known&theme=dark&dir=rtl`. For looking at it. */
import { ApiError } from '../../widget/client/api.ts'
import type { RingsideWidget } from '../../widget/elements/ringside-widget.ts'
import '../../widget/elements/ringside-widget.ts'
import { setLocale } from '../../widget/i18n/t.ts'
import type { RingsideSettings } from '../../widget/settings/ringside-settings.ts'
import {
  able,
  answered,
  at,
  callView,
  caseView,
  type FakeServer,
  fakeServer,
  messageView,
  phoneView,
  QUEUES,
  refusal,
  userView,
} from './fake-server.ts'
import { click, find, type Scene, type Scenes, settle, type } from './scene.ts'
import { alertsScenes } from './scenes/alerts.ts'
import { casesScenes } from './scenes/cases.ts'
import { chartsScenes } from './scenes/charts.ts'
import { playerScenes } from './scenes/player.ts'
import { reportsScenes } from './scenes/reports.ts'
import { settingsScenes } from './scenes/settings.ts'
import { settingsAdminScenes } from './scenes/settings-admin.ts'
import { settingsConnectionsScenes } from './scenes/settings-connections.ts'
import { signInScenes } from './scenes/sign-in.ts'
import { traceScenes } from './scenes/trace.ts'
import { wallboardScenes } from './scenes/wallboard.ts'

const HOSTILE = `${'Wolfeschlegelsteinhausenbergerdorff'.repeat(6)} \u202Egnp.exe\u2066 <img src=x onerror=alert(1)> ${'👩‍👩‍👧‍👦'.repeat(40)} ${'مرحبا '.repeat(20)}`
const known = callView({ userId: 'user-1', queue: 'Support' })
const talking = answered({ userId: 'user-1' })
/** The PBX parked the caller, and the phone is free. */
const onHold: typeof talking = {
  ...talking,
  state: 'held',
  legs: talking.legs.map((leg) => ({ ...leg, endedAt: at(0) })),
}
const earlier = [
  caseView(),
  caseView({
    id: 'case-2',
    number: 1017,
    subject: 'Invoice sent twice',
    status: 'closed',
    updatedAt: at(2_500_000),
  }),
  caseView({
    id: 'case-3',
    number: 1051,
    subject: 'Missed call from +375 29 170-16-99',
    status: 'open',
    handset: 'red',
    assigneeId: null,
    waitingSince: at(4_400),
    updatedAt: at(4_400),
    version: 1,
  }),
]
const ended = answered({
  state: 'ended',
  outcome: 'answered',
  endedAt: at(30),
  talkSeconds: 97,
  userId: 'user-1',
})
const missedCalls = [
  earlier[2]!,
  caseView({
    id: 'case-4',
    number: 1052,
    subject: 'Missed call from +49 30 901820',
    status: 'open',
    handset: 'red',
    userId: null,
    phone: phoneView('+49 30 901820'),
    assigneeId: 'agent-2',
    waitingSince: at(1_300),
  }),
  caseView({
    id: 'case-5',
    number: 1053,
    subject: 'Missed call from an anonymous number',
    status: 'open',
    handset: 'red',
    userId: null,
    phone: null,
    assigneeId: null,
    waitingSince: at(240),
  }),
  caseView({
    id: 'case-6',
    number: 1050,
    subject: 'Missed call',
    status: 'open',
    handset: 'red',
    userId: 'user-2',
    phone: phoneView('+44 20 7946 0958'),
    assigneeId: 'agent-1',
    waitingSince: at(9_000),
  }),
]
const users = [
  userView(),
  userView({
    id: 'user-2',
    name: 'Ivan Sokolov',
    company: 'Northwind Traders',
    email: 'ivan@northwind.example',
  }),
  userView({ id: 'user-3', name: 'Reception, 2nd floor', company: 'Contoso', email: null }),
]
const inProgress = caseView({
  id: 'case-9',
  number: 1060,
  subject: 'Wants a second licence',
  status: 'open',
  assigneeId: 'agent-1',
  version: 1,
  messages: [
    messageView({
      id: 'm1',
      kind: 'call',
      authorId: 'agent-1',
      text: 'Second licence for the new colleague, invoice to the same address.',
      call: { ...talking, caseId: 'case-9' },
      inProgress: true,
      createdAt: at(120),
    }),
  ],
})
const withPlayer = caseView({
  handset: 'green',
  messages: [
    messageView({
      id: 'm0',
      kind: 'call',
      text: '',
      createdAt: at(12_000),
      call: callView({
        id: 'c0',
        state: 'ended',
        outcome: 'missed',
        ringSeconds: 24,
        queue: 'Support',
        startedAt: at(12_000),
        endedAt: at(11_970),
      }),
    }),
    messageView({ id: 'm1', createdAt: at(9_000) }),
    messageView({
      id: 'm2',
      kind: 'call',
      text: 'Called back. The cartridge is for the older model; sending the right one.',
      createdAt: at(8_000),
      call: {
        ...ended,
        id: 'c2',
        direction: 'outgoing',
        from: phoneView('101'),
        to: phoneView('+375 29 170-16-99'),
        recordings: [
          { id: 'r1', callId: 'c2', mime: 'audio/wav', bytes: 9, seconds: 97, pauses: [] },
        ],
      },
    }),
    messageView({
      id: 'm3',
      kind: 'call',
      text: '',
      createdAt: at(60),
      call: { ...ended, id: 'c3' },
    }),
  ],
})

const inCall = { me: able(), calls: [talking], users, cases: earlier } as const
/** The server takes its time. */
const never = () => new Promise(() => undefined)
const act = (name: string) => `ringside-call-bar .${name}`
const closePanel = (widget: RingsideWidget) =>
  click(widget, 'ringside-panel header button:last-of-type')
const withPauses = caseView({
  messages: [
    messageView({
      id: 'm1',
      kind: 'call',
      text: 'Paid by card.',
      createdAt: at(500),
      call: {
        ...ended,
        id: 'c5',
        recordings: [
          {
            id: 'r5',
            callId: 'c5',
            mime: 'audio/wav',
            bytes: 9,
            seconds: 97,
            pauses: [
              { from: 42, to: 65 },
              { from: 80, to: 84 },
            ],
          },
        ],
      },
    }),
  ],
})

/** Every state by name. */
const scenes: Scenes = {
  ...settingsScenes,
  ...settingsAdminScenes,
  ...alertsScenes,
  ...casesScenes,
  ...chartsScenes,
  ...playerScenes,
  ...reportsScenes,
  ...settingsConnectionsScenes,
  ...signInScenes,
  ...traceScenes,
  ...wallboardScenes,
  idle: { cases: missedCalls, users },
  known: { calls: [known], users, cases: earlier },
  unknown: { calls: [callView()] },
  crowd: {
    calls: [0, 1, 2, 3, 4].map((index) =>
      callView({
        id: `call-${index}`,
        ringingAt: at(20 - index * 4),
        ...(index === 0 ? { userId: 'user-1', queue: 'Support' } : {}),
        ...(index === 1 ? { userId: 'user-2', queue: 'Sales' } : {}),
        ...(index === 3 ? { candidateUserIds: ['user-2', 'user-3'] } : {}),
        ...(index > 1 ? { from: phoneView(`+49 30 90182${index}`) } : {}),
      }),
    ),
    users,
    cases: earlier,
  },
  colleagueTalks: {
    me: { ...able(), internalCalls: ['pbx'] },
    calls: [
      answered({
        direction: 'internal',
        agentId: 'agent-2',
        from: phoneView('102'),
        to: phoneView('101'),
      }),
    ],
  },
  several: { calls: [callView({ candidateUserIds: ['user-1', 'user-2', 'user-3'] })], users },
  anonymous: {
    calls: [
      callView({ from: { raw: 'anonymous', e164: null, display: 'anonymous' }, queue: 'Sales' }),
    ],
  },
  stack: {
    calls: [
      known,
      callView({
        id: 'call-2',
        from: phoneView('+49 30 901820'),
        queue: 'Sales',
        ringingAt: at(3),
      }),
      callView({ id: 'call-3', from: phoneView('+44 20 7946 0958'), ringingAt: at(1) }),
    ],
    users,
    cases: earlier,
  },
  gaveup: {
    calls: [known],
    users,
    cases: earlier,
    act: (_widget, server) =>
      server.push('call', {
        ...known,
        state: 'ended',
        outcome: 'missed',
        endedAt: at(0),
        ringSeconds: 12,
        legs: [{ ...known.legs[0], result: 'cancelled' }],
      }),
  },
  profile: { calls: [talking], users, cases: earlier },
  profileUnknown: { calls: [answered()] },
  profileAnonymous: { calls: [answered({ from: { raw: '', e164: null, display: '' } })] },
  profileSeveral: {
    calls: [answered({ candidateUserIds: ['user-1', 'user-2', 'user-3'] })],
    users,
  },
  profileEnded: {
    calls: [talking],
    users,
    cases: earlier,
    act: (_w, server) => server.push('call', { ...ended, id: 'call-1', caseId: 'case-1' }),
  },
  fix: {
    calls: [talking],
    users,
    cases: earlier,
    act: (widget) => click(widget, 'ringside-panel ringside-user .fix'),
  },
  outgoing: {
    calls: [
      answered({
        direction: 'outgoing',
        state: 'ringing',
        answeredAt: null,
        from: phoneView('101'),
        to: phoneView('+375 29 170-16-99'),
        legs: [],
        userId: 'user-1',
      }),
    ],
    users,
    cases: earlier,
  },
  waiting: {
    calls: [talking, callView({ id: 'call-2', from: phoneView('+49 30 901820'), queue: 'Sales' })],
    users,
    cases: earlier,
  },
  search: {
    calls: [answered()],
    users,
    act: async (widget) => {
      await click(widget, 'ringside-panel ringside-user button')
      await widget.search('sok')
    },
  },
  searchNone: { users, act: (widget) => widget.search('Zebra') },
  form: {
    calls: [talking],
    users,
    cases: earlier,
    act: async (widget) => {
      await click(widget, 'ringside-panel ringside-user .primary')
      await type(widget, 'ringside-panel ringside-case-form input', 'Wants a second licence')
      await type(
        widget,
        'ringside-panel ringside-case-form textarea',
        'Second licence for the new colleague.',
      )
    },
  },
  formError: {
    calls: [answered()],
    answers: { 'POST /api/calls/call-1/case': new ApiError(0, {}) },
    act: async (widget) => {
      await click(widget, 'ringside-panel ringside-user .primary:last-of-type')
      await type(widget, 'ringside-panel ringside-case-form input', 'Wants a second licence')
      await click(widget, 'ringside-panel ringside-case-form .primary')
    },
  },
  caseProgress: {
    calls: [{ ...talking, caseId: 'case-9' }],
    users,
    cases: [...earlier, inProgress],
    act: (widget) => widget.openCase('case-9'),
  },
  casePlayer: { users, cases: [withPlayer], act: (widget) => widget.openCase('case-1') },
  caseConflict: {
    users,
    cases: [withPlayer],
    answers: {
      'PATCH /api/cases/case-1': new ApiError(409, {
        current: { ...withPlayer, version: 4, status: 'closed' },
      }),
    },
    act: async (widget) => {
      await widget.openCase('case-1')
      const select = await find<HTMLSelectElement>(
        widget,
        'ringside-panel ringside-case ringside-case-head select',
      )
      select.value = 'open'
      select.dispatchEvent(new Event('change'))
    },
  },
  caseGone: { act: (widget) => widget.openCase('nothing').catch(() => undefined) },
  missed: { users, cases: missedCalls, act: (widget) => click(widget, '.launcher') },
  missedNone: { act: (widget) => click(widget, '.launcher') },
  barMenu: {
    calls: [{ ...talking, state: 'held' }],
    users,
    cases: earlier,
    act: (widget) => click(widget, 'ringside-call-bar .more'),
  },
  controls: { ...inCall, act: closePanel },
  controlsPanel: inCall,
  controlsMarks: {
    ...inCall,
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('mute'))
      await click(widget, act('more'))
      await click(widget, 'ringside-call-bar [data-act=pause-recording]')
    },
  },
  controlsHeld: { ...inCall, calls: [onHold], act: closePanel },
  controlsWaiting: {
    ...inCall,
    answers: { 'POST /api/calls/call-1/actions/hold': never },
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('hold'))
    },
  },
  controlsRefused: {
    ...inCall,
    answers: {
      'POST /api/calls/call-1/actions/park': refusal('refused-by-pbx', 'No parking space is free.'),
    },
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('more'))
      await click(widget, 'ringside-call-bar [data-act=park]')
    },
  },
  controlsFew: { ...inCall, me: able('dial', 'hangup'), act: closePanel },
  controlsDialling: {
    ...inCall,
    calls: [],
    act: async (widget, server) => {
      await widget.dial('+375 29 170-16-99')
      server.push('call', {
        ...server.client.state.calls.get('call-dialled'),
        state: 'ringing',
        ringingAt: at(4),
      })
    },
  },
  controlsTwo: {
    ...inCall,
    calls: [
      onHold,
      answered({ id: 'call-2', from: phoneView('+49 30 901820'), answeredAt: at(31) }),
    ],
    act: closePanel,
  },
  transfer: {
    ...inCall,
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('transfer'))
    },
  },
  transferNumber: {
    ...inCall,
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('transfer'))
      await type(widget, 'ringside-call-bar ringside-transfer input', '10')
    },
  },
  transferRefused: {
    ...inCall,
    answers: {
      'POST /api/calls/call-1/actions/transfer': refusal(
        'refused-by-pbx',
        'Extension 102 is busy.',
      ),
    },
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('transfer'))
      await type(widget, 'ringside-call-bar ringside-transfer input', 'boris')
      await click(widget, 'ringside-call-bar ringside-transfer .primary')
    },
  },
  transferNobody: {
    ...inCall,
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('transfer'))
      await type(widget, 'ringside-call-bar ringside-transfer input', 'zebra')
    },
  },
  consulting: {
    ...inCall,
    act: async (widget, server) => {
      await closePanel(widget)
      await click(widget, act('transfer'))
      await type(widget, 'ringside-call-bar ringside-transfer input', 'boris')
      await click(widget, 'ringside-call-bar ringside-transfer .primary+button')
      server.push('call', { ...talking, state: 'held' })
      server.push(
        'call',
        callView({
          id: 'asked',
          direction: 'internal',
          agentId: 'agent-1',
          from: phoneView('101'),
          to: phoneView('102'),
          legs: [],
        }),
      )
    },
  },
  colleagueRings: {
    me: { ...able(), internalCalls: ['pbx'] },
    calls: [
      callView({
        direction: 'internal',
        agentId: 'agent-2',
        from: phoneView('102'),
        to: phoneView('101'),
      }),
    ],
  },
  parked: {
    ...inCall,
    act: async (widget, server) => {
      await closePanel(widget)
      await click(widget, act('more'))
      await click(widget, 'ringside-call-bar [data-act=park]')
      server.push('call', {
        ...talking,
        legs: talking.legs.map((leg) => ({ ...leg, endedAt: at(0) })),
      })
    },
  },
  keypad: {
    ...inCall,
    act: async (widget) => {
      await closePanel(widget)
      await click(widget, act('dtmf'))
      for (const index of [1, 10, 12]) {
        await click(widget, `ringside-call-bar ringside-keypad .keys>button:nth-child(${index})`)
      }
    },
  },
  answer: { me: able(), calls: [known], users, cases: earlier },
  answerRefused: {
    me: able(),
    calls: [known],
    users,
    cases: earlier,
    answers: {
      'POST /api/calls/call-1/actions/answer': refusal('refused-by-pbx', 'Phone 101 is not there.'),
    },
    act: (widget) => click(widget, 'ringside-popup ringside-answer button'),
  },
  dialWaiting: {
    me: able(),
    answers: { 'POST /api/dial': never },
    act: (widget) => void widget.dial('+49 30 901820'),
  },
  dialFailed: {
    me: able(),
    answers: { 'POST /api/dial': refusal('refused-by-pbx', 'Phone 101 did not answer.') },
    act: (widget) =>
      widget
        .dial('+49 30 901820')
        .then(() => undefined)
        .catch(() => undefined),
  },
  queues: {
    me: able(),
    users,
    cases: missedCalls,
    queues: QUEUES,
    act: async (widget) => {
      await click(widget, '.launcher')
      await click(widget, 'ringside-panel ringside-home ringside-queues .queue')
    },
  },
  myState: {
    me: able(),
    users,
    cases: missedCalls,
    queues: QUEUES,
    act: async (widget) => {
      await click(widget, '.launcher')
      await click(widget, 'ringside-panel ringside-my-state .me')
    },
  },
  wrapUp: {
    me: able(),
    cases: missedCalls,
    act: async (widget, server) => {
      const me = { id: 'agent-1', name: 'Anna', extensions: [], state: 'wrap-up', until: at(-25) }
      server.push('agent', me)
      await click(widget, '.launcher')
    },
  },
  away: {
    me: able(),
    cases: missedCalls,
    act: (_widget, server) =>
      server.push('agent', { id: 'agent-1', name: 'Anna', extensions: [], state: 'away' }),
  },
  missedDial: { me: able(), users, cases: missedCalls, act: (w) => click(w, '.launcher') },
  recordingPauses: { users, cases: [withPauses], act: (widget) => widget.openCase('case-1') },
  help: {
    act: async (widget) => {
      await click(widget, '.launcher')
      await click(widget, 'ringside-panel header button:nth-last-of-type(2)')
    },
  },
  offline: { cases: missedCalls, act: (_widget, server) => server.setState('waiting', 'network') },
  hostile: {
    calls: [callView({ userId: 'user-1', queue: HOSTILE })],
    users: [
      userView({
        name: HOSTILE,
        company: HOSTILE,
        email: `${'a'.repeat(300)}@example.com`,
        note: HOSTILE,
      }),
    ],
    cases: [caseView({ subject: HOSTILE })],
  },
  hostileProfile: {
    calls: [
      answered({
        userId: 'user-1',
        queue: HOSTILE,
        from: { raw: HOSTILE, e164: null, display: HOSTILE },
      }),
    ],
    users: [
      userView({
        name: HOSTILE,
        company: HOSTILE,
        email: `${'a'.repeat(300)}@example.com`,
        note: HOSTILE,
      }),
    ],
    cases: [caseView({ subject: HOSTILE })],
  },
  hostileCase: {
    users: [userView({ name: HOSTILE })],
    cases: [caseView({ subject: HOSTILE, messages: [messageView({ text: HOSTILE })] })],
    act: (widget) => widget.openCase('case-1'),
  },
}

async function show(): Promise<void> {
  const query = new URLSearchParams(location.search)
  const theme = query.get('theme') ?? 'light'
  document.documentElement.dir = query.get('dir') ?? 'ltr'
  document.body.classList.toggle('dark', theme === 'dark')
  const scene = scenes[query.get('state') ?? 'known']
  if (scene === undefined) {
    const links = Object.keys(scenes).map((name) =>
      Object.assign(document.createElement('a'), {
        href: `?state=${name}`,
        textContent: `${name} `,
      }),
    )
    document.body.append(...links)
    return
  }
  sessionStorage.clear()
  const server = fakeServer(scene)
  if (scene.settings !== undefined || scene.element !== undefined) {
    return showWide(scene, server, query)
  }
  const widget = document.createElement('ringside-widget')
  widget.client = server.client
  widget.theme = theme
  widget.locale = query.get('locale')
  const size = query.get('size')
  if (size !== null) widget.style.setProperty('--ringside-font-size', size)
  document.body.append(widget)
  await widget.updateComplete
  server.client.start()
  server.client.needMissed()
  await settle()
  await scene.act?.(widget, server)
  await settle()
  document.body.dataset.ready = 'true'
}

/** What is as wide as the page: the settings, or an element of the scene's own. */
async function showWide(scene: Scene, server: FakeServer, query: URLSearchParams): Promise<void> {
  await setLocale(query.get('locale') ?? 'en')
  document.body.replaceChildren()
  const settings = scene.settings === undefined ? null : await settingsAt(scene.settings, server)
  const element = settings ?? (await scene.element?.(server)) ?? document.createElement('main')
  element.dataset.wide = ''
  Object.assign(element.style, {
    colorScheme: query.get('theme') ?? 'light',
    padding: '16px',
    minBlockSize: '100vh',
    background: 'var(--_background)',
  })
  const size = query.get('size')
  if (size !== null) element.style.setProperty('--ringside-font-size', size)
  document.body.append(element)
  server.client.start()
  for (let turn = 0; turn < 3; turn += 1) await settle()
  if (settings !== null) await scene.actInSettings?.(settings, server)
  else await scene.actInElement?.(element, server)
  await settle()
  document.body.dataset.ready = 'true'
}

async function settingsAt(page: string, server: FakeServer): Promise<RingsideSettings> {
  await import('../../widget/settings/ringside-settings.ts')
  return Object.assign(document.createElement('ringside-settings'), { client: server.client, page })
}

export const names: readonly string[] = Object.keys(scenes)
Object.assign(window, { sceneNames: names })
void show()
