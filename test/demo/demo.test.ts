import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import test from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { upsertByExternalId } from '../../db/agents.ts'
import { listConnections } from '../../db/connections.ts'
import type { Db } from '../../db/database.ts'
import { listExtensions } from '../../db/extensions.ts'
import { loadUsersByExternalId } from '../../db/users.ts'
import { castExtensions, DEMO_USERS, PLAYS } from '../../server/demo/plays.ts'
import { DEMO_CONNECTION_ID, ensureDemo } from '../../server/demo/set-up.ts'
import type { AppEnv } from '../../server/http/access.ts'
import { authenticate, createAuthenticator } from '../../server/http/auth.ts'
import { problemHandler } from '../../server/http/problem.ts'
import { connectionRoutes } from '../../server/http/routes/connections.ts'
import { demoRoutes } from '../../server/http/routes/demo.ts'
import { createSeal } from '../../server/seal.ts'
import { Secret } from '../../server/secret.ts'
import { createConnectionRegistry } from '../../server/setup/registry.ts'
import { listScenarios, loadScenario } from '../../server/simulate/scenario.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'

const ADMIN_KEY = 'admin-key-canary-0123456789'
const EMBED_SECRET = 'embed-secret-canary-0123456789-äöü'

interface Heard {
  readonly token: string
  readonly body: string
}

/** The demo on a real port, with a webhook that only writes down what it hears. */
async function serveDemo(db: Db, publicUrl?: string) {
  const clock = () => new Date()
  const log = createMemoryLog()
  const embedSecret = new Secret(EMBED_SECRET)
  const ringsideSecret = new Secret('ringside-secret-canary-0123456789')
  const adminApiKey = new Secret(ADMIN_KEY)
  const auth = createAuthenticator({
    db,
    clock,
    embedSecrets: () => [embedSecret],
    ringsideSecret,
    adminApiKey,
  })
  const registry = createConnectionRegistry({ db, clock })
  const seal = createSeal(ringsideSecret)
  const stop = new AbortController()
  const heard: Heard[] = []
  const listeners = new Set<() => void>()
  const app = new Hono<AppEnv>()
  const server: Server = createServer(getRequestListener(app.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const deps = {
    db,
    clock,
    seal,
    registry,
    embedSecret: () => embedSecret,
    log,
    publicUrl: publicUrl ?? url,
  }
  app.onError(problemHandler(log))
  app.use('*', authenticate(auth))
  app.route('/', demoRoutes({ ...deps, stopping: stop.signal }))
  app.route('/', connectionRoutes(deps))
  app.post('/webhooks/asterisk/:token', async (c) => {
    heard.push({ token: c.req.param('token'), body: await c.req.text() })
    for (const listener of listeners) listener()
    return c.text('OK')
  })
  return {
    url,
    deps,
    heard,
    untilHeard: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (heard.length >= count) resolve()
        }
        listeners.add(look)
        look()
      }),
    post: async (path: string, json: unknown, headers: Record<string, string> = {}) => {
      const response = await request(url, path, JSON.stringify(json), headers)
      return response
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** By `node:http`: `fetch` sends headers of a browser and does not let Host be set. */
async function request(
  url: string,
  path: string,
  json: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { request: send } = await import('node:http')
  return new Promise((resolve, reject) => {
    const outgoing = send(
      `${url}${path}`,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(text) as Record<string, unknown>,
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(json)
  })
}

onEachDatabase((open) => {
  test('CALL-20 the demo makes its connection, agents and customers once, and nothing else', async () => {
    const { db } = await open()
    await using demo = await serveDemo(db)
    const own = await upsertByExternalId(db, { externalId: 'own', name: 'Own' }, new Date())
    const first = await Promise.all(Array.from({ length: 5 }, () => ensureDemo(demo.deps)))
    const again = await ensureDemo(demo.deps)
    assert.deepEqual(new Set([...first, again].map((token) => token.reveal())).size, 1)
    const connections = await listConnections(db)
    assert.deepEqual(
      connections.map(({ id, name }) => [id, name]),
      [[DEMO_CONNECTION_ID, 'Demo PBX']],
    )
    assert.equal(demo.deps.registry.byToken(again.reveal())?.id, DEMO_CONNECTION_ID)
    const extensions = await listExtensions(db, DEMO_CONNECTION_ID)
    assert.deepEqual(
      extensions.map(({ extension }) => extension),
      ['101', '102', '103'],
    )
    assert.ok(extensions.every(({ agentId }) => agentId !== null && agentId !== own.id))
    const agents = await db.selectFrom('agents').select('externalId').execute()
    assert.deepEqual(agents.map(({ externalId }) => externalId).sort(), [
      ...['demo-anna', 'demo-boris', 'demo-clara', 'own'],
    ])
    const users = await loadUsersByExternalId(
      db,
      DEMO_USERS.map(({ externalId }) => externalId),
    )
    assert.equal(users.size, DEMO_USERS.length)
    for (const { phones } of users.values()) assert.match(phones[0]!.e164!, /^\+\d{11,12}$/)
  })

  test('CALL-20 the admin pages can show the demo connection like any other', async () => {
    const { db } = await open()
    await using demo = await serveDemo(db)
    const token = await ensureDemo(demo.deps)
    const response = await fetch(`${demo.url}/api/connections`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    })
    const { items } = (await response.json()) as { items: { webhookToken: string }[] }
    assert.deepEqual(
      items.map(({ webhookToken }) => webhookToken),
      [token.reveal()],
    )
  })

  test('CALL-20 the demo plays a recorded call with its own people on its own webhook', async () => {
    const { db } = await open()
    await using demo = await serveDemo(db)
    const { status, body } = await demo.post('/demo/play', { scenario: 'known', as: 'boris' })
    assert.deepEqual([status, body.scenario, body.seconds], [202, 'known', 10])
    await demo.untilHeard(2)
    const token = (await ensureDemo(demo.deps)).reveal()
    assert.deepEqual(new Set(demo.heard.map((one) => one.token)), new Set([token]))
    const ring = new URLSearchParams(demo.heard[1]!.body)
    assert.equal(ring.get('from_user'), '+493023125112')
    assert.equal(ring.get('to_user'), '102')
    assert.equal(ring.get('status'), 'incoming call to personal number')
    const [, d, m, y, time] = /^(\d+)\.(\d+)\.(\d+)-(.*)$/.exec(ring.get('datetime')!)!
    const age = Date.now() - Date.parse(`${y}-${m}-${d}T${time}Z`)
    assert.ok(age >= 0 && age < 10_000, `the call is ${age} ms old`)
  })

  test('CALL-20 the demo lets in who sits at this machine, and admins; nobody else', async () => {
    const { db } = await open()
    await using demo = await serveDemo(db)
    const local = await demo.post('/demo/session', { as: 'clara' })
    assert.deepEqual([local.status, local.body.extension], [200, '103'])
    const host = new URL(demo.url).host
    const good: Record<string, string>[] = [
      { origin: demo.url, 'sec-fetch-site': 'same-origin' },
      { host: `localhost:${host.split(':')[1]}` },
      { 'x-forwarded-for': '203.0.113.5', authorization: `Bearer ${ADMIN_KEY}` },
    ]
    for (const headers of good) {
      const { status } = await demo.post('/demo/session', { as: 'anna' }, headers)
      assert.equal(status, 200, JSON.stringify(headers))
    }
    const bad: Record<string, string>[] = [
      { host: 'calls.example.com' },
      { host: '127.0.0.1.example.com' },
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-forwarded-proto': 'https' },
      { forwarded: 'for=127.0.0.1' },
      { via: '1.1 proxy' },
      { 'x-real-ip': '127.0.0.1' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ]
    for (const headers of bad) {
      for (const [path, json] of [
        ['/demo/session', { as: 'anna' }],
        ['/demo/play', { scenario: 'known' }],
      ] as const) {
        const { status } = await demo.post(path, json, headers)
        assert.equal(status, 401, `${path} ${JSON.stringify(headers)}`)
      }
    }
    const agent = { authorization: `Bearer ${local.body.token}`, via: '1.1 proxy' }
    assert.equal((await demo.post('/demo/session', { as: 'anna' }, agent)).status, 403)
    assert.equal(demo.heard.length, 0)
  })

  test('CALL-20 a server with a public address demands an admin even from this machine', async () => {
    const { db } = await open()
    await using demo = await serveDemo(db, 'https://calls.example.com')
    assert.equal((await demo.post('/demo/session', { as: 'anna' })).status, 401)
    assert.equal((await demo.post('/demo/play', { scenario: 'known' })).status, 401)
    assert.deepEqual(await listConnections(db), [])
  })

  test('CALL-20 the demo says what it does not know', async () => {
    const { db } = await open()
    await using demo = await serveDemo(db)
    assert.equal((await demo.post('/demo/session', { as: 'root' })).status, 400)
    assert.equal((await demo.post('/demo/play', { scenario: '../idle' })).status, 400)
    assert.equal((await demo.post('/demo/play', { scenario: 'constructor' })).status, 400)
  })
})

test('CALL-20 whoever presses the button plays the leading part', async () => {
  const answered = (await loadScenario('incoming-queue-answered'))!.expected[0]!
  assert.deepEqual(castExtensions(answered, '101'), { '102': '101', '101': '102', '103': '103' })
  const abandoned = (await loadScenario('incoming-queue-abandoned'))!.expected[0]!
  assert.deepEqual(castExtensions(abandoned, '103'), { '104': '103', '105': '101' })
  const outgoing = (await loadScenario('outgoing-answered'))!.expected[0]!
  assert.deepEqual(castExtensions(outgoing, '102'), { '101': '102' })
})

test('CALL-20 each button of the page is a recorded call, and each call has a button', async () => {
  const page = await readFile(new URL('../../server/demo/page/demo.html', import.meta.url), 'utf8')
  const buttons = [...page.matchAll(/data-play="([\w-]+)"/g)].map(([, name]) => name)
  assert.deepEqual(buttons.toSorted(), Object.keys(PLAYS).toSorted())
  const scenarios = await listScenarios('22')
  for (const { scenario } of Object.values(PLAYS)) assert.ok(scenarios.includes(scenario), scenario)
})

test('CALL-20 the page works under a policy without unsafe-inline', async () => {
  const app = demoRoutes({} as Parameters<typeof demoRoutes>[0])
  const page = await app.request('/demo')
  const policy = page.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
  assert.doesNotMatch(policy, /unsafe/)
  const html = await page.text()
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/)
  for (const path of ['/demo/page.js', '/demo/page.css']) {
    const file = await app.request(path)
    assert.equal(file.status, 200)
    assert.equal(file.headers.get('x-content-type-options'), 'nosniff')
  }
})
