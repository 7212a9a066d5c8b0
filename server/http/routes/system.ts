import { Hono } from 'hono'
import { type Database, isReachable } from '../../../db/database.ts'
import type { Metrics } from '../../metrics.ts'
import type { AppEnv } from '../access.ts'
import { describe } from '../route.ts'

export interface SystemDeps {
  readonly database: Database
  readonly metrics: Metrics
  /** True once migrations have run and what was accepted earlier is being applied. */
  readonly isReady: () => boolean
}

const access = 'public'
const tag = 'system'

/** Alive, ready, and how it is doing. */
export function systemRoutes({ database, metrics, isReady }: SystemDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.get('/healthz', describe({ summary: 'Alive', tag, access, answers: { 200: null } }), (c) =>
    c.json({ status: 'alive' }),
  )
  app.get(
    '/readyz',
    describe({
      summary: 'Database and migrations ready',
      tag,
      access,
      answers: { 200: null, 503: null },
    }),
    async (c) => {
      const isUp = isReady() && (await isReachable(database.db))
      return c.json({ status: isUp ? 'ready' : 'not ready' }, isUp ? 200 : 503)
    },
  )
  app.get(
    '/metrics',
    describe({ summary: 'Prometheus text', tag, access, answers: { 200: null } }),
    async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  )
  return app
}
