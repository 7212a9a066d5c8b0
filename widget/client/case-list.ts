/** A list of cases as an agent looks at it: pages, filters, and what changes meanwhile (CASE-14). */
import type { CaseSummaryView, UserView } from '../../server/http/schemas.ts'
import { type CaseQuery, firstQuery, fits, toParams } from './case-query.ts'
import { createCaseUsers } from './case-users.ts'
import type { Client } from './client.ts'
import type { Message } from './state.ts'

export interface CaseRow {
  readonly case: CaseSummaryView
  /** It fits no longer, and stays only until the agent has looked away. */
  readonly isGone: boolean
}

export interface CaseList {
  readonly query: CaseQuery
  readonly rows: readonly CaseRow[]
  /** Cases that came or moved up while the agent was reading. */
  readonly waiting: number
  readonly hasMore: boolean
  /** There are more than a list can hold: a narrower filter is wanted. */
  readonly isFull: boolean
  readonly state: 'loading' | 'more' | 'done' | 'failed'
  readonly error: unknown
  /** The row that was opened last: where to go on reading. */
  opened: string | null
  readonly userOf: (id: string | null) => UserView | undefined
  readonly ask: (change: Partial<CaseQuery>) => void
  readonly more: () => void
  readonly retry: () => void
  /** While the agent reads, rows keep their places. */
  readonly hold: (isHeld: boolean) => void
  /** Lets in what waits. */
  readonly letIn: () => void
  readonly subscribe: (listener: () => void) => () => void
  readonly close: () => void
}

interface Page {
  readonly items: readonly CaseSummaryView[]
  readonly next: string | null
}

const PAGE = 50
const MOST_AT_ONCE = 200
const MOST = 1000
const TYPING_MS = 200
const lists = new WeakMap<Client, CaseList>()

/** The list of the panel: what was filtered and read is there again when one comes back. */
export function panelListOf(client: Client): CaseList {
  const list = lists.get(client) ?? createCaseList(client)
  lists.set(client, list)
  return list
}

/** Creates a list; it asks for its first page at once, and follows the client until it is closed. */
export function createCaseList(client: Client): CaseList {
  const listeners = new Set<() => void>()
  let query = firstQuery
  let rows: CaseRow[] = []
  let waiting = new Map<string, CaseSummaryView>()
  let next: string | null = null
  let state: CaseList['state'] = 'loading'
  let error: unknown = null
  let isHeld = false
  /** More came than a list can hold: its end is not where its next page begins. */
  let isCut = false
  let opened: string | null = null
  let request = new AbortController()
  let typing: ReturnType<typeof setTimeout> | undefined

  const changed = () => {
    for (const listener of listeners) listener()
  }
  const users = createCaseUsers(client, changed)
  const userOf = users.of
  const needUsers = () => void users.need([...rows.map((row) => row.case), ...waiting.values()])

  /** From the top; `quietly`: what is shown stays until the answer is there. */
  async function load(limit = PAGE): Promise<void> {
    clearTimeout(typing)
    state = 'loading'
    waiting = new Map()
    const page = await ask(limit, null)
    if (page === null) return
    isCut = false
    rows = rowsOf(page.items)
    for (const row of rows) waiting.delete(row.case.id)
    taken(page)
  }

  async function loadMore(): Promise<void> {
    if (state !== 'done' || rows.length >= MOST) return
    if (isCut) return reload()
    if (next === null) return
    state = 'more'
    const page = await ask(PAGE, next)
    if (page === null) return
    const known = new Set(rows.map((row) => row.case.id))
    const fresh = page.items.filter((one) => !known.has(one.id) && !waiting.has(one.id))
    rows = [...rows, ...rowsOf(fresh)]
    taken(page)
  }

  /** A page, or null where the question is not asked any more or failed. */
  async function ask(limit: number, cursor: string | null): Promise<Page | null> {
    request.abort()
    const own = new AbortController()
    request = own
    changed()
    const params = toParams(query, serverNow())
    params.set('limit', String(limit))
    if (cursor !== null) params.set('cursor', cursor)
    try {
      const page = await client.api.get<Page>(`/api/cases?${params}`, { signal: own.signal })
      return own.signal.aborted ? null : page
    } catch (reason) {
      if (own.signal.aborted) return null
      error = reason
      state = 'failed'
      changed()
      return null
    }
  }

  function taken(page: Page): void {
    next = page.next
    state = 'done'
    error = null
    needUsers()
    if (!isHeld) settle()
    changed()
  }

  /** The cases as the stream has told of them since the page was read. */
  function rowsOf(items: readonly CaseSummaryView[]): CaseRow[] {
    const isIn = (one: CaseSummaryView) => fits(query, one, client.state, userOf(one.userId))
    return items.flatMap((found) => {
      const known = client.state.cases.get(found.id)
      if (known === undefined || known.version <= found.version) return row(found)
      return isIn(known) ? row(known) : []
    })
  }

  function serverNow(): number {
    return Math.max(client.state.now, client.now() + client.state.clockOffset)
  }

  // ---- changes ---------------------------------------------------------------

  function onMessage(message: Message): void {
    switch (message.type) {
      case 'case':
        onCase(message.case, message.case.withdrawnTo !== null)
        return
      case 'cases':
        for (const one of message.items) onCase(one, false)
        return
      case 'case-loaded':
        onCase(message.case, false)
        return
      case 'user':
        users.hear(message.user)
        return
      case 'hello':
        // A hole in the stream: what is shown may be old.
        if (message.hello.resumedFrom === null || state === 'failed') reload()
        return
      case 'connection':
        if (message.state === 'open' && state === 'failed') reload()
    }
  }

  function reload(): void {
    void load(Math.min(MOST_AT_ONCE, Math.max(PAGE, rows.length)))
  }

  function onCase(found: CaseSummaryView, isWithdrawn: boolean): void {
    const before = rows.find((one) => one.case.id === found.id)
    const known = before?.case ?? waiting.get(found.id)
    if (known !== undefined && known.version > found.version) return
    const isIn = !isWithdrawn && fits(query, found, client.state, userOf(found.userId))
    if (before !== undefined) {
      rows = rows.map((one) => (one === before ? row(found, !isIn) : one))
      // It would stand above what it stands among now.
      if (isIn && found.updatedAt !== before.case.updatedAt && rows[0]?.case.id !== found.id) {
        waiting.set(found.id, found)
      }
    }
    if (!isIn) waiting.delete(found.id)
    else if (before === undefined && isLoadedThatFar(found)) waiting.set(found.id, found)
    if (!isHeld && state !== 'loading') settle()
    needUsers()
    changed()
  }

  /** Older ones come with their page. */
  function isLoadedThatFar(found: CaseSummaryView): boolean {
    const last = rows.at(-1)
    return (next === null && !isCut) || last === undefined || byUpdate(found, last.case) < 0
  }

  function settle(): void {
    const stay = rows.filter((row) => !row.isGone && !waiting.has(row.case.id))
    const all = [...stay, ...[...waiting.values()].map((one) => row(one))]
    rows = all.sort((a, b) => byUpdate(a.case, b.case)).slice(0, MOST)
    isCut ||= all.length > MOST
    waiting = new Map()
  }

  const unsubscribe = client.subscribe(onMessage)
  void load()

  return {
    get query() {
      return query
    },
    get rows() {
      return rows
    },
    get waiting() {
      return waiting.size
    },
    get hasMore() {
      return (isCut || next !== null) && rows.length < MOST
    },
    get isFull() {
      return (isCut || next !== null) && rows.length >= MOST
    },
    get state() {
      return state
    },
    get error() {
      return error
    },
    get opened() {
      return opened
    },
    set opened(id) {
      opened = id
    },
    userOf,
    ask(change) {
      query = { ...query, ...change }
      clearTimeout(typing)
      if (change.text === undefined) void load()
      else typing = setTimeout(() => void load(), TYPING_MS)
      changed()
    },
    more: () => void loadMore(),
    retry: reload,
    hold(held) {
      if (isHeld === held) return
      isHeld = held
      if (held || state === 'loading') return
      settle()
      changed()
    },
    letIn() {
      settle()
      changed()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      clearTimeout(typing)
      request.abort()
      unsubscribe()
      listeners.clear()
    },
  }
}

function row(found: CaseSummaryView, isGone = false): CaseRow {
  return { case: found, isGone }
}

/** Newest change first, as the server orders them. */
function byUpdate(a: CaseSummaryView, b: CaseSummaryView): number {
  const [left, right] = [Date.parse(a.updatedAt), Date.parse(b.updatedAt)]
  if (left !== right) return right - left
  return a.id < b.id ? 1 : -1
}
