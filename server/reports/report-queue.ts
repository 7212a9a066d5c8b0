import { RingsideError } from '../errors.ts'

/** Reports wait here for one another, so that calls never wait for reports. */
export interface ReportQueue {
  /** Does the work when it is its turn; not at all when whoever asked has gone by then. */
  run<T>(asked: Asked, work: () => Promise<T>): Promise<T>
}

interface Asked {
  /** How long the period is: a wallboard's day is not to wait for other people's years. */
  readonly lengthMs: number
  readonly signal: AbortSignal
}

interface Waiting extends Asked {
  readonly start: () => void
}

/**
 * Lets one report ask the database at a time, the one with the shortest period first. A report takes
 * up to five connections of the ten that a process has: more of them at once, and no webhook would get one.
 */
export function createReportQueue(): ReportQueue {
  const waiting: Waiting[] = []
  let isBusy = false

  const next = (): void => {
    const shortest = waiting.reduce<Waiting | null>(
      (found, each) => (found === null || each.lengthMs < found.lengthMs ? each : found),
      null,
    )
    isBusy = shortest !== null
    if (shortest === null) return
    waiting.splice(waiting.indexOf(shortest), 1)
    shortest.start()
  }
  const turn = (asked: Asked): Promise<void> => {
    if (!isBusy) {
      isBusy = true
      return Promise.resolve()
    }
    return new Promise((resolve) => waiting.push({ ...asked, start: resolve }))
  }
  return {
    run: async (asked, work) => {
      await turn(asked)
      try {
        if (asked.signal.aborted) {
          throw new RingsideError('unavailable', 'whoever asked for this report has gone')
        }
        return await work()
      } finally {
        next()
      }
    },
  }
}
