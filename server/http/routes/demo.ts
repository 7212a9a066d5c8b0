import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { castExtensions, DEMO_AGENTS, type DemoAgent, PLAYS } from '../../demo/plays.ts'
import { DEMO_TIME_ZONE, type DemoDeps, ensureDemo } from '../../demo/set-up.ts'
import { RingsideError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Secret } from '../../secret.ts'
import { replay } from '../../simulate/replay.ts'
import { rewrite } from '../../simulate/rewrite.ts'
import { loadRecording, loadScenario, type PbxRequest } from '../../simulate/scenario.ts'
import { type AppEnv, requireRole } from '../access.ts'
import { signJwt } from '../jwt.ts'
import { incomingOf, isLocalRequest } from '../local-request.ts'
import { body } from '../route.ts'

export interface DemoRoutesDeps extends DemoDeps {
  readonly embedSecret: () => Secret
  readonly publicUrl: string
  readonly log: Log
  /** Aborted when the server stops: calls that are being played end. */
  readonly stopping: AbortSignal
}

const SESSION_SECONDS = 15 * 60
const MAX_PLAYING = 20
const agentKey = v.picklist(DEMO_AGENTS.map(({ key }) => key))
const sessionInput = v.object({ as: agentKey })
const playInput = v.object({
  scenario: v.picklist(Object.keys(PLAYS)),
  as: v.optional(agentKey, 'anna'),
})

/** `/demo`: a helpdesk page with the widget in it, and buttons that play recorded calls (CALL-20). */
export function demoRoutes(deps: DemoRoutesDeps) {
  let playing = 0
  return new Hono<AppEnv>()
    .get('/demo', (c) => sendPage(c, 'demo.html', 'text/html'))
    .get('/demo/page.js', (c) => sendPage(c, 'demo.js', 'text/javascript'))
    .get('/demo/page.css', (c) => sendPage(c, 'demo.css', 'text/css'))
    .use('/demo/*', async (c, next) => {
      if (!isLocalRequest(c, deps.publicUrl)) requireRole(c, 'admin')
      await next()
    })
    .post('/demo/session', body(sessionInput), async (c) => {
      await ensureDemo(deps)
      c.header('cache-control', 'no-store')
      return c.json(createSession(deps, agentOf(c.req.valid('json').as)))
    })
    .post('/demo/play', body(playInput), async (c) => {
      if (playing >= MAX_PLAYING) throw new RingsideError('conflict', 'enough calls are playing')
      const { scenario, as } = c.req.valid('json')
      const url = webhookUrl(c, await ensureDemo(deps))
      const requests = await prepare(deps, scenario, agentOf(as))
      playing++
      void play(deps, requests, url).finally(() => {
        playing--
      })
      const seconds = Math.ceil((requests.at(-1)?.afterMs ?? 0) / 1000)
      return c.json({ scenario, seconds }, 202)
    })
}

function agentOf(key: DemoAgent['key']): DemoAgent {
  const agent = DEMO_AGENTS.find((one) => one.key === key)
  if (agent === undefined) throw new Error(`the demo has no agent ${key}`)
  return agent
}

function createSession({ embedSecret, clock }: DemoRoutesDeps, agent: DemoAgent) {
  const exp = Math.floor(clock().getTime() / 1000) + SESSION_SECONDS
  const { externalId: sub, name, extension } = agent
  const claims = { sub, name, role: 'agent', aud: 'ringside', exp }
  const token = signJwt(claims, Buffer.from(embedSecret().reveal(), 'utf8'))
  return { token, expiresAt: new Date(exp * 1000).toISOString(), name, extension }
}

/** The recorded call, with the demo's people in it. */
async function prepare(
  { clock }: DemoRoutesDeps,
  name: string,
  agent: DemoAgent,
): Promise<readonly PbxRequest[]> {
  const play = PLAYS[name]
  const scenario = play === undefined ? null : await loadScenario(play.scenario)
  const call = scenario?.expected[0]
  if (play === undefined || scenario === null || call === undefined) {
    throw new Error(`the demo has no recorded call ${name}`)
  }
  return rewrite(scenario.requests, {
    uniqueIdBase: randomInt(1000, 100_000_000),
    startAt: clock(),
    timeZone: DEMO_TIME_ZONE,
    callerNumber: play.customer.replace(/#/g, () => String(randomInt(10))),
    extensions: castExtensions(call, agent.extension),
    recording: await loadRecording(),
  })
}

/** This server's own webhook, at the socket on which the request came: it exists in every set-up. */
function webhookUrl(c: Context, token: Secret): URL {
  const socket = incomingOf(c)?.socket
  const { localAddress = '127.0.0.1', localPort = 0 } = socket ?? {}
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return new URL(`http://${host}:${localPort}/webhooks/asterisk/${token.reveal()}`)
}

async function play(
  { log, stopping }: DemoRoutesDeps,
  requests: readonly PbxRequest[],
  url: URL,
): Promise<void> {
  try {
    const answers = await replay(requests, url, { signal: stopping })
    const refused = answers.filter(({ status }) => status !== 200)
    for (const { status, body } of refused) log.warn('demo.refused', { status, body })
  } catch (error) {
    if (!stopping.aborted) log.error('demo.failed', { error })
  }
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

async function sendPage(c: Context, file: string, type: string): Promise<Response> {
  const page = new URL(`../../demo/page/${file}`, import.meta.url)
  return c.body(await readFile(page, 'utf8'), 200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  })
}
