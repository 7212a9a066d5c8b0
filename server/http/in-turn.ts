import type { MiddlewareHandler } from 'hono'
import type { Turns } from '../turns.ts'
import type { AppEnv } from './access.ts'

/**
 * For what thousands may ask for in the same second: their queries would all stand in front of a webhook's,
 * which has to be kept before a phone rings.
 */
export function inTurn(turns: Turns): MiddlewareHandler<AppEnv> {
  return async (_c, next) => {
    const giveBack = await turns.take()
    await next().finally(giveBack)
  }
}
