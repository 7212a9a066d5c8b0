import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Metrics } from '../metrics.ts'
import type { AppEnv } from './access.ts'

/** Counts what was answered, by the pattern of the route: an address can hold a number or a token. */
export function measureRequests(metrics: Metrics): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const begin = performance.now()
    await next()
    const route = patternOf(matchedRoutes(c).map(({ path }) => path))
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    // Some routes write their answer themselves; what is left in `c.res` then is a placeholder.
    const status = outgoing?.headersSent ? outgoing.statusCode : c.res.status
    const seconds = (performance.now() - begin) / 1000
    metrics.noteRequest({ method: c.req.method, route, status, seconds })
  }
}

function patternOf(paths: readonly string[]): string {
  return paths.findLast((path) => !path.endsWith('*')) ?? 'other'
}
