import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './access.ts'

/** Requests whose work goes on, also where nobody waits for the answer any more. */
export interface Underway {
  readonly note: MiddlewareHandler<AppEnv>
  /** The same for work that is no route's of the app. */
  add(work: Promise<void>): void
  /** Resolves when none is left, or after this long. */
  settled(patienceMs: number): Promise<void>
}

export function createUnderway(): Underway {
  const running = new Set<Promise<void>>()
  const add = (work: Promise<void>): void => {
    const done = (): void => void running.delete(work)
    running.add(work)
    work.then(done, done)
  }
  return {
    note: (_c, next) => {
      const work = next()
      add(work)
      return work
    },
    add,
    settled: async (patienceMs) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, patienceMs)
      })
      await Promise.race([Promise.allSettled(running), late])
      clearTimeout(timer)
    },
  }
}
