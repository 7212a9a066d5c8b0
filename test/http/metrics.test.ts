import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import test from 'node:test'
import { sql } from 'kysely'
import { createPostgresDatabase, onEachDatabase } from '../support/database.ts'
import { openInMemory } from '../support/in-memory.ts'
import { until } from '../support/linked.ts'
import { type Family, parsePrometheus } from '../support/prometheus.ts'
import { openStream } from '../support/sse.ts'
import { createWorld, type World } from '../support/world.ts'

async function metrics(world: World): Promise<{ text: string; of: (name: string) => Family }> {
  const answer = await fetch(`${world.url}/metrics`)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  const families = parsePrometheus(text)
  return {
    text,
    of: (name) => {
      const found = families.get(name)
      assert.ok(found !== undefined, `no ${name}`)
      return found
    },
  }
}

const values = ({ samples }: Family): Record<string, number> =>
  Object.fromEntries(
    samples.map(({ labels, value }) => [Object.values(labels).sort().join(' '), value]),
  )

const CANARIES = {
  number: '79165550143',
  name: 'Canary Person',
  email: 'canary@example.test',
  company: 'Canary Works',
}

onEachDatabase((open) => {
  test('SAFE-7 every figure can be read, is right, and holds nothing of anybody', async () => {
    await using world = await createWorld(open)
    const { number, name, email, company } = CANARIES
    await world.user({ name, email, company, phones: [`+${number}`], note: number })
    const fields = { unique_id: '1640854015.1', from_user: number, to_user: '101' }
    assert.equal(await world.hook({ ...fields, status: 'incoming_ring' }), 200)
    assert.equal(await world.hook({ ...fields, status: `nonsense ${number}` }), 400)
    assert.equal(
      await world.record('1640854015.1', readFileSync('server/simulate/recording.mp3')),
      200,
    )
    await world.settled()
    const { id } = await world.call('1640854015.1')
    await world.api('GET', `/api/users?phone=%2B${number}`)
    await world.api('GET', `/api/users?q=${encodeURIComponent(name)}`)
    await world.api('GET', `/api/calls/${number}`)
    await world.api('GET', `/${number}/${name}`)
    await fetch(`${world.url}/api/me`, { headers: { authorization: `Bearer ${number}` } })
    await fetch(`${world.url}/webhooks/asterisk/${number}?from_user=${number}`)
    const settings = { name: `PBX of ${name}`, timeZone: 'UTC', country: 'RU' }
    const ami = { host: '127.0.0.1', port: 9, userName: name, secret: number, events: true }
    const { body: pbx } = await world.api('POST', '/api/connections', { ...settings, ami })

    const { text, of } = await metrics(world)
    for (const canary of [...Object.values(CANARIES), '5550143', id, world.webhookUrl.slice(-20)]) {
      assert.ok(!text.includes(canary), `${canary} shows`)
    }
    const requests = values(of('ringside_http_requests_total'))
    assert.equal(requests['/webhooks/asterisk/:token 200 POST'], 2)
    assert.equal(requests['/webhooks/asterisk/:token 400 POST'], 1)
    assert.equal(requests['/webhooks/asterisk/:token 404 GET'], 1)
    assert.equal(requests['/api/calls/:id 404 GET'], 1)
    assert.equal(requests['/api/me 401 GET'], 1)
    assert.equal(requests['404 GET other'], 1)
    const durations = of('ringside_http_request_duration_seconds')
    assert.ok(durations.samples.some(({ labels }) => labels.route === '/api/users'))
    assert.equal(values(of('ringside_events_total'))['accepted webhook'], 2)
    assert.deepEqual(values(of('ringside_events_pending')), { '': 0 })
    assert.deepEqual(values(of('ringside_events_spooled')), { '': 0 })
    assert.deepEqual(values(of('ringside_database_up')), { '': 1 })
    assert.deepEqual(values(of('ringside_recordings_storage_up')), { '': 1 })
    assert.deepEqual(values(of('ringside_recordings_waiting')), { '': 0 })
    assert.deepEqual(values(of('ringside_stream_clients')), { '': 0 })
    assert.ok((values(of('ringside_outbox_entries'))[''] ?? 0) >= 3)
    const links = of('ringside_pbx_link_state').samples
    assert.ok(links.some(({ labels }) => labels.connection_id === pbx.id && labels.kind === 'ami'))
    assert.equal(links.filter(({ value }) => value === 1).length, 1)
    assert.ok((values(of('process_resident_memory_bytes'))[''] ?? 0) > 1e6)
  })

  test('the labels are of a bounded set: what somebody sends makes no new series', async () => {
    await using world = await createWorld(open)
    const count = async (): Promise<number> => {
      const { of } = await metrics(world)
      return of('ringside_http_requests_total').samples.length
    }
    await fetch(`${world.url}/x`)
    await fetch(`${world.url}/x`, { method: 'PROPFIND' })
    await world.api('GET', '/api/calls/x')
    await world.api('GET', '/api/x')
    await count()
    const before = await count()
    for (const each of ['a', 'b', 'c']) {
      await fetch(`${world.url}/x/${each}`)
      await fetch(`${world.url}/${each}`, { method: 'PROPFIND' })
      await world.api('GET', `/api/calls/${each}`)
      await world.api('GET', `/api/${each}?x=${each}`)
    }
    assert.equal(await count(), before)
  })

  test('what is open as a stream is counted while it is; its duration is how long it took to begin', async () => {
    await using world = await createWorld(open)
    const stream = await openStream(world.url, world.token('anna'))
    const during = await metrics(world)
    assert.deepEqual(values(during.of('ringside_stream_clients')), { '': 1 })
    const took = 'ringside_http_request_duration_seconds'
    assert.match(
      during.text,
      new RegExp(`^${took}_count{method="GET",route="/api/stream"} 1$`, 'm'),
    )
    stream.close()
    await until(async () => {
      const after = await metrics(world)
      return values(after.of('ringside_stream_clients'))[''] === 0
    })
  })

  test('readiness: without its folder for recordings a server is not ready; a figure tells it', async () => {
    await using world = await createWorld(open)
    const ready = async () => {
      const answer = await fetch(`${world.url}/readyz`)
      return { status: answer.status, body: await answer.json() }
    }
    const all = { status: 'ready', database: 'up', migrations: 'done', recordings: 'up' }
    assert.deepEqual(await ready(), { status: 200, body: all })
    await rm(`${world.context.config.dataDir}/recordings`, { recursive: true })
    const broken = { ...all, status: 'not ready', recordings: 'broken' }
    assert.deepEqual(await ready(), { status: 503, body: broken })
    const { of } = await metrics(world)
    assert.deepEqual(values(of('ringside_recordings_storage_up')), { '': 0 })
    assert.equal((await fetch(`${world.url}/healthz`)).status, 200)
  })
})

const url = process.env.TEST_DATABASE_URL
test('readiness: without its database, or with an older one, a server is not ready, and says its figures', {
  skip: url ? false : 'TEST_DATABASE_URL is not set',
}, async () => {
  const { database, drop } = await createPostgresDatabase(String(url))
  await using world = await createWorld(async () => database)
  const ready = async () => {
    const answer = await fetch(`${world.url}/readyz`)
    return [answer.status, await answer.json()]
  }
  const last = sql`(select max(name) from kysely_migration)`
  await sql`delete from kysely_migration where name = ${last}`.execute(database.db)
  const all = { status: 'not ready', database: 'up', migrations: 'missing', recordings: 'up' }
  assert.deepEqual(await ready(), [503, all])
  await drop()
  assert.deepEqual(await ready(), [503, { ...all, database: 'away', migrations: 'unknown' }])
  const { of } = await metrics(world)
  assert.deepEqual(values(of('ringside_database_up')), { '': 0 })
  assert.deepEqual(values(of('ringside_events_pending')), { '': Number.NaN })
})

test('promtool finds nothing wrong with the figures', {
  skip: spawnSync('promtool', ['--version']).error ? 'promtool is not installed' : false,
}, async () => {
  await using database = await openInMemory()
  await using world = await createWorld(async () => database)
  await world.api('GET', '/api/me')
  const { text } = await metrics(world)
  const found = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  assert.deepEqual([found.status, found.stderr], [0, ''])
})
