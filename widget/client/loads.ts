/** What the stream does not bring is loaded: once, again after a hole in the stream, in hidden tabs when they are looked at. */
import type {
  CallView,
  CaseSummaryView,
  CaseView,
  ColleagueView,
  MeView,
  UserView,
} from '../../server/http/schemas.ts'
import type { Api } from './api.ts'
import { selectCurrentCalls, selectPopups, userIdsOf } from './select.ts'
import type { FieldView, LoadState, Message, State } from './state.ts'

interface ListOf<T> {
  readonly items: readonly T[]
}

export interface LoadsOptions {
  readonly api: Api
  readonly dispatch: (message: Message) => void
  readonly state: () => State
  readonly now: () => number
  readonly onError: (error: unknown) => void
  /** Nobody looks at this tab. */
  readonly isHidden: () => boolean
}

export interface Loads {
  readonly needUser: (id: string) => void
  readonly needCasesOf: (userId: string) => void
  readonly needMissed: () => void
  readonly loadCase: (id: string) => Promise<CaseView>
  readonly loadCall: (id: string) => Promise<CallView>
  /** Who I am decides what the calls of the stream mean: asked first, again until answered. */
  readonly needMe: () => void
  /** Takes up what a message makes necessary to load. */
  readonly follow: (message: Message, before: State) => void
  /** Loads what was put off. */
  readonly catchUp: () => void
}

/** Creates the loading part of a client. */
export function createLoads(options: LoadsOptions): Loads {
  const { api, dispatch, now } = options
  const changed = new Set<string>()
  let isStale = false
  let isAskingMe = false

  const quietly = (loading: Promise<unknown>): void => void loading.catch(options.onError)

  async function load(key: string, run: () => Promise<void>): Promise<void> {
    dispatch({ type: 'load', key, state: 'loading' })
    try {
      await run()
      dispatch({ type: 'load', key, state: 'done' })
    } catch (error) {
      dispatch({ type: 'load', key, state: 'failed' })
      options.onError(error)
    }
  }

  function need(key: string, run: () => Promise<void>): void {
    if (!options.state().loads.has(key)) void load(key, run)
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
    const had = options.state().cases
    const { items } = await api.get<ListOf<CaseSummaryView>>(path)
    const { loads } = options.state()
    const ids = new Set(items.flatMap(({ userId }) => userId ?? []))
    const unknown = [...ids].filter((id) => loads.get(`user:${id}`) === undefined)
    const mark = (state: LoadState) => {
      for (const id of unknown) dispatch({ type: 'load', key: `user:${id}`, state })
    }
    mark('loading')
    dispatch({ type: 'cases', items, had })
    if (unknown.length === 0) return
    try {
      // Many people, one question.
      const users = await api.get<ListOf<UserView>>(`/api/users?ids=${unknown.join()}`)
      for (const user of users.items) dispatch({ type: 'user', user })
      mark('done')
    } catch (error) {
      mark('failed')
      throw error
    }
  }

  async function loadCall(id: string): Promise<CallView> {
    const call = await api.get<CallView>(`/api/calls/${encodeURIComponent(id)}`)
    dispatch({ type: 'call', call, now: now() })
    return call
  }

  async function loadCase(id: string): Promise<CaseView> {
    const found = await api.get<CaseView>(`/api/cases/${encodeURIComponent(id)}`)
    dispatch({ type: 'case-loaded', case: found })
    if (found.userId !== null) needUser(found.userId)
    return found
  }

  async function loadMe(): Promise<void> {
    if (isAskingMe) return
    isAskingMe = true
    await api.get<MeView>('/api/me').then((me) => dispatch({ type: 'me', me }), options.onError)
    isAskingMe = false
  }

  async function loadTeam(): Promise<void> {
    const { items } = await api.get<ListOf<ColleagueView>>('/api/agents')
    dispatch({ type: 'agents', items })
  }

  async function loadFields(): Promise<void> {
    const { items } = await api.get<ListOf<FieldView>>('/api/fields')
    dispatch({ type: 'fields', items })
  }

  /** After a hole in the stream what was loaded may be old; elements ask again for what they show. */
  function loadAgain(): void {
    dispatch({ type: 'forget-loads' })
    const { unsure, messages } = options.state()
    for (const id of unsure) loadCall(id).catch(() => dispatch({ type: 'call-gone', callId: id }))
    for (const id of messages.keys()) changed.add(id)
    quietly(loadTeam())
    quietly(loadFields())
    void load('missed', loadMissed)
  }

  function catchUp(): void {
    // Thirty tabs must not ask thirty times about each call.
    if (options.isHidden() && !options.state().isLeader) return
    if (isStale) {
      isStale = false
      loadAgain()
    }
    const cases = [...changed]
    changed.clear()
    for (const id of cases) quietly(loadCase(id))
    const state = options.state()
    const calls = [...selectPopups(state).map((entry) => entry.call), ...selectCurrentCalls(state)]
    for (const id of calls.flatMap(userIdsOf)) {
      needUser(id)
      needCasesOf(id)
    }
  }

  function follow(message: Message, before: State): void {
    if (message.type === 'hello') {
      const isHole = message.hello.resumedFrom === null
      isStale ||= isHole || !before.isReady
      // What I may do can have changed meanwhile.
      if (isHole && before.isReady) void loadMe()
    }
    // Without it nothing rings: asked for until it is answered.
    if (options.state().me === null) void loadMe()
    if (message.type === 'case' && message.case.message === null) {
      if (options.state().messages.has(message.case.id)) changed.add(message.case.id)
    }
    catchUp()
  }

  return {
    needUser,
    needCasesOf,
    needMissed: () => need('missed', loadMissed),
    loadCase,
    loadCall,
    needMe() {
      if (options.state().me === null) void loadMe()
    },
    follow,
    catchUp,
  }
}
