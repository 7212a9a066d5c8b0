import type { Database } from '../../db/database.ts'
import type { Log } from '../log.ts'

/** Wakes the readers of other processes after commits: at once, then at most every few milliseconds. */
export interface Waker {
  wake(): void
  close(): Promise<void>
}

/** However many commits there are: a NOTIFY is a commit of its own, and they queue up. */
const AT_MOST_EVERY_MS = 10

export function createWaker(
  database: Pick<Database, 'wake'>,
  channel: string,
  log: Log,
  atMostEveryMs: number = AT_MOST_EVERY_MS,
): Waker {
  let isWanted = false
  let isClosed = false
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let stopWaiting: () => void = () => undefined

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      stopWaiting = resolve
      timer = setTimeout(resolve, atMostEveryMs)
    })
  const run = async (): Promise<void> => {
    while (isWanted && !isClosed) {
      isWanted = false
      // A reader that is not woken looks by itself a little later.
      await database
        .wake(channel)
        .catch((error: unknown) => log.warn('stream.wake-failed', { error }))
      if (!isClosed) await pause()
    }
    running = null
  }
  return {
    wake: () => {
      isWanted = true
      running ??= run()
    },
    close: async () => {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      stopWaiting()
      await running
    },
  }
}
