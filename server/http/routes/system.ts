import { Hono } from 'hono'
import * as v from 'valibot'
import type { Metrics } from '../../metrics.ts'
import type { StorageStatus } from '../../recordings/storage.ts'
import type { AppEnv } from '../access.ts'
import { describe } from '../route.ts'

export interface SystemDeps {
  readonly metrics: Metrics
  /** A process that goes says so to whoever would send it more. */
  readonly isLeaving: () => boolean
  readonly database: () => Promise<'ready' | 'behind' | 'away'>
  readonly recordings: () => Promise<StorageStatus>
}

const readySchema = v.object({
  status: v.picklist(['ready', 'not ready', 'leaving']),
  database: v.picklist(['up', 'away']),
  migrations: v.picklist(['done', 'missing', 'unknown']),
  recordings: v.picklist(['up', 'away', 'broken']),
})
type Ready = v.InferOutput<typeof readySchema>

const access = 'public'
const tag = 'system'
/** Who asks has a timeout of a few seconds. */
const PATIENCE_MS = 2000

/** Alive, ready, and how it is doing. */
export function systemRoutes(deps: SystemDeps): Hono<AppEnv> {
  const { metrics } = deps
  const app = new Hono<AppEnv>()
  app.get(
    '/healthz',
    describe({ summary: 'Alive', tag, access, answers: { 200: null, 503: null } }),
    (c) =>
      deps.isLeaving() ? c.json({ status: 'leaving' }, 503) : c.json({ status: 'alive' }, 200),
  )
  app.get(
    '/readyz',
    describe({
      summary: 'Database and migrations ready, recordings can be taken in',
      tag,
      access,
      answers: { 200: readySchema, 503: readySchema },
    }),
    async (c) => {
      const found = await look(deps)
      return c.json(found, found.status === 'ready' ? 200 : 503)
    },
  )
  app.get(
    '/metrics',
    describe({ summary: 'Prometheus text', tag, access, answers: { 200: null } }),
    async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  )
  return app
}

/**
 * A bucket that is away makes nobody unready: recordings are taken in and wait, and all processes
 * would be taken out of service at once.
 */
async function look({ database, recordings, isLeaving }: SystemDeps): Promise<Ready> {
  const [schema, storage] = await Promise.all([
    within(database(), 'away' as const),
    within(recordings(), 'away' as const),
  ])
  const isReady = schema === 'ready' && storage !== 'broken'
  return {
    status: isLeaving() ? 'leaving' : isReady ? 'ready' : 'not ready',
    database: schema === 'away' ? 'away' : 'up',
    migrations: schema === 'away' ? 'unknown' : schema === 'ready' ? 'done' : 'missing',
    recordings: storage,
  }
}

async function within<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, otherwise)
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
