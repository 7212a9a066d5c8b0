import postgres from 'postgres'

/** A connection whose query may never be answered. */
export interface Watched {
  /** The process of PostgreSQL at its other end; null until its first answer. */
  readonly pid: number | null
  /** Called where nobody works on the query any more, or nobody at all answers. */
  onMute(): void
}

export interface MuteWatch {
  /** Begins with a query; what it returns is called with its answer. */
  begin(connection: Watched): () => void
}

interface Waiting {
  readonly connection: Watched
  readonly since: number
  doubt: number
}

const EVERY_MS = 5000
/** Idle, waiting for us, or gone, twice: one that has just finished is not taken for one that never heard of it. */
const ENOUGH_DOUBT = 12
const DOUBT_WHEN_NOT_AT_WORK = 6
/** Neither does a new connection: the network takes in everything and brings nothing back. */
const DOUBT_WHEN_SILENT = 12
/** Its first query may be a long one. */
const DOUBT_WHEN_UNKNOWN = 1

/**
 * Finds connections that the network has forgotten: no packet ever comes back on them, and the operating
 * system says so after a quarter of an hour at best. A query may take long; so PostgreSQL is asked, on a
 * new connection, whether it works on it. Where that one has no answer either, nobody waits any longer (HOLD-2).
 * Where it is refused, nothing is concluded: the system says of each connection whether it is lost.
 */
export function createMuteWatch(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>>,
  everyMs = EVERY_MS,
): MuteWatch {
  const waiting = new Set<Waiting>()
  let isLooking = false

  const look = async (): Promise<void> => {
    const long = [...waiting].filter(({ since }) => performance.now() - since >= everyMs)
    if (long.length > 0) {
      const states = await statesOf(url, options).catch((error: unknown) =>
        isSilence(error) ? 'silent' : null,
      )
      if (states !== null) for (const each of long) weigh(each, states)
    }
    isLooking = false
    lookLater()
  }
  const weigh = (each: Waiting, states: ReadonlyMap<number, string> | 'silent'): void => {
    if (!waiting.has(each)) return
    const { pid } = each.connection
    const state = states === 'silent' ? 'silent' : pid === null ? null : states.get(pid)
    if (state === 'silent') each.doubt += DOUBT_WHEN_SILENT
    else if (state === null) each.doubt += DOUBT_WHEN_UNKNOWN
    else if (state === 'active') each.doubt = 0
    else each.doubt += DOUBT_WHEN_NOT_AT_WORK
    if (each.doubt < ENOUGH_DOUBT) return
    waiting.delete(each)
    each.connection.onMute()
  }
  // It keeps no process alive: whoever waits for the query does.
  const lookLater = (): void => {
    if (isLooking || waiting.size === 0) return
    isLooking = true
    setTimeout(() => void look(), everyMs).unref()
  }
  return {
    begin: (connection) => {
      const each = { connection, since: performance.now(), doubt: 0 }
      waiting.add(each)
      lookLater()
      return () => waiting.delete(each)
    },
  }
}

/** Of a new connection that was given up because nothing came back. */
function isSilence(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'CONNECT_TIMEOUT' || error.code === 'CONNECTION_DESTROYED'
}

/**
 * What each process of ours does, by PostgreSQL's own word; one that has half of a query, and waits for the rest,
 * is `waiting`. Null through a pooler: the process ids that
 * it tells are its own.
 */
async function statesOf(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>>,
): Promise<ReadonlyMap<number, string> | null> {
  const client = postgres(url, { ...options, max: 1, fetch_types: false, onclose: () => undefined })
  const late = setTimeout(() => void client.end({ timeout: 0 }), EVERY_MS)
  try {
    const rows = await client`
      select pid, case wait_event_type when 'Client' then 'waiting' else state end as state,
        pg_backend_pid() as own
      from pg_stat_activity where state is not null
    `
    if (rows[0]?.own !== rows.state.pid) return null
    return new Map(rows.map(({ pid, state }) => [Number(pid), String(state)]))
  } finally {
    clearTimeout(late)
    client.end({ timeout: 0 }).catch(() => undefined)
  }
}
