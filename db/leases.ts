import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { within } from './within.ts'

/** Things that one server process at a time has: each is a lock of a session of its own (ARI-3). */
export interface Leases {
  /** True where this process has it now, from before or from now on. */
  acquire(key: string): Promise<boolean>
  release(key: string): Promise<void>
  /** Throws where the session is gone or mute; what was held is lost then, and `onLost` was told. */
  check(): Promise<void>
  /** True where the session answered so lately that nobody else can have what it holds. */
  isSure(): boolean
  close(): Promise<void>
}

type Client = ReturnType<typeof postgres>

interface Session {
  readonly client: Client
  readonly held: Set<string>
  /** Settles when PostgreSQL knows how long it may be silent; null until somebody asks. */
  prepared: Promise<unknown> | null
  /** When what was answered last had been asked, by `performance.now()`. */
  sureAt: number
}

/** A session that does not answer for so long has lost its locks, or will not know when it does. */
const PATIENCE_MS = 2000
/** Whoever loses a lock with its session hears of it a moment after PostgreSQL has freed it. */
const SETTLE_MS = 100
/**
 * A process that is stopped (SIGSTOP, a frozen container) keeps its socket: PostgreSQL ends the session
 * that asks nothing for so long.
 */
const SILENT_MS = 6000
/** Well before that the process itself is not sure any more; usually it asks every two seconds. */
const SURE_MS = 4500
const LEASES = 4

/**
 * Advisory locks of one session, which PostgreSQL frees when the session ends. A new session begins
 * with none: it is opened when something is asked for after the last one was lost.
 */
export function createLeases(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>>,
  onLost: () => void,
): Leases {
  let session: Session | null = null
  let isClosed = false

  const drop = (client: Client): void => {
    if (session?.client !== client) return
    const hadSome = session.held.size > 0
    session = null
    // Its socket may be gone already; there is nothing to wait for.
    client.end({ timeout: 0 }).catch(() => undefined)
    if (hadSome) onLost()
  }
  const open = (): Session => {
    const client: Client = postgres(url, {
      ...options,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      // A session whose peer vanished is ended by PostgreSQL, so that another process can take over.
      connection: {
        application_name: 'ringside-leases',
        tcp_keepalives_idle: 3,
        tcp_keepalives_interval: 1,
        tcp_keepalives_count: 3,
        tcp_user_timeout: 6000,
      },
      onclose: () => drop(client),
    })
    session = { client, held: new Set(), prepared: null, sureAt: Number.NEGATIVE_INFINITY }
    return session
  }
  const ask = async <T>(own: Session, asked: Promise<T>): Promise<T> => {
    const askedAt = performance.now()
    try {
      const answer = await within(PATIENCE_MS, asked)
      own.sureAt = askedAt
      return answer
    } catch (error) {
      drop(own.client)
      throw error
    }
  }
  const prepare = (own: Session): Promise<unknown> => {
    own.prepared ??= ask(
      own,
      own.client`select set_config(name, ${String(SILENT_MS)}, false) from pg_settings
        where name = 'idle_session_timeout'`,
    )
    return own.prepared
  }
  return {
    acquire: async (key) => {
      if (isClosed) return false
      const own = session ?? open()
      if (own.held.has(key)) return true
      await prepare(own)
      const [row] = await ask(
        own,
        own.client`select pg_try_advisory_lock(hashtextextended(${key}, ${LEASES})) as got`,
      )
      // The answer may be of a session that was lost meanwhile.
      if (row?.got !== true) return false
      await sleep(SETTLE_MS)
      if (session !== own || isClosed) return false
      own.held.add(key)
      return true
    },
    release: async (key) => {
      const own = session
      if (own === null || !own.held.delete(key)) return
      await ask(own, own.client`select pg_advisory_unlock(hashtextextended(${key}, ${LEASES}))`)
    },
    check: async () => {
      if (session !== null) await ask(session, session.client`select 1`)
    },
    isSure: () => session !== null && performance.now() - session.sureAt < SURE_MS,
    close: async () => {
      isClosed = true
      const own = session
      session = null
      await own?.client.end({ timeout: 1 })
    },
  }
}

/** The embedded database has one process: it has everything, always. */
export function aloneWithEverything(): Leases {
  return {
    acquire: async () => true,
    release: async () => undefined,
    check: async () => undefined,
    isSure: () => true,
    close: async () => undefined,
  }
}
