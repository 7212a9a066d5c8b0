import type { PostgresJSDialectConfig } from 'kysely-postgres-js'
import postgres from 'postgres'
import { createMuteWatch } from './mute-connections.ts'
import { databaseTrouble } from './trouble.ts'

/** What Kysely's dialect uses of a postgres.js client. */
type DialectClient = Extract<PostgresJSDialectConfig['postgres'], { reserve: unknown }>
type Client = ReturnType<typeof connect>
type Reserved = Awaited<ReturnType<DialectClient['reserve']>>

/** One connection in a client of its own; once it was lost it is never used again. */
interface Slot {
  readonly client: Client
  /** The process of PostgreSQL at its other end; null until its first answer. */
  pid: number | null
  isLost: boolean
}

/** Who waits until one of the connections is free. */
interface InLine {
  readonly since: number
  resolve(slot: Slot): void
  reject(error: Error): void
}

interface Pool {
  reserve(): Promise<Pick<Reserved, 'unsafe' | 'release'>>
  end(): Promise<void>
}

/** Whoever has been in line for so long when PostgreSQL is found to be away is told so, and is not the next to find out. */
const IN_LINE_MS = 5000

/** What is still asked when the pool ends has so long; a connection that is mute would be waited for without end. */
export const END_S = 5

/**
 * Connections for Kysely, each of them a postgres.js client with one connection that lives until it
 * is lost. The driver's own pool reserves a connection for a transaction and goes on writing to it
 * when PostgreSQL is gone: that is an exception which nobody can catch and ends the process, and a
 * write that was under way when the socket closed leaves the connection mute for good
 * (https://github.com/porsager/postgres/issues/1208, seen in 3.4.9).
 */
export function createPostgresPool(
  options: postgres.Options<PoolTypes>,
  url: string,
  max: number,
  /** How often to look after queries that have no answer. */
  lookEveryMs?: number,
) {
  const slots = new Set<Slot>()
  const idle: Slot[] = []
  const waiting: InLine[] = []
  const watch = createMuteWatch(url, options, lookEveryMs)
  let isEnded = false

  const drop = (slot: Slot): void => {
    if (slot.isLost) return
    slot.isLost = true
    slots.delete(slot)
    const at = idle.indexOf(slot)
    if (at !== -1) idle.splice(at, 1)
    // Its socket may be gone already; there is nothing to wait for.
    slot.client.end({ timeout: 0 }).catch(() => undefined)
  }
  /** The network has forgotten this connection: those that lie idle since may be forgotten, too. */
  const dropMute = (slot: Slot): void => {
    drop(slot)
    for (const each of [...idle]) drop(each)
  }
  const open = (): Slot => {
    const slot: Slot = {
      pid: null,
      isLost: false,
      client: connect(url, { ...options, onclose: () => drop(slot) }),
    }
    slots.add(slot)
    return slot
  }
  const release = (slot: Slot): void => {
    const next = waiting.shift()
    if (next !== undefined) next.resolve(slot.isLost ? open() : slot)
    else if (!slot.isLost) idle.push(slot)
  }
  const take = (): Promise<Slot> | Slot => {
    const free = idle.pop()
    if (free !== undefined) return free
    if (slots.size < max) return open()
    return new Promise((resolve, reject) => {
      waiting.push({ since: performance.now(), resolve, reject })
    })
  }
  const refuseWaiting = (): void => {
    const before = performance.now() - IN_LINE_MS
    const late = waiting.filter(({ since }) => since <= before)
    for (const each of waiting.splice(0, late.length)) each.reject(connectionLost())
  }
  const ask = async (slot: Slot, query: Parameters<Client['unsafe']>): Promise<unknown> => {
    const answered = watch.begin({
      get pid() {
        return slot.pid
      },
      onMute: () => dropMute(slot),
    })
    try {
      const rows = await slot.client.unsafe(...query)
      slot.pid = rows.state.pid
      return rows
    } finally {
      answered()
    }
  }
  const run = async (slot: Slot, ...query: Parameters<Client['unsafe']>): Promise<unknown> => {
    // The transaction went with the connection: what is left of it must not run on another one.
    const isRollback = query[0] === 'rollback'
    if (slot.isLost && !isRollback) throw connectionLost()
    try {
      return slot.isLost ? [] : await ask(slot, query)
    } catch (error) {
      if (databaseTrouble(error) !== 'away') throw error
      drop(slot)
      refuseWaiting()
      // It is rolled back; saying otherwise would hide the error that came first.
      if (isRollback) return []
      throw error
    }
  }
  const pool: Pool = {
    reserve: async () => {
      if (isEnded) throw connectionLost()
      const slot = await take()
      return {
        unsafe: ((text: string, ...rest: Rest<Parameters<Client['unsafe']>>) =>
          run(slot, shared(text), ...rest)) as unknown as Reserved['unsafe'],
        release: () => release(slot),
      }
    },
    end: async () => {
      isEnded = true
      await Promise.all([...slots].map((slot) => slot.client.end({ timeout: END_S })))
    },
  }
  return {
    /** The dialect asks nothing else of a client. */
    client: async () => pool as unknown as DialectClient,
  }
}

type Rest<T extends readonly unknown[]> = T extends readonly [unknown, ...infer R] ? R : never

/** More than there are statements: what is made of a text once is no leak. */
const MAX_TEXTS = 2000
const texts = new Map<string, string>()

/**
 * The same text for every connection, each of which keeps what it has prepared: Kysely writes a statement each time
 * anew, in a hundred pieces that are kept with it (HOLD-12).
 */
function shared(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= MAX_TEXTS) texts.clear()
  const whole = Buffer.from(text).toString()
  texts.set(whole, whole)
  return whole
}

type PoolTypes = Record<string, postgres.PostgresType>

function connect(url: string, options: postgres.Options<PoolTypes>) {
  return postgres(url, {
    ...options,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    // Asked for behind our back: when the connection is lost meanwhile, nobody hears the error.
    fetch_types: false,
  })
}

function connectionLost(): Error {
  return Object.assign(new Error('the connection to PostgreSQL was lost'), {
    code: 'CONNECTION_LOST',
  })
}
