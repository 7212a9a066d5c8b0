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
  /** It goes as far back as it may: asked again, it would be no more. */
  readonly isAll: boolean
  readonly events: StreamEvent[]
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
  let forgetting: NodeJS.Timeout | undefined

  const load = async (after: number): Promise<void> => {
    try {
      arrived = []
      // What is read from here on arrives.
      const last = newest()
      // Where none is left, those before are gone.
      const first = (await outboxRange(db))?.first ?? last + 1
      const earliest = Math.max(first - 1, last - MAX_REPLAY)
      const from = Math.max(earliest, after)
      const rows = await readOutbox(db, from, MAX_REPLAY)
      const events = rows
        .filter(({ id }) => id <= last)
        .map((row) => toStreamEvent(row, toId(row.id)))
      kept = { from, isAll: from === earliest, events: [...events, ...arrived] }
      clearTimeout(forgetting)
      forgetting = setTimeout(() => {
        kept = null
      }, KEPT_MS).unref()
    } finally {
      loading = null
    }
  }
  const loadOnce = (after: number): Promise<void> => {
    loading ??= load(after)
    return loading
  }
  const has = (position: number): boolean => kept !== null && (kept.isAll || position >= kept.from)
  return {
    add: (event) => {
      if (loading !== null) arrived.push(event)
      kept?.events.push(event)
    },
    after: async (position) => {
      // Most have missed little. Whoever has missed more is one of many.
      if (!has(position)) await loadOnce(kept === null ? position : 0)
      if (!has(position)) await loadOnce(0)
      if (kept === null || position < kept.from) return null
      return kept.events.filter((event) => event.position > position)
    },
  }
}
