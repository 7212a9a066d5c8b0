import type { Log } from '../log.ts'
import type { NewEvent } from './new-event.ts'

/** One link's call events on their way to being kept: in order, one batch after another. */
export interface Telling {
  /** Resolves when they are kept; rejects where too many wait already. */
  tell(events: readonly NewEvent[]): Promise<void>
  /** Resolves when everything told so far is kept. */
  flush(): Promise<void>
  /** Takes no more, and gives what waits a last chance. */
  close(): Promise<void>
}

const MAX_WAITING = 20_000
const RETRY_MS = 500
const LAST_CHANCE_MS = 2000

/** While a batch is being kept, what comes is the next one. */
export function createTelling(
  accept: (events: readonly NewEvent[]) => Promise<void>,
  log: Log,
): Telling {
  let waiting: NewEvent[] = []
  let done = Promise.withResolvers<void>()
  /** Of what was told last. */
  let last: Promise<void> = Promise.resolve()
  let isRunning = false
  const closing = Promise.withResolvers<void>()
  let isClosed = false

  /** The same events again until it works: their receipts make them the same events. */
  const keep = async (batch: readonly NewEvent[]): Promise<void> => {
    while (true) {
      try {
        return await accept(batch)
      } catch (error) {
        log.warn('link.events-wait', { events: batch.length, error })
        if (isClosed) return
        await pause(RETRY_MS, closing.promise)
      }
    }
  }
  const run = async (): Promise<void> => {
    isRunning = true
    while (waiting.length > 0) {
      const [batch, kept] = [waiting, done]
      waiting = []
      done = Promise.withResolvers<void>()
      await keep(batch)
      kept.resolve()
    }
    isRunning = false
  }
  return {
    tell: (events) => {
      if (events.length === 0) return Promise.resolve()
      if (isClosed || waiting.length + events.length > MAX_WAITING) {
        return Promise.reject(new Error(isClosed ? 'the link is closed' : 'too many events wait'))
      }
      waiting.push(...events)
      last = done.promise
      if (!isRunning) void run()
      return last
    },
    flush: () => last,
    close: async () => {
      isClosed = true
      closing.resolve()
      await pause(LAST_CHANCE_MS, last)
    },
  }
}

/** Waits, but not longer than for `until`. */
async function pause(ms: number, until: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const time = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([until, time])
  clearTimeout(timer)
}
