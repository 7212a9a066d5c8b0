/** One agent's link to one server: keeps the state, loads what it lacks, sends what the agent does. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type {
  CallView,
  CaseEventView,
  CaseSummaryView,
  CaseView,
  ColleagueView,
  DraftView,
  HelloView,
  MeView,
  RecordingView,
  UserView,
} from '../../server/http/schemas.ts'
import { type Api, ApiError } from './api.ts'
import type { Controls, Queue } from './control-types.ts'
import { createDrafts, type Drafts } from './drafts.ts'
import { selectCurrentCalls, selectIsTimed, selectPopups, userIdsOf } from './select.ts'
import { emptyState, type FieldView, type Message, reduce, type State } from './state.ts'
import type { Stream, StreamOptions } from './stream.ts'

interface ListOf<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

export type Listener = (message: Message, before: State, after: State) => void

export interface ClientOptions {
  readonly api: Api
  readonly openStream: (options: Pick<StreamOptions, 'events' | 'onEvent' | 'onState'>) => Stream
  readonly now?: () => number
  /** Told of what went wrong with nobody waiting for it. */
  readonly onError?: (error: unknown) => void
}

export interface Client {
  readonly state: State
  readonly drafts: Drafts
  /** For the parts of the client that load later: elements use neither. */
  readonly api: Api
  readonly dispatch: (message: Message) => void
  readonly now: () => number
  readonly subscribe: (listener: Listener) => () => void
  readonly start: () => void
  readonly wake: () => void
  readonly close: () => void
  /** Loads a user once. */
  readonly needUser: (id: string) => void
  /** Loads the cases of a user once. */
  readonly needCasesOf: (userId: string) => void
  /** Loads the open missed-call cases once. */
  readonly needMissed: () => void
  readonly loadCase: (id: string) => Promise<CaseView>
  readonly loadCall: (id: string) => Promise<CallView>
  readonly dismiss: (callId: string) => Promise<void>
}

const EVENTS = [
  'hello',
  'call',
  'case',
  'user',
  'recording',
  'agent',
  'controls',
  'queue',
  'settings',
  'dismissed',
  'draft',
] as const

/** Creates the client; nothing goes out before `start()`. */
export function createClient(options: ClientOptions): Client {
  const { api } = options
  const now = options.now ?? Date.now
  const listeners = new Set<Listener>()
  let state = emptyState
  let stream: Stream | null = null
  let ticking: ReturnType<typeof setInterval> | undefined
  let isClosed = false

  function dispatch(message: Message): void {
    if (isClosed) return
    const before = state
    state = reduce(before, message)
    if (state === before) return
    for (const listener of listeners) listener(message, before, state)
    if (!['tick', 'load', 'forget-loads'].includes(message.type)) follow(message)
  }

  /** What a change makes necessary to load, and whether time matters. */
  function follow(message: Message): void {
    if (message.type === 'hello') afterHello(message.hello)
    const calls = [...selectPopups(state).map((entry) => entry.call), ...selectCurrentCalls(state)]
    for (const id of calls.flatMap(userIdsOf)) {
      needUser(id)
      needCasesOf(id)
    }
    if (message.type === 'case' && message.case.message === null) refresh(message.case.id)
    const isTimed = selectIsTimed(state)
    if (isTimed && ticking === undefined) ticking = setInterval(tick, 1000)
    if (!isTimed && ticking !== undefined) {
      clearInterval(ticking)
      ticking = undefined
    }
  }

  function tick(): void {
    dispatch({ type: 'tick', now: now() })
    if (!selectIsTimed(state)) follow({ type: 'tick', now: now() })
  }

  /** After a hole in the stream what was loaded may be old. */
  function afterHello(hello: HelloView): void {
    if (hello.resumedFrom !== null) return
    dispatch({ type: 'forget-loads' })
    for (const id of state.unsure)
      loadCall(id).catch(() => dispatch({ type: 'call-gone', callId: id }))
    for (const id of Object.keys(state.messages)) refresh(id)
    void load('missed', loadMissed)
  }

  function refresh(caseId: string): void {
    if (state.messages[caseId] !== undefined) loadCase(caseId).catch(quietly)
  }

  function quietly(error: unknown): void {
    options.onError?.(error)
  }

  async function load(key: string, run: () => Promise<void>): Promise<void> {
    dispatch({ type: 'load', key, state: 'loading' })
    try {
      await run()
      dispatch({ type: 'load', key, state: 'done' })
    } catch (error) {
      dispatch({ type: 'load', key, state: 'failed' })
      quietly(error)
    }
  }

  function need(key: string, run: () => Promise<void>): void {
    if (state.loads[key] === undefined) void load(key, run)
  }

  function needUser(id: string): void {
    need(`user:${id}`, async () => {
      dispatch({ type: 'user', user: await api.get<UserView>(`/api/users/${id}`) })
    })
  }

  function needCasesOf(userId: string): void {
    need(`cases:${userId}`, async () => {
      const path = `/api/cases?userId=${encodeURIComponent(userId)}&limit=50`
      const { items } = await api.get<ListOf<CaseSummaryView>>(path)
      dispatch({ type: 'cases', items })
    })
  }

  async function loadMissed(): Promise<void> {
    const path = '/api/cases?handset=red&status=open,pending&limit=200'
    const { items } = await api.get<ListOf<CaseSummaryView>>(path)
    dispatch({ type: 'cases', items })
    for (const id of items.map((one) => one.userId)) if (id !== null) needUser(id)
  }

  async function loadCall(id: string): Promise<CallView> {
    const call = await api.get<CallView>(`/api/calls/${id}`)
    dispatch({ type: 'call', call, now: now() })
    return call
  }

  async function loadCase(id: string): Promise<CaseView> {
    const found = await api.get<CaseView>(`/api/cases/${id}`)
    dispatch({ type: 'case-loaded', case: found })
    if (found.userId !== null) needUser(found.userId)
    return found
  }

  const drafts = createDrafts({ api, dispatch, get: (callId) => state.drafts[callId] ?? null })

  async function startUp(): Promise<void> {
    dispatch({ type: 'me', me: await api.get<MeView>('/api/me') })
    const [agents, fields] = await Promise.allSettled([
      api.get<ListOf<ColleagueView>>('/api/agents'),
      api.get<ListOf<FieldView>>('/api/fields'),
    ])
    if (agents.status === 'fulfilled') dispatch({ type: 'agents', items: agents.value.items })
    if (fields.status === 'fulfilled') dispatch({ type: 'fields', items: fields.value.items })
  }

  /** Who I am decides what the calls of the stream mean: asked first, again until answered. */
  async function ensureMe(): Promise<void> {
    if (state.me !== null || isStarting || isClosed) return
    isStarting = true
    await startUp().catch(quietly)
    isStarting = false
  }
  let isStarting = false

  return {
    get state() {
      return state
    },
    drafts,
    api,
    dispatch,
    now,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start() {
      void ensureMe()
      stream ??= options.openStream({
        events: EVENTS,
        onEvent: (event, data) => {
          if (event === 'hello') void ensureMe()
          const message = toMessage(event, data, now())
          if (message !== null) dispatch(message)
        },
        onState: (next, reason) => {
          dispatch({ type: 'connection', state: next })
          if (reason !== null && next === 'refused') quietly(new ApiError(401, { title: reason }))
        },
      })
    },
    wake: () => stream?.wake(),
    close() {
      drafts.flush()
      isClosed = true
      clearInterval(ticking)
      stream?.close()
      listeners.clear()
    },
    needUser,
    needCasesOf,
    needMissed: () => need('missed', loadMissed),
    loadCase,
    loadCall,
    async dismiss(callId) {
      await api.send('POST', `/api/calls/${callId}/dismiss`)
      dispatch({ type: 'dismissed', callId })
    },
  }
}

/** A stream event as a message; null for events of a newer server that this widget does not know. */
function toMessage(event: string, data: unknown, now: number): Message | null {
  // The shapes are the contract's: the server made them with the schemas these types come from.
  switch (event as (typeof EVENTS)[number]) {
    case 'hello':
      return { type: 'hello', hello: data as HelloView, now }
    case 'call':
      return { type: 'call', call: data as CallView, now }
    case 'case':
      return { type: 'case', case: data as CaseEventView }
    case 'user':
      return { type: 'user', user: data as UserView }
    case 'recording':
      return { type: 'recording', recording: data as RecordingView }
    case 'agent':
      return { type: 'agents', items: [data as ColleagueView] }
    case 'controls':
      return { type: 'controls', controls: (data as { controls: Controls }).controls }
    case 'queue':
      return { type: 'queue', items: [data as Queue] }
    case 'settings':
      return { type: 'fields', items: (data as { fields: FieldView[] }).fields }
    case 'dismissed':
      return { type: 'dismissed', callId: (data as { callId: string }).callId }
    case 'draft': {
      const { callId, ...draft } = data as DraftView & { callId: string }
      return { type: 'draft-heard', callId, draft: { ...draft, sync: 'saved' } }
    }
    default:
      return null
  }
}

/** Renders its element again whenever the client's state changes. */
export class ClientController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { client: Client | null }
  #stop: (() => void) | null = null
  #client: Client | null = null

  constructor(host: ReactiveControllerHost & { client: Client | null }) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#follow()
  }

  hostUpdate(): void {
    this.#follow()
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#stop = null
    this.#client = null
  }

  #follow(): void {
    if (this.#client === this.#host.client) return
    this.#stop?.()
    this.#client = this.#host.client
    this.#stop = this.#client?.subscribe(() => this.#host.requestUpdate()) ?? null
  }
}
