import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './access.ts'

/** Lets few requests begin at the same time; the others wait for their turn, first come, first served. */
export interface Turns {
  /** Resolves with what is called when the next one may begin. */
  take(): Promise<() => void>
}

export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = []
  let free = atOnce
  const give = (): (() => void) => {
    let isGiven = true
    return () => {
      if (!isGiven) return
      isGiven = false
      const next = waiting.shift()
      if (next === undefined) free += 1
      else setImmediate(next)
    }
  }
  return {
    take: async () => {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      return give()
    },
  }
}

/**
 * For what thousands may ask for in the same second: their queries would all stand in front of a webhook's,
 * which has to be kept before a phone rings. A turn ends when the request says that it has begun, or is over.
 */
export function inTurn(turns: Turns): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const begun = await turns.take()
    c.set('begun', begun)
    await next().finally(begun)
  }
}
