import type { Database } from '../../db/database.ts'
import { type OutboxRow, outboxRange, readOutbox } from '../../db/outbox.ts'
import type { Log } from '../log.ts'
import { createDelivery, mayHear } from './delivery.ts'
import { createRecent } from './recent.ts'
import { type StreamEvent, toStreamEvent } from './stream-event.ts'
import { createSubscribers, type Listener, type Subscriber } from './subscribers.ts'
import { createWaker } from './waker.ts'

/** One reader of the outbox per process: each event is read and written out once, for all. */
export interface StreamHub {
  /** Told when this process appended something. */
  wake(): void
  /** How many clients listen. */
  subscribers(): number
  subscribe(subscriber: Subscriber): () => void
  /** The position of the newest event that was read: whoever subscribed hears all later ones, and these maybe again. */
  newest(): number
  /** Events after a position that the listener may hear; null where some of them are gone. */
  replay(listener: Listener, after: number): Promise<readonly StreamEvent[] | null>
  toId(position: number): string
  /** The position of an id that this hub gave out; null for any other. */
  fromId(id: string): number | null
  readonly epoch: string
  close(): Promise<void>
}

const CHANNEL = 'ringside_outbox'
/** Few enough that a client which reads can keep up between two pages. */
const PAGE = 100
const POLL_MS = 1000

export async function createStreamHub(options: {
  database: Database
  log: Log
  epoch: string
  /** Hears everything that is told, by whichever process. */
  onRow?: (row: OutboxRow) => void
}): Promise<StreamHub> {
  const { database, log, epoch } = options
  const subscribers = createSubscribers()
  const delivery = createDelivery(subscribers)
  let position = (await outboxRange(database.db))?.last ?? 0
  let isClosed = false
  let again = false
  let reading: Promise<void> | null = null

  const toId = (at: number): string => `${epoch}${String(at).padStart(16, '0')}`
  const fromId = (id: string): number | null => {
    const isOurs = id.startsWith(epoch) && /^\d{16}$/.test(id.slice(epoch.length))
    return isOurs ? Number(id.slice(epoch.length)) : null
  }

  const recent = createRecent({ db: database.db, newest: () => position, toId })

  const readOn = async (): Promise<void> => {
    for (;;) {
      again = false
      const rows = await readOutbox(database.db, position, PAGE)
      for (const row of rows) options.onRow?.(row)
      const events = rows.map((row) => toStreamEvent(row, toId(row.id)))
      for (const event of events) recent.add(event)
      position = events.at(-1)?.position ?? position
      delivery.bring(events)
      if (rows.length < PAGE && !again) return
    }
  }

  const look = (): void => {
    again = true
    if (reading !== null || isClosed) return
    let hasRead = false
    reading = readOn()
      .then(() => {
        hasRead = true
      })
      .catch((error: unknown) => log.warn('stream.read-failed', { error }))
      .finally(() => {
        reading = null
        // What was told between the last look and now; a failed one waits for the poll.
        if (again && hasRead) look()
      })
  }

  const others = createWaker(database, CHANNEL, log)
  const wake = (): void => {
    look()
    others.wake()
  }

  await database.listen(CHANNEL, (isOwn) => {
    if (!isOwn) look()
  })
  const poll = setInterval(look, POLL_MS)

  return {
    wake,
    subscribers: () => subscribers.size,
    subscribe: subscribers.add,
    newest: () => position,
    replay: async (listener, after) => {
      const events = await recent.after(after)
      return events?.filter(({ row }) => mayHear(listener, row)) ?? null
    },
    toId,
    fromId,
    epoch,
    close: async () => {
      isClosed = true
      clearInterval(poll)
      await others.close()
      await reading
      delivery.close()
    },
  }
}
