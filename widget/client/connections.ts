/** The connections of this page: one per server and agent, shared by all elements, closed after the last. */
import type { Client } from './client.ts'
import { type Connection, connect } from './connect.ts'
import { subjectOf } from './token.ts'

/** Whom an element wants to speak for, and where. */
export interface Wish {
  readonly server: string
  readonly token: string | null
  readonly tokenUrl: string | null
  /** The agent signs in by a personal link where there is no token. */
  readonly signIn: boolean
}

/** The element that holds a connection. */
export interface Holder {
  readonly host: HTMLElement
  /** One `<ringside-widget>` of a connection shows calls: the first; others wait for it to go. */
  readonly isWidget: boolean
  readonly onError: (error: unknown) => void
  /** It has become the first. */
  readonly onFirst: () => void
  /** The connection has ended by itself: the page is another agent's now. */
  readonly onOver: () => void
}

/** A share in a connection. */
export interface Lease {
  readonly client: Client
  readonly isFirst: boolean
  /** Takes a new token of the same agent; false where another connection is wanted. */
  readonly renew: (wish: Wish) => boolean
  /** `isOver`: nobody is coming back for it. */
  readonly release: (isOver: boolean) => void
}

interface Entry {
  wish: Wish
  readonly connection: Connection
  readonly holders: Set<Holder>
  /** Those who speak for no agent of their own: they do not keep it. */
  readonly guests: Set<Holder>
  closing: ReturnType<typeof setTimeout> | undefined
}

/** Frameworks take an element out and make it anew: its stream and what was open wait this long for it. */
const LINGER_MS = 1000

const entries = new Set<Entry>()
const waiting = new Set<() => void>()

/** A share in the connection that the wish means, which is made where there is none. */
export function acquire(wish: Wish, holder: Holder): Lease {
  let entry = find(wish)
  if (entry === undefined) {
    entry = create(wish)
    for (const look of waiting) queueMicrotask(look)
  }
  return share(entry, wish, holder)
}

/** Looks on at a connection that somebody else on the page has made to that server, while it is there. */
export function borrow(server: string, holder: Holder): Lease | null {
  const found = [...entries].filter((one) => one.wish.server === server)
  const entry = found.find((one) => firstOf(one) !== undefined) ?? found[0]
  if (entry === undefined) return null
  entry.guests.add(holder)
  return {
    client: entry.connection.client,
    isFirst: false,
    renew: () => false,
    release: () => void entry.guests.delete(holder),
  }
}

/** The `<ringside-widget>` of the page that shows the calls of a client. */
export function widgetOf(client: Client): HTMLElement | null {
  const entry = [...entries].find((one) => one.connection.client === client)
  return (entry && firstOf(entry)?.host) ?? null
}

/** Tells of new connections; returns the end of it. */
export function onConnection(look: () => void): () => void {
  waiting.add(look)
  return () => waiting.delete(look)
}

function create(wish: Wish): Entry {
  const holders = new Set<Holder>()
  const onError = (error: unknown) => {
    for (const holder of holders) holder.onError(error)
  }
  const onOtherAgent = () => end(entry)
  const connection = connect({ ...wish, onError, onOtherAgent })
  const guests = new Set<Holder>()
  const entry: Entry = { wish, connection, holders, guests, closing: undefined }
  entries.add(entry)
  return entry
}

/** Whoever still looks at it looks for another one. */
function end(entry: Entry): void {
  if (!entries.delete(entry)) return
  for (const holder of [...entry.holders, ...entry.guests]) queueMicrotask(holder.onOver)
  // Its own code may be what ended it.
  queueMicrotask(() => entry.connection.client.close())
}

function share(entry: Entry, wish: Wish, holder: Holder): Lease {
  const { connection, holders } = entry
  clearTimeout(entry.closing)
  entry.closing = undefined
  holders.add(holder)
  if (wish.token !== null && wish.token !== entry.wish.token) renew(entry, wish)
  return {
    client: connection.client,
    get isFirst() {
      return firstOf(entry) === holder
    },
    renew: (next) => renew(entry, next),
    release(isOver) {
      const wasFirst = firstOf(entry) === holder
      if (!holders.delete(holder)) return
      if (wasFirst) firstOf(entry)?.onFirst()
      if (holders.size === 0) entry.closing = setTimeout(end, isOver ? 0 : LINGER_MS, entry)
    },
  }
}

function renew(entry: Entry, wish: Wish): boolean {
  if (wish.server !== entry.wish.server || wish.signIn !== entry.wish.signIn) return false
  if (isByKey(wish) || isByKey(entry.wish)) return isByKey(wish) && isByKey(entry.wish)
  // Another address may give another agent's tokens.
  if (wish.token === null && wish.tokenUrl !== entry.wish.tokenUrl) return false
  if (!entry.connection.renew(wish.token, wish.tokenUrl)) return false
  entry.wish = wish
  return true
}

/** Signs in by the key that this browser keeps. */
function isByKey({ token, tokenUrl }: Wish): boolean {
  return token === null && tokenUrl === null
}

function firstOf(entry: Entry): Holder | undefined {
  return [...entry.holders].find((one) => one.isWidget)
}

function find(wish: Wish): Entry | undefined {
  return [...entries].find((one) => one.wish.server === wish.server && isSame(one.wish, wish))
}

/** The same agent, as far as it can be known without asking. */
function isSame(one: Wish, other: Wish): boolean {
  if (one.token === null || other.token === null) {
    if (one.tokenUrl !== null) return one.tokenUrl === other.tokenUrl
    return one.token === other.token && one.signIn && other.signIn
  }
  if (one.token === other.token) return true
  const subject = subjectOf(one.token)
  return subject !== null && subject === subjectOf(other.token)
}
