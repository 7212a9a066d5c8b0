import type { Db } from '../../db/database.ts'
import { outboxRange, readOutbox } from '../../db/outbox.ts'
import { type StreamEvent, toStreamEvent } from './stream-event.ts'

/** The newest events, read once for all clients that come back at the same time. */
export interface Recent {
  /** Told of each event as it is read, in their order. */
  add(event: StreamEvent): void
  /** Everything after a position; null where some of it is gone, or too much. */
  after(position: number): Promise<readonly StreamEvent[] | null>
}

interface Kept {
  /** Everything after this position is there. */
  readonly from: number
  readonly events: StreamEvent[]
  readonly until: number
}

/** Nobody replays more than this: a snapshot is shorter. */
const MAX_REPLAY = 2000
/** Long enough for thousands to come back, and not so long that what was erased would be told on. */
const KEPT_MS = 10_000

export function createRecent(options: {
  db: Db
  /** The position of the newest event that was read. */
  newest: () => number
  toId: (position: number) => string
}): Recent {
  const { db, newest, toId } = options
  let kept: Kept | null = null
  let loading: Promise<void> | null = null
  let arrived: StreamEvent[] = []

  const load = async (): Promise<void> => {
    try {
      arrived = []
      // What is read from here on arrives.
      const last = newest()
      // Where none is left, those before are gone.
      const first = (await outboxRange(db))?.first ?? last + 1
      const from = Math.max(first - 1, last - MAX_REPLAY)
      const rows = await readOutbox(db, from, MAX_REPLAY)
      const events = rows
        .filter(({ id }) => id <= last)
        .map((row) => toStreamEvent(row, toId(row.id)))
      kept = { from, events: [...events, ...arrived], until: performance.now() + KEPT_MS }
    } finally {
      loading = null
    }
  }
  const fresh = (): Kept | null => {
    if (kept !== null && performance.now() > kept.until) kept = null
    return kept
  }
  return {
    add: (event) => {
      if (loading !== null) arrived.push(event)
      else fresh()?.events.push(event)
    },
    after: async (position) => {
      if (fresh() === null) {
        loading ??= load()
        await loading
      }
      if (kept === null || position < kept.from) return null
      return kept.events.filter((event) => event.position > position)
    },
  }
}
