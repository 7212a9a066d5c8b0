/** One agent's link to one server: keeps the state, loads what it lacks, sends what the agent does. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { CallView, CaseView } from '../../server/http/schemas.ts'
import { type Api, ApiError } from './api.ts'
import { createDrafts, type Drafts } from './drafts.ts'
import { createLoads } from './loads.ts'
import { EVENTS, toMessage, toSnapshot } from './messages.ts'
import { selectIsTimed } from './select.ts'
import { emptyState, type Message, reduce, type State } from './state.ts'
import type { Stream, StreamOptions } from './stream.ts'
import type { SharedOptions } from './tabs.ts'

export type Listener = (message: Message, before: State, after: State) => void

export type OpenStream = (
  options: Pick<StreamOptions, 'events'> & Omit<SharedOptions, 'name' | 'open'>,
) => Stream

export interface ClientOptions {
  readonly api: Api
  readonly openStream: OpenStream
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
    if (['tick', 'load', 'forget-loads'].includes(message.type)) return
    loads.follow(message, before)
    keepTime()
    if (before.connection !== 'open' && state.connection === 'open') drafts.retry()
  }

  function keepTime(): void {
    const isTimed = selectIsTimed(state)
    if (isTimed && ticking === undefined) ticking = setInterval(tick, 1000)
    if (!isTimed && ticking !== undefined) {
      clearInterval(ticking)
      ticking = undefined
    }
  }

  function tick(): void {
    dispatch({ type: 'tick', now: now() })
    keepTime()
  }

  const onError = (error: unknown): void => options.onError?.(error)
  const loads = createLoads({
    api,
    dispatch,
    state: () => state,
    now,
    onError,
    isHidden: () => globalThis.document?.hidden === true,
  })
  const drafts = createDrafts({ api, dispatch, get: (callId) => state.drafts.get(callId) ?? null })

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
      loads.needMe()
      stream ??= options.openStream({
        events: EVENTS,
        onEvent: (event, data) => {
          try {
            const message = toMessage(event, data, now())
            if (message !== null) dispatch(message)
          } catch (error) {
            // One event that makes no sense: those after it, and the page, hear nothing of it.
            onError(error)
          }
        },
        onState: (next, reason) => {
          dispatch({ type: 'connection', state: next })
          if (reason !== null && next === 'refused') onError(new ApiError(401, { title: reason }))
        },
        onLeader: (isLeader) => dispatch({ type: 'leader', isLeader }),
        onWake: loads.catchUp,
        onLeave: drafts.flush,
        snapshot: () => toSnapshot(state, now()),
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
    needUser: loads.needUser,
    needCasesOf: loads.needCasesOf,
    needMissed: loads.needMissed,
    loadCase: loads.loadCase,
    loadCall: loads.loadCall,
    async dismiss(callId) {
      await api.send('POST', `/api/calls/${callId}/dismiss`)
      dispatch({ type: 'dismissed', callId })
    },
  }
}

/** Renders its element again whenever the client's state changes. */
export class ClientController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { client: Client | null }
  #stop: (() => void) | null = null
  #client: Client | null = null
  #isConnected = false

  constructor(host: ReactiveControllerHost & { client: Client | null }) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#isConnected = true
    this.#follow()
  }

  /** Lit also draws what has been taken out meanwhile, and nobody would take it off the list again. */
  hostUpdate(): void {
    if (this.#isConnected) this.#follow()
  }

  hostDisconnected(): void {
    this.#isConnected = false
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
