import type { MiddlewareHandler } from 'hono'
import type { Turns } from '../turns.ts'
import type { AppEnv } from './access.ts'

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
