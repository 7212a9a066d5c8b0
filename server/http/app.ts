import { Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { openAPIRouteHandler } from 'hono-openapi'
import { appendAudit } from '../../db/audit.ts'
import { schemaState } from '../../db/migrate.ts'
import type { Context } from '../context.ts'
import { checkAccounts } from '../links/check.ts'
import { createSnapshots } from '../stream/snapshots.ts'
import type { AppEnv } from './access.ts'
import { audit } from './audit.ts'
import { authenticate } from './auth.ts'
import { measureRequests } from './measure-requests.ts'
import { notFoundProblem, problemHandler } from './problem.ts'
import { adminPageRoutes, agentPageRoutes, supervisorPageRoutes } from './routes/agent-page.ts'
import { agentRoutes } from './routes/agents.ts'
import { auditRoutes } from './routes/audit.ts'
import { callActionRoutes } from './routes/call-actions.ts'
import { callRoutes } from './routes/calls.ts'
import { caseRoutes } from './routes/cases.ts'
import { connectionDialplanRoutes } from './routes/connection-dialplan.ts'
import { connectionLinkRoutes } from './routes/connection-link.ts'
import { connectionLogRoutes } from './routes/connection-log.ts'
import { connectionWebsocketRoutes } from './routes/connection-websocket.ts'
import { connectionRoutes } from './routes/connections.ts'
import { demoRoutes } from './routes/demo.ts'
import { dialRoutes } from './routes/dial.ts'
import { embedSecretRoutes } from './routes/embed-secret.ts'
import { eraseRoutes } from './routes/erase.ts'
import { hookDeliveryRoutes } from './routes/hook-deliveries.ts'
import { hookRoutes } from './routes/hooks.ts'
import { keyRoutes } from './routes/keys.ts'
import { meRoutes } from './routes/me.ts'
import { myStateRoutes } from './routes/my-state.ts'
import { queueRoutes } from './routes/queues.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { reportRoutes } from './routes/reports.ts'
import { settingsRoutes } from './routes/settings.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { signInPageRoutes } from './routes/sign-in-page.ts'
import { signInsRoutes } from './routes/sign-ins.ts'
import { streamRoutes } from './routes/stream.ts'
import { systemRoutes } from './routes/system.ts'
import { userImportRoutes } from './routes/user-imports.ts'
import { userRoutes } from './routes/users.ts'
import { webhookRoutes } from './routes/webhook.ts'
import { widgetRoutes } from './routes/widget.ts'

/** The whole server as one function from request to answer. */
export async function createApp(context: Context): Promise<Hono<AppEnv>> {
  const { database, clock, log, authenticator, registry, seal, hub, control } = context
  const { db } = database
  const { publicUrl } = context.config
  const app = new Hono<AppEnv>()
  app.onError(problemHandler(log))
  app.use(context.underway.note)
  app.use(measureRequests(context.metrics))
  app.notFound(notFoundProblem)
  // Tokens are in a header, never in a cookie: any page may ask, and only who has a token is answered.
  app.use(
    '/api/*',
    cors({ origin: '*', allowHeaders: ALLOWED, exposeHeaders: EXPOSED, maxAge: 86_400 }),
  )
  app.use('/api/*', forItsCaller)
  app.use('*', authenticate(authenticator))
  app.use('/api/*', audit({ append: (entry) => appendAudit(db, entry), log, clock }))
  app.route(
    '/',
    systemRoutes({
      metrics: context.metrics,
      isLeaving: context.leaving.isLeaving,
      database: () => schemaState(db),
      recordings: context.storage.status,
    }),
  )
  app.route('/', await widgetRoutes())
  app.route('/', webhookRoutes(context.webhooks))
  app.route('/', signInPageRoutes())
  app.route('/', agentPageRoutes())
  app.route('/', adminPageRoutes())
  app.route('/', supervisorPageRoutes())
  const { controls } = control
  app.route('/', meRoutes({ db, registry, controls }))
  const { pages, stopping, leaving } = context
  app.route(
    '/',
    streamRoutes({
      hub,
      snapshots: createSnapshots(db),
      pages,
      authenticator,
      clock,
      controls,
      stopping,
      leaving,
    }),
  )
  app.route('/', callRoutes({ db, acts: context.callActs, closeCall: context.closeCall }))
  app.route('/', callActionRoutes({ db, control }))
  app.route('/', dialRoutes({ db, control }))
  app.route('/', myStateRoutes({ db, clock, presence: context.presence }))
  app.route('/', queueRoutes({ db, control }))
  app.route('/', caseRoutes({ db, acts: context.caseActs }))
  app.route(
    '/',
    recordingRoutes({
      db,
      storage: context.storage,
      signer: context.audioSigner,
      log: context.log,
      clock,
      measureSoon: context.measurer.measureSoon,
    }),
  )
  // Before `/api/users/:id`, whose id `import` would be.
  app.route('/', userImportRoutes({ imports: context.imports }))
  app.route('/', userRoutes({ db, clock, wake: hub.wake }))
  const onChanged = (agentId: string): void => {
    hub.wake()
    context.presence.look([agentId])
  }
  app.route('/', agentRoutes({ db, clock, authenticator, publicUrl, onChanged }))
  app.route(
    '/',
    connectionRoutes({
      db,
      clock,
      seal,
      registry,
      log,
      publicUrl,
      linkStatus: context.links.status,
    }),
  )
  app.route(
    '/',
    connectionLinkRoutes({
      db,
      clock,
      seal,
      accountsOf: context.accountsOf,
      endpointsOf: context.links.endpoints,
      linkStatus: context.links.status,
      check: checkAccounts,
    }),
  )
  app.route(
    '/',
    connectionWebsocketRoutes({ db, seal, ringsideSecret: context.ringsideSecret, publicUrl }),
  )
  app.route('/', auditRoutes({ db }))
  app.route('/', eraseRoutes({ db, eraser: context.eraser }))
  app.route('/', connectionLogRoutes({ db }))
  app.route(
    '/',
    connectionDialplanRoutes({ db, seal, publicUrl, linkStatus: context.links.status }),
  )
  app.route('/', reportRoutes({ db, clock }))
  app.route('/', settingsRoutes({ db, clock, wake: hub.wake }))
  app.route('/', embedSecretRoutes({ embedSecrets: context.embedSecrets, publicUrl }))
  app.route('/', hookRoutes({ db, clock, seal, hooks: context.hooks }))
  app.route('/', hookDeliveryRoutes({ db, clock, hooks: context.hooks }))
  app.route('/', keyRoutes({ db, clock, authenticator }))
  app.route('/', signInRoutes({ db, clock, authenticator }))
  app.route('/', signInsRoutes({ db, clock, authenticator }))
  app.route(
    '/',
    demoRoutes({
      db,
      clock,
      seal,
      registry,
      embedSecret: context.embedSecrets.current,
      publicUrl,
      log,
      stopping: context.stopping,
    }),
  )
  app.get(
    '/openapi.json',
    openAPIRouteHandler(app, { documentation: DOCUMENTATION, excludeStaticFile: false }),
  )
  return app
}

const ALLOWED = ['authorization', 'content-type', 'if-match', 'last-event-id']
/** `content-disposition`: what a report's file is called. */
const EXPOSED = ['etag', 'content-disposition']

/** What an answer is where it says nothing else: of one caller and this moment, data, and no page. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const

const forItsCaller: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!c.res.headers.has(name)) c.header(name, value)
  }
}

const DOCUMENTATION = {
  info: { title: 'Ringside', version: '0.1.0', description: 'Telephony for any helpdesk.' },
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
} as const
