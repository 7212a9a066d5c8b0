import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import type { Db } from '../../db/database.ts'
import type { AppEnv } from '../../server/http/access.ts'
import { type Authenticator, authenticate, createAuthenticator } from '../../server/http/auth.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { notFoundProblem, problemHandler } from '../../server/http/problem.ts'
import { agentRoutes } from '../../server/http/routes/agents.ts'
import { connectionLogRoutes } from '../../server/http/routes/connection-log.ts'
import { connectionWebsocketRoutes } from '../../server/http/routes/connection-websocket.ts'
import { connectionRoutes } from '../../server/http/routes/connections.ts'
import { keyRoutes } from '../../server/http/routes/keys.ts'
import { meRoutes } from '../../server/http/routes/me.ts'
import { reportRoutes } from '../../server/http/routes/reports.ts'
import { settingsRoutes } from '../../server/http/routes/settings.ts'
import { signInRoutes } from '../../server/http/routes/sign-in.ts'
import { signInPageRoutes } from '../../server/http/routes/sign-in-page.ts'
import { signInsRoutes } from '../../server/http/routes/sign-ins.ts'
import { parseUserLine, userImportRoutes } from '../../server/http/routes/user-imports.ts'
import { userRoutes } from '../../server/http/routes/users.ts'
import { toUserView } from '../../server/http/view.ts'
import { createSeal } from '../../server/seal.ts'
import { Secret } from '../../server/secret.ts'
import { createImports } from '../../server/setup/import.ts'
import { createConnectionRegistry } from '../../server/setup/registry.ts'
import { createMemoryLog } from './memory-log.ts'

export const EMBED_SECRET = 'embed-secret-canary-0123456789-äöü'
export const ADMIN_API_KEY = 'admin-key-canary-0123456789'
export const START = new Date('2026-03-02T10:00:00.000Z')

/** A problem, a list or any other answer, as a test looks at it. */
export type Answer = any

export interface TestApp extends AsyncDisposable {
  readonly app: Hono<AppEnv>
  readonly db: Db
  readonly log: ReturnType<typeof createMemoryLog>
  readonly registry: ReturnType<typeof createConnectionRegistry>
  readonly authenticator: Authenticator
  /** Moves the clock on. */
  tick(ms: number): void
  now(): Date
  /** A token as a helpdesk makes it; `undefined` takes a claim away. */
  token(claims?: Record<string, unknown>): string
  call(
    method: string,
    path: string,
    options?: { readonly token?: string | null; readonly json?: unknown; readonly body?: string },
  ): Promise<{ status: number; body: Answer; headers: Headers }>
}

/** The routes of users and set-up over a database, asked as `ADMIN_API_KEY` unless told otherwise. */
export async function createTestApp(db: Db): Promise<TestApp> {
  let at = START.getTime()
  const clock = (): Date => new Date(at)
  const log = createMemoryLog()
  const folder = await mkdtemp(join(tmpdir(), 'ringside-test-'))
  const ringsideSecret = new Secret('ringside-secret-canary-0123456789')
  const authenticator = createAuthenticator({
    db,
    clock,
    embedSecrets: () => [new Secret(EMBED_SECRET)],
    ringsideSecret,
    adminApiKey: new Secret(ADMIN_API_KEY),
  })
  const registry = createConnectionRegistry({ db, clock })
  const imports = createImports({
    db,
    clock,
    log,
    folder,
    parse: parseUserLine,
    toView: toUserView,
  })
  const publicUrl = 'https://calls.example.com'
  const deps = { db, clock, log, authenticator, publicUrl, registry, imports }
  const seal = createSeal(ringsideSecret)
  const app = new Hono<AppEnv>()
  app.use('/api/*', authenticate(authenticator))
  app
    .route('/', meRoutes(deps))
    .route('/', agentRoutes(deps))
    .route('/', connectionRoutes({ ...deps, seal }))
    .route('/', connectionWebsocketRoutes({ ...deps, ringsideSecret, seal }))
    .route('/', connectionLogRoutes(deps))
    .route('/', keyRoutes(deps))
    .route('/', reportRoutes(deps))
    .route('/', settingsRoutes(deps))
    .route('/', signInRoutes(deps))
    .route('/', signInsRoutes(deps))
    .route('/', signInPageRoutes())
    .route('/', userImportRoutes(deps))
    .route('/', userRoutes(deps))
  app.onError(problemHandler(log))
  app.notFound(notFoundProblem)
  return {
    app,
    db,
    log,
    registry,
    authenticator,
    tick: (ms) => {
      at += ms
    },
    now: clock,
    token: (claims = {}) =>
      signJwt(
        { sub: 'anna', name: 'Anna', aud: 'ringside', exp: at / 1000 + 3600, ...claims },
        Buffer.from(EMBED_SECRET),
      ),
    async call(method, path, { token = ADMIN_API_KEY, json, body } = {}) {
      const headers = new Headers()
      if (token !== null) headers.set('authorization', `Bearer ${token}`)
      if (json !== undefined) headers.set('content-type', 'application/json')
      const response = await app.request(path, {
        method,
        headers,
        ...(json === undefined ? { body: body ?? null } : { body: JSON.stringify(json) }),
      })
      const text = await response.text()
      const isJson = /json/.test(response.headers.get('content-type') ?? '')
      return {
        status: response.status,
        body: isJson ? (JSON.parse(text) as Answer) : text,
        headers: response.headers,
      }
    },
    async [Symbol.asyncDispose]() {
      await imports.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
