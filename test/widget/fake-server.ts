/** A server in the page, for tests and the gallery: it holds objects and answers as the contract says. */
import type {
  CallView,
  CaseView,
  ColleagueView,
  HelloView,
  MessageView,
  MeView,
  PhoneView,
  UserView,
} from '../../server/http/schemas.ts'
import { ApiError, createApi, type RequestOptions } from '../../widget/client/api.ts'
import { type Client, createClient } from '../../widget/client/client.ts'
import type { Control, Queue } from '../../widget/client/control-types.ts'
import type { FieldView } from '../../widget/client/state.ts'
import type { SharedOptions } from '../../widget/client/tabs.ts'
import { wavOf } from '../support/wav.ts'

export const NOW = Date.parse('2026-03-02T10:15:00.000Z')
export const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString()

export function phoneView(display: string): PhoneView {
  const digits = display.replaceAll(/[^\d+]/g, '')
  return { raw: digits, e164: digits.startsWith('+') ? digits : null, display }
}

export const ME: MeView = {
  id: 'agent-1',
  name: 'Anna Petrova',
  email: 'anna@helpdesk.example',
  role: 'agent',
  extensions: [{ connectionId: 'pbx', extension: '101', canAnswer: false }],
  capabilities: ['recordings'],
  internalCalls: [],
  controls: {},
  claimMinutes: 15,
}
/** All that AMI can do (CTL-1). */
export const ALL: readonly Control[] = [
  'dial',
  'answer',
  'hangup',
  'hold',
  'resume',
  'mute',
  'unmute',
  'dtmf',
  'transfer',
  'transfer-complete',
  'transfer-cancel',
  'park',
  'retrieve',
  'pause-recording',
  'resume-recording',
  'queue-pause',
]
/** An agent whose connection can do these things; the phone can be told to pick up. */
export function able(...controls: readonly Control[]): MeView {
  return {
    ...ME,
    extensions: [{ connectionId: 'pbx', extension: '101', canAnswer: true }],
    controls: { pbx: [...(controls.length === 0 ? ALL : controls)] },
  }
}

const colleague = (
  id: string,
  name: string,
  extension: string,
  change: Partial<ColleagueView>,
) => ({
  id,
  name,
  extensions: [{ connectionId: 'pbx', extension }],
  state: 'free' as const,
  reason: null,
  since: at(300),
  until: null,
  ...change,
})
export const AGENTS: readonly ColleagueView[] = [
  colleague('agent-1', 'Anna Petrova', '101', { state: 'busy' }),
  colleague('agent-2', 'Boris Klein', '102', {}),
  colleague('agent-3', 'Chiara Rossi', '103', { state: 'away', reason: 'Lunch' }),
  colleague('agent-4', 'Dmitri Volkov', '104', { state: 'busy' }),
  colleague('agent-5', 'Elena García Fernández', '105', {}),
  colleague('agent-6', 'Farid Haddad', '106', { state: 'wrap-up', until: at(-42) }),
  colleague('agent-7', 'Grace Okafor', '107', { state: 'offline' }),
]
export const QUEUES: readonly Queue[] = [
  {
    connectionId: 'pbx',
    name: 'support',
    waiting: 3,
    members: [
      { agentId: 'agent-1', extension: '101', state: 'in-use', paused: false, reason: '' },
      { agentId: 'agent-2', extension: '102', state: 'idle', paused: false, reason: '' },
      { agentId: 'agent-3', extension: '103', state: 'idle', paused: true, reason: 'Lunch' },
      { agentId: null, extension: '119', state: 'unavailable', paused: false, reason: '' },
    ],
  },
  {
    connectionId: 'pbx',
    name: 'sales',
    waiting: 0,
    members: [
      { agentId: 'agent-1', extension: '101', state: 'in-use', paused: true, reason: 'Lunch' },
    ],
  },
  { connectionId: 'pbx', name: 'billing', waiting: 1, members: [] },
]

/** A call that rings at the agent; `change` says what is different. */
export function callView(change: Partial<CallView> = {}): CallView {
  return {
    id: 'call-1',
    connectionId: 'pbx',
    uniqueId: '1640854015.26',
    direction: 'incoming',
    state: 'ringing',
    outcome: null,
    from: phoneView('+375 29 170-16-99'),
    to: phoneView('+375 17 300-10-10'),
    queue: null,
    startedAt: at(12),
    ringingAt: at(12),
    answeredAt: null,
    endedAt: null,
    ringSeconds: null,
    talkSeconds: null,
    holdSeconds: 0,
    agentId: null,
    legs: [
      {
        extension: '101',
        agentId: 'agent-1',
        rangAt: at(12),
        answeredAt: null,
        endedAt: null,
        result: 'ringing',
      },
    ],
    userId: null,
    candidateUserIds: [],
    caseId: null,
    recordings: [],
    extra: {},
    endNotReported: false,
    ...change,
  }
}

/** The call after the agent has picked up. */
export function answered(change: Partial<CallView> = {}): CallView {
  return callView({
    state: 'answered',
    ringingAt: at(140),
    startedAt: at(140),
    answeredAt: at(127),
    ringSeconds: 13,
    agentId: 'agent-1',
    legs: [
      {
        extension: '101',
        agentId: 'agent-1',
        rangAt: at(140),
        answeredAt: at(127),
        endedAt: null,
        result: 'answered',
      },
    ],
    ...change,
  })
}

export function userView(change: Partial<UserView> = {}): UserView {
  return {
    id: 'user-1',
    externalId: 'crm-77',
    name: 'Maria Sokolova',
    email: 'maria.sokolova@northwind.example',
    company: 'Northwind Traders',
    phones: [phoneView('+375 29 170-16-99'), phoneView('+375 17 211-40-02')],
    note: 'Prefers to be called in the morning.\nContract renewed in January.',
    fields: {},
    createdAt: at(900_000),
    updatedAt: at(90_000),
    ...change,
  }
}

export function messageView(change: Partial<MessageView> = {}): MessageView {
  return {
    id: 'message-1',
    kind: 'note',
    authorId: 'agent-2',
    text: 'Asked the warehouse, the parcel left on Friday.',
    createdAt: at(7_000),
    call: null,
    inProgress: false,
    ...change,
  }
}

export function caseView(change: Partial<CaseView> = {}): CaseView {
  return {
    id: 'case-1',
    number: 1043,
    subject: 'Printer does not take the new cartridge',
    status: 'pending',
    channel: 'telephony',
    handset: 'green',
    userId: 'user-1',
    phone: phoneView('+375 29 170-16-99'),
    assigneeId: 'agent-2',
    externalId: null,
    version: 3,
    waitingSince: null,
    lastMissedAt: null,
    missedCalls: 0,
    claimedAt: null,
    createdAt: at(90_000),
    updatedAt: at(86_000),
    closedAt: null,
    messages: [],
    ...change,
  }
}

export interface World {
  readonly me?: MeView
  readonly agents?: readonly ColleagueView[]
  readonly queues?: readonly Queue[]
  readonly calls?: readonly CallView[]
  readonly users?: readonly UserView[]
  readonly cases?: readonly CaseView[]
  readonly fields?: readonly FieldView[]
  readonly dismissed?: readonly string[]
  /** Agents sign in by personal links. */
  readonly signsIn?: boolean
  /** Answers instead of the usual one: `POST /api/calls/call-1/case` → a value, an error, or a function. */
  readonly answers?: Readonly<Record<string, unknown>>
}

export interface FakeServer {
  readonly client: Client
  /** Every request as `METHOD path`, with its body. */
  readonly requests: { readonly line: string; readonly init: RequestOptions }[]
  readonly push: (event: string, data: unknown) => void
  readonly setState: SharedOptions['onState']
}

/** A client whose server is this page; the time stands still at `NOW`. */
export function fakeServer(world: World = {}): FakeServer {
  const requests: FakeServer['requests'] = []
  let onEvent: SharedOptions['onEvent'] = () => undefined
  let onState: SharedOptions['onState'] = () => undefined
  const answer = async (method: string, path: string, init: RequestOptions): Promise<unknown> => {
    const line = `${method} ${path}`
    requests.push({ line, init })
    const own = world.answers?.[line.replace(/\?.*/, '')]
    const value: unknown = typeof own === 'function' ? await own(init, path) : own
    if (value instanceof Error) throw value
    return value ?? usual(world, method, path, init)
  }
  // The real requests: only what goes over the line is played.
  const api = createApi({
    server: 'https://calls.example.com',
    getToken: async () => 'token',
    signsIn: world.signsIn ?? false,
    backoff: () => 0,
    async fetch(url, init) {
      const { pathname, search } = new URL(String(url))
      const headers = Object.fromEntries(new Headers(init?.headers))
      const given = init?.body
      const body: unknown = typeof given === 'string' ? JSON.parse(given) : (given ?? undefined)
      const method = init?.method ?? 'GET'
      const answered = answer(method, `${pathname}${search}`, { headers, body })
      const empty = pathname.includes('/actions/') ? 202 : 204
      return answered.then((value) => toResponse(value, empty), toProblem)
    },
  })
  const hello: HelloView = {
    now: new Date(NOW).toISOString(),
    resumedFrom: null,
    epoch: '1',
    calls: [...(world.calls ?? [])],
    drafts: {},
    dismissed: [...(world.dismissed ?? [])],
    controls: world.me?.controls ?? {},
  }
  const client = createClient({
    api,
    now: () => NOW,
    openStream(options) {
      onEvent = options.onEvent
      onState = options.onState
      setTimeout(() => {
        onState('open', null)
        onEvent('hello', hello)
      })
      return { wake: () => undefined, close: () => undefined }
    },
  })
  return {
    client,
    requests,
    push: (event, data) => onEvent(event, data),
    setState: (state, reason) => onState(state, reason),
  }
}

function toResponse(value: unknown, empty: number): Response {
  if (value instanceof Response) return value
  if (value === null || value === undefined) return new Response(null, { status: empty })
  return Response.json(value)
}

/** An error as the server says it; status 0: the server is not there. */
function toProblem(error: unknown): Response {
  if (!(error instanceof ApiError)) throw error
  if (error.status === 0) throw new TypeError('Failed to fetch')
  const { status, code, message: detail, errors, current } = error
  const type = `https://ringside.example/problems/${code}`
  const problem = { type, title: detail, status, detail, errors, ...(current && { current }) }
  const headers = { 'content-type': 'application/problem+json' }
  return new Response(JSON.stringify(problem), { status, headers })
}

/** A refusal of the server, as in `problem.ts`. */
export function refusal(code: string, detail: string): ApiError {
  return new ApiError(409, { type: `https://ringside.example/problems/${code}`, detail })
}

function usual(world: World, method: string, path: string, init: RequestOptions): unknown {
  const url = new URL(path, 'http://server')
  const [, , kind, id, part] = url.pathname.split('/')
  if (kind === 'me') return id === undefined ? (world.me ?? ME) : null
  if (kind === 'agents') return { items: world.agents ?? AGENTS, next: null }
  if (kind === 'queues') return { items: world.queues ?? [], next: null }
  if (kind === 'dial') return dialled(String((init.body as { number?: unknown }).number))
  if (kind === 'calls' && part === 'actions') return null
  if (kind === 'fields') return { items: world.fields ?? [], next: null }
  if (kind === 'recordings') {
    return {
      id,
      audioUrl: silence(),
      audioUrlExpiresAt: at(-3600),
      callId: null,
      mime: 'audio/wav',
      bytes: 1,
      seconds: 1,
    }
  }
  if (kind === 'users') return usersAnswer(world, method, id, url, init)
  if (kind === 'cases') return casesAnswer(world, method, id, part, url)
  if (kind === 'calls' && part === 'draft')
    return { ...(init.body as object), updatedAt: at(0), updatedBy: 'agent-1' }
  const call = world.calls?.find((one) => one.id === id)
  if (kind === 'calls' && part === 'user') return { ...call, ...(init.body as object) }
  if (kind === 'calls' && (part === 'dismiss' || part === 'close')) return null
  if (kind === 'calls' && call !== undefined && part === undefined) return call
  throw new ApiError(404, { title: 'Not found' })
}

function usersAnswer(
  world: World,
  method: string,
  id: string | undefined,
  url: URL,
  init: RequestOptions,
) {
  const users = world.users ?? []
  const ids = url.searchParams.get('ids')
  if (ids !== null) return { items: users.filter((one) => ids.split(',').includes(one.id)) }
  if (id === undefined) {
    const q = (url.searchParams.get('q') ?? '').toLowerCase()
    const items = users.filter((one) => JSON.stringify(one).toLowerCase().includes(q))
    return { items, next: null }
  }
  const user = users.find((one) => one.id === id)
  if (user === undefined) throw new ApiError(404, { title: 'Not found' })
  return method === 'PATCH' ? { ...user, ...(init.body as object), updatedAt: at(0) } : user
}

function casesAnswer(
  world: World,
  method: string,
  id: string | undefined,
  part: string | undefined,
  url: URL,
) {
  const cases = world.cases ?? []
  if (part === 'history') {
    return {
      items: [
        {
          at: at(86_000),
          agentId: 'agent-2',
          kind: 'status',
          from: 'open',
          to: 'pending',
          rule: null,
        },
        { at: at(90_000), agentId: null, kind: 'created', from: null, to: null, rule: 'CASE-4' },
      ],
      next: null,
    }
  }
  if (id === undefined) {
    return casesPage(world, cases, url.searchParams)
  }
  const found = cases.find((one) => one.id === id)
  if (found === undefined) throw new ApiError(404, { title: 'Not found' })
  return method === 'GET' || part === undefined ? found : null
}

function casesPage({ me = ME }: World, cases: readonly CaseView[], query: URLSearchParams) {
  const assignees: Record<string, string | null> = { me: me.id, none: null }
  const asked = query.get('assigneeId')
  const assigneeId = asked === null || !(asked in assignees) ? asked : assignees[asked]
  const text = (query.get('q') ?? '').toLowerCase()
  const found = cases
    .filter(
      (one) =>
        (query.get('userId') ?? one.userId) === one.userId &&
        (query.get('handset') ?? one.handset) === one.handset &&
        (query.get('status') ?? one.status).split(',').includes(one.status) &&
        (asked === null || one.assigneeId === assigneeId) &&
        one.createdAt >= (query.get('from') ?? '') &&
        one.createdAt < (query.get('to') ?? '9999') &&
        one.subject.toLowerCase().includes(text),
    )
    .map(({ messages: _messages, ...rest }) => rest)
  if (query.get('sort') === 'updated') {
    found.sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt))
  }
  const start = Number(query.get('cursor') ?? 0)
  const end = start + Number(query.get('limit') ?? 50)
  return { items: found.slice(start, end), next: end < found.length ? String(end) : null }
}

/** What `POST /api/dial` answers: my phone is about to ring. */
export function dialled(number: string): CallView {
  return callView({
    id: 'call-dialled',
    direction: 'outgoing',
    state: 'started',
    ringingAt: null,
    startedAt: at(0),
    from: phoneView('101'),
    to: phoneView(number),
    agentId: 'agent-1',
    legs: [],
  })
}

/** A tenth of a second of silence, as a wav file. */
function silence(): string {
  const bytes = wavOf(new Int16Array(800))
  return URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }))
}
