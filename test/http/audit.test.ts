import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Hono } from 'hono'
import type { AuditEntry } from '../../db/audit.ts'
import type { AppEnv } from '../../server/http/access.ts'
import { audit } from '../../server/http/audit.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { ADMIN_KEY, createWorld, type World } from '../support/world.ts'

interface Operation {
  readonly 'x-access': string
  readonly 'x-audited'?: boolean
}

interface Entry {
  readonly id: string
  readonly agentId: string | null
  readonly keyId: string | null
  readonly action: string
  readonly target: Record<string, string>
  readonly fields: readonly string[]
  readonly status: number
  readonly address: string
}

const RECORDING = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))

async function entries(world: World, query = ''): Promise<Entry[]> {
  const { status, body } = await world.api('GET', `/api/audit?limit=200${query}`)
  assert.equal(status, 200, JSON.stringify(body))
  return body.items
}

/** The entries that `work` added, oldest first. */
async function added(world: World, work: () => Promise<unknown>): Promise<Entry[]> {
  const [newest] = await entries(world)
  await work()
  const after = Number(newest?.id ?? 0)
  return (await entries(world)).filter(({ id }) => Number(id) > after).reverse()
}

test('ADMIN-6 who hangs up before the answer is written down with their address', async () => {
  const written: AuditEntry[] = []
  const socket: { remoteAddress?: string } = { remoteAddress: '203.0.113.9' }
  const app = new Hono<AppEnv>()
    .use(
      audit({
        append: async (entry) => void written.push(entry),
        log: createMemoryLog(),
        clock: () => new Date(),
      }),
    )
    .patch('/api/settings', (c) => {
      c.set('described', { pattern: '/api/settings', isAudited: true })
      c.set('identity', null)
      c.set('actor', { agentId: 'a1', keyId: null })
      delete socket.remoteAddress
      return c.body(null, 204)
    })
  await app.request('/api/settings', { method: 'PATCH' }, { incoming: { socket, headers: {} } })
  assert.deepEqual(
    written.map(({ agentId, address }) => ({ agentId, address })),
    [{ agentId: 'a1', address: '203.0.113.9' }],
  )
})

onEachDatabase((open) => {
  test('ADMIN-6 every admin route that changes something writes exactly one entry', async () => {
    await using world = await createWorld(open)
    const { paths } = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Operation>>
    }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method, route]) => route['x-access'] === 'admin' && method !== 'get')
        .map(([method]) => ({ method: method.toUpperCase(), path })),
    )
    assert.ok(routes.length > 15, `${routes.length} routes`)
    const wrong: string[] = []
    for (const { method, path } of routes) {
      const found = await added(world, () =>
        world.api(method, path.replaceAll(/\{\w+\}/g, 'x'), method === 'DELETE' ? undefined : {}),
      )
      const action = `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`
      const isRight = found.length === 1 && found[0]?.action === action
      if (!isRight) wrong.push(`${action}: ${found.map((each) => each.action).join(', ')}`)
      assert.equal(found[0]?.keyId, 'environment')
      assert.match(String(found[0]?.address), /127\.0\.0\.1/)
    }
    assert.deepEqual(wrong, [])
  })

  test('ADMIN-6 an entry names the target and the fields, and holds no value and no secret', async () => {
    await using world = await createWorld(open)
    const [patched] = await added(world, () =>
      world.api('PATCH', `/api/connections/${world.connectionId}`, {
        name: 'Canary-Name',
        ami: { host: '127.0.0.1', userName: 'canary-user', secret: 'canary-secret', events: false },
        phrases: { '+79161234567': 'incoming_start' },
      }),
    )
    assert.equal(patched?.action, 'PATCH /api/connections/:id')
    assert.deepEqual(patched?.target, { id: world.connectionId })
    assert.ok(patched?.fields.includes('name') && patched.fields.includes('ami.secret'))
    let key = ''
    const [made] = await added(world, async () => {
      const { body } = await world.api('POST', '/api/keys', { name: 'crm', scopes: ['read'] })
      key = body.key
    })
    assert.equal(made?.status, 201)
    const [refused] = await added(world, () =>
      world.api('DELETE', `/api/keys/${made?.target.made}`, undefined, 'anna'),
    )
    assert.equal(refused?.status, 403)
    assert.equal(refused?.agentId, world.agents.anna)
    const text = JSON.stringify(await entries(world))
    for (const secret of [key, 'canary', 'Canary', '9161234567', ADMIN_KEY]) {
      assert.ok(!text.includes(secret), secret)
    }
  })

  test('SAFE-9 who listened to what is written down, once for one listening', async () => {
    await using world = await createWorld(open)
    const recordingId = await recorded(world)
    const detail = (await world.api('GET', `/api/recordings/${recordingId}`, undefined, 'anna'))
      .body as { audioUrl: string; downloadUrl: string }
    const listened = await added(world, async () => {
      for (const range of ['bytes=0-99', 'bytes=100-199', 'bytes=200-']) {
        const answer = await fetch(world.url + detail.audioUrl, { headers: { range } })
        assert.equal(answer.status, 206)
        await answer.arrayBuffer()
      }
    })
    assert.deepEqual(
      listened.map(({ agentId, action, target }) => ({ agentId, action, target })),
      [
        {
          agentId: world.agents.anna,
          action: 'GET /api/recordings/:id/audio',
          target: { id: recordingId },
        },
      ],
    )
    // An address that names somebody else is not one of ours.
    const forged = detail.audioUrl.replace(String(world.agents.anna), String(world.agents.boris))
    const none = await added(world, async () => {
      assert.equal((await fetch(world.url + forged)).status, 401)
    })
    assert.deepEqual(none, [])
  })

  test('ADMIN-6 the log is for admins, filtered by time, agent and action, page by page', async () => {
    await using world = await createWorld(open)
    assert.equal((await world.api('GET', '/api/audit', undefined, 'susan')).status, 403)
    const from = world.now().toISOString()
    for (const claimMinutes of [5, 6, 7])
      await world.api('PATCH', '/api/settings', { claimMinutes })
    const own = `&action=${encodeURIComponent('PATCH /api/settings')}&from=${from}`
    const page = (await world.api('GET', `/api/audit?limit=2${own}`)).body
    const rest = (await world.api('GET', `/api/audit?limit=2${own}&cursor=${page.next}`)).body
    assert.deepEqual([page.items.length, rest.items.length, rest.next], [2, 1, null])
    assert.deepEqual(await entries(world, `&to=${from}&action=settings`), [])
    assert.deepEqual(await entries(world, `&agentId=${world.agents.anna}`), [])
    const agent = await world.api('POST', `/api/agents/${world.agents.anna}/sign-in-link`)
    const token = String(agent.body.url).split('#')[1]
    await world.api('POST', '/api/sign-in', { token }, 'anna')
    const [signedIn] = await entries(world, `&agentId=${world.agents.anna}`)
    assert.deepEqual([signedIn?.action, signedIn?.status], ['POST /api/sign-in', 200])
  })

  test('ADMIN-6 no entry is written for webhooks and for what agents do all day', async () => {
    await using world = await createWorld(open)
    const found = await added(world, async () => {
      await recorded(world)
      await world.api('GET', '/api/settings')
    })
    assert.deepEqual(found, [])
  })
})

/** A call of anna's with a recording; gives the recording's id. */
async function recorded(world: World): Promise<string> {
  const call = { unique_id: 'a1', from_user: '+79161234567', to_user: '101' }
  for (const status of ['incoming_ring', 'incoming_answer', 'incoming_end']) {
    assert.equal(await world.hook({ ...call, status }), 200)
  }
  await world.settled()
  assert.equal(await world.record('a1', RECORDING), 200)
  return String((await world.call('a1')).recordings[0]?.id)
}
