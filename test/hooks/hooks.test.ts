import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import OpenAI from 'openai'
import { Webhook } from 'standardwebhooks'
import type { Database } from '../../db/database.ts'
import { HOOK_EVENTS } from '../../db/outbox.ts'
import { onEachDatabase } from '../support/database.ts'
import { type Received, startReceiver } from '../support/receiver.ts'
import { createWorld, type World } from '../support/world.ts'

const ENV = { HOOKS_ALLOW_PRIVATE: 'true' }
const CALLER = '+79161234567'
const MP3 = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))

interface Made {
  readonly id: string
  readonly secret: string
}

async function addHook(world: World, url: string, events?: readonly string[]): Promise<Made> {
  const made = await world.api('POST', '/api/hooks', { url, ...(events ? { events } : {}) })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body
}

async function ring(world: World, uniqueId: string, from = CALLER): Promise<void> {
  const both = { unique_id: uniqueId, from_user: from }
  await world.hook({ ...both, status: 'incoming_start', to_user: '74951112233' })
  await world.hook({ ...both, status: 'incoming_ring', to_user: '101' })
}

async function answer(world: World, uniqueId: string, from = CALLER): Promise<void> {
  const fields = { unique_id: uniqueId, from_user: from, to_user: '101' }
  await world.hook({ ...fields, status: 'incoming_answer' })
}

async function end(world: World, uniqueId: string, from = CALLER): Promise<void> {
  const fields = { unique_id: uniqueId, from_user: from, to_user: '101' }
  await world.hook({ ...fields, status: 'incoming_end' })
}

async function verify(secret: string, { text, headers }: Received): Promise<void> {
  const plain = headers as Record<string, string>
  new Webhook(secret).verify(text, plain)
  await new OpenAI({ apiKey: 'none' }).webhooks.verifySignature(text, plain, secret)
}

const typesOf = (received: readonly Received[]): string[] => received.map(({ body }) => body.type)
const has =
  (...types: readonly string[]) =>
  (received: readonly Received[]): boolean =>
    types.every((type) => typesOf(received).includes(type))
const idOf = ({ headers }: Received): string => String(headers['webhook-id'])

/** Waits for a state that the API shows: nothing tells of it but asking again. */
async function eventually<T>(ask: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  for (let found = await ask(); ; found = await ask()) if (isThere(found)) return found
}

onEachDatabase((open) => {
  let shared: Promise<Database> | null = null
  /** A world over the same database, in which there are no hooks yet. */
  const createHooked = async (env: Record<string, string> = ENV): Promise<World> => {
    shared ??= open()
    const database = await shared
    await database.db.deleteFrom('hooks').execute()
    return createWorld(async () => database, env)
  }

  test('ADMIN-7 a call from start to recording is told, in order, signed, with whole objects', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { secret } = await addHook(world, receiver.url)
    await ring(world, '1.1')
    await answer(world, '1.1')
    const { id } = await world.call('1.1')
    const made = await world.api('POST', `/api/calls/${id}/case`, { subject: 'Delivery' }, 'anna')
    assert.equal(made.status, 201)
    await end(world, '1.1')
    assert.equal(await world.record('1.1', MP3), 200)
    await world.settled()
    const other = await world.user({ name: 'Olga', phones: ['+79165550000'] })
    await world.api('POST', `/api/calls/${id}/user`, { userId: other.id }, 'anna')
    await receiver.until(has(...HOOK_EVENTS))

    for (const got of receiver.received) {
      await verify(secret, got)
      assert.deepEqual(Object.keys(got.body), ['type', 'timestamp', 'data'])
      assert.equal(got.headers['content-type'], 'application/json')
      assert.equal(new Date(got.body.timestamp).toISOString(), got.body.timestamp)
    }
    const first = (type: string) => receiver.received.find(({ body }) => body.type === type)!
    const order = ['call.started', 'call.answered', 'case.created', 'call.ended', 'recording.ready']
    const places = order.map((type) => typesOf(receiver.received).indexOf(type))
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    )
    const call = first('call.ended').body.data
    assert.deepEqual(
      [call.id, call.state, call.outcome, call.agentId, call.from.e164, call.caseId],
      [id, 'ended', 'answered', world.agents.anna, CALLER, made.body.id],
    )
    const opened = first('case.created').body.data
    assert.equal(opened.id, made.body.id)
    assert.equal(opened.messages[0].call.id, id)
    assert.equal(first('recording.ready').body.data.callId, id)
    assert.deepEqual(
      receiver.received
        .filter(({ body }) => body.type === 'user.created')
        .map(({ body }) => body.data.name),
      [first('user.created').body.data.name, 'Olga'],
    )
    const linked = first('user.linked').body.data
    assert.deepEqual([linked.id, linked.name, linked.callId], [other.id, 'Olga', id])
    // Once each: nothing failed, and so nothing came twice.
    const ids = receiver.received.map(idOf)
    assert.equal(new Set(ids).size, ids.length)
    const started = typesOf(receiver.received).filter((type) => /^call\./.test(type))
    assert.deepEqual(started, ['call.started', 'call.answered', 'call.ended'])
  })

  test('ADMIN-7 a hook hears what it asked for, from when it was there', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    await world.user({ name: 'Before' })
    await addHook(world, receiver.url, ['user.created', 'call.ended'])
    await world.user({ name: 'After' })
    await ring(world, '2.1', '+79160000021')
    await end(world, '2.1', '+79160000021')
    await receiver.until(has('call.ended'))
    const names = receiver.received
      .filter(({ body }) => body.type === 'user.created')
      .map(({ body }) => body.data.name)
    assert.ok(names.includes('After') && !names.includes('Before'), names.join())
    assert.deepEqual([...new Set(typesOf(receiver.received))].sort(), [
      'call.ended',
      'user.created',
    ])
  })

  test('ADMIN-7 a receiver that is down for an hour gets everything, in order, and is tried seldom', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { id } = await addHook(world, receiver.url, [
      'call.started',
      'call.answered',
      'call.ended',
    ])
    receiver.answer = () => 503
    await ring(world, '3.1', '+79160000031')
    await receiver.until((all) => all.length === 1)
    await answer(world, '3.1', '+79160000031')
    await end(world, '3.1', '+79160000031')
    const list = () => world.api('GET', `/api/hooks/${id}/deliveries`)
    const waits = ({ body }: { body: any }) =>
      body.items.length === 3 && body.items[2].lastAt !== null
    const seen = await eventually(list, waits)
    assert.deepEqual(
      seen.body.items.map(({ type, state }: any) => [type, state]),
      [
        ['call.ended', 'waiting'],
        ['call.answered', 'waiting'],
        ['call.started', 'pending'],
      ],
    )
    // An hour, from one attempt to the next: the clock is the test's, the rounds are the server's.
    const downSince = world.now()
    for (let since = downSince; world.now().getTime() - downSince.getTime() < 3600_000; ) {
      const { body } = await eventually(
        list,
        (found) => found.body.items[2].lastAt >= since.toISOString(),
      )
      since = new Date(Date.parse(body.items[2].nextAt) + 1)
      world.tick((since.getTime() - world.now().getTime()) / 1000)
      world.context.hooks.wake()
    }
    await eventually(
      list,
      ({ body }) => body.items[2].lastAt >= new Date(downSince.getTime() + 3600_000).toISOString(),
    )
    assert.ok(receiver.received.length <= 12, `${receiver.received.length} attempts in an hour`)
    assert.deepEqual([...new Set(typesOf(receiver.received))], ['call.started'])
    const shown = await world.api('GET', `/api/hooks/${id}`)
    assert.deepEqual(
      [shown.body.state, shown.body.reason, shown.body.pending],
      ['retrying', 'answered 503', 3],
    )
    const failures = receiver.received.length
    receiver.answer = () => 200
    world.tick(40 * 60)
    world.context.hooks.wake()
    await receiver.until(has('call.ended'))
    const came = receiver.received.slice(failures - 1)
    assert.deepEqual(typesOf(came.slice(1)), ['call.started', 'call.answered', 'call.ended'])
    assert.equal(idOf(came[0]!), idOf(came[1]!), 'each attempt has the same webhook-id')
    const after = await eventually(
      () => world.api('GET', `/api/hooks/${id}`),
      ({ body }) => body.pending === 0,
    )
    assert.equal(after.body.state, 'active')
  })

  test('ADMIN-7 a case whose delivery fails holds back its own, and no other', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    await addHook(world, receiver.url, ['call.started', 'call.ended'])
    const isBad = ({ body }: Received): boolean => body.data.uniqueId === '4.1'
    receiver.answer = (got) => (isBad(got) ? 500 : 200)
    await ring(world, '4.1', '+79160000041')
    await receiver.until((all) => all.some(isBad))
    await end(world, '4.1', '+79160000041')
    await ring(world, '4.2', '+79160000042')
    await end(world, '4.2', '+79160000042')
    const good = () => receiver.received.filter((got) => !isBad(got))
    await receiver.until(() => good().length === 2)
    assert.deepEqual(typesOf(good()), ['call.started', 'call.ended'])
    assert.deepEqual([...new Set(typesOf(receiver.received.filter(isBad)))], ['call.started'])
    receiver.answer = () => 200
    world.tick(60)
    world.context.hooks.wake()
    await receiver.until((all) => all.some((got) => isBad(got) && got.body.type === 'call.ended'))
    const own = typesOf(receiver.received.filter(isBad))
    assert.deepEqual(own.slice(-2), ['call.started', 'call.ended'])
  })

  test('ADMIN-7 a receiver that never answers delays only itself', async () => {
    await using slow = await startReceiver()
    await using quick = await startReceiver()
    await using world = await createHooked()
    slow.answer = () => undefined
    const { id } = await addHook(world, slow.url, ['user.created'])
    await addHook(world, quick.url, ['user.created'])
    const names = Array.from({ length: 12 }, (_none, index) => `User ${index}`)
    for (const name of names) await world.user({ name })
    await quick.until((all) => all.length === names.length)
    assert.deepEqual(quick.received.map(({ body }) => body.data.name).toSorted(), names.toSorted())
    assert.ok(slow.received.length <= 4, `${slow.received.length} at a time`)
    const { body } = await world.api('GET', `/api/hooks/${id}`)
    assert.equal(body.pending, names.length)
    const counted = (text: unknown): boolean =>
      /^ringside_hook_deliveries_pending 12$/m.test(String(text)) &&
      /^ringside_hook_attempts_total\{result="delivered"\} 12$/m.test(String(text))
    await eventually(
      () => world.api('GET', '/metrics'),
      (found) => counted(found.body),
    )
  })

  test('ADMIN-7 what cannot be delivered for three days marks the hook; the next success clears it', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { id } = await addHook(world, receiver.url, ['user.created'])
    receiver.answer = () => 500
    await world.user({ name: 'Anybody' })
    await receiver.until((all) => all.length === 1)
    const list = () => world.api('GET', `/api/hooks/${id}/deliveries`)
    await eventually(list, ({ body }) => body.items[0].reason === 'answered 500')
    world.tick(3 * 24 * 60 * 60)
    world.context.hooks.wake()
    const given = await eventually(list, ({ body }) => body.items[0].state === 'failed')
    assert.equal(given.body.items[0].attempts, 2)
    const shown = await world.api('GET', `/api/hooks/${id}`)
    assert.deepEqual([shown.body.state, shown.body.reason], ['failing', 'answered 500'])

    receiver.answer = () => 200
    const path = `/api/hooks/${id}/deliveries/${given.body.items[0].id}/resend`
    assert.equal((await world.api('POST', path)).status, 202)
    await receiver.until((all) => all.length === 3)
    assert.equal(new Set(receiver.received.map(idOf)).size, 1, 'sent again under the same id')
    await eventually(
      () => world.api('GET', `/api/hooks/${id}`),
      ({ body }) => body.state === 'active' && body.pending === 0,
    )
  })

  test('ADMIN-7 what was put off by a clock that was years ahead is sent when it is right again', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { id } = await addHook(world, receiver.url, ['user.created'])
    const years = 4 * 365 * 24 * 60 * 60
    world.tick(years)
    receiver.answer = () => 500
    await world.user({ name: 'Anybody' })
    await receiver.until((all) => all.length === 1)
    await eventually(
      () => world.api('GET', `/api/hooks/${id}/deliveries`),
      ({ body }) => body.items[0].reason === 'answered 500',
    )
    receiver.answer = () => 200
    world.tick(-years)
    world.context.hooks.wake()
    await receiver.until((all) => all.length === 2)
  })

  test('ADMIN-7 410 Gone disables a hook; an admin switches it on again', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { id } = await addHook(world, receiver.url, ['user.created'])
    receiver.answer = () => 410
    await world.user({ name: 'Gone' })
    await receiver.until((all) => all.length === 1)
    const ask = () => world.api('GET', `/api/hooks/${id}`)
    const gone = await eventually(ask, ({ body }) => body.state === 'disabled')
    assert.deepEqual([gone.body.reason, gone.body.pending], ['answered 410', 0])
    await world.user({ name: 'Meanwhile' })
    receiver.answer = () => 200
    const on = await world.api('PATCH', `/api/hooks/${id}`, { enabled: true })
    assert.equal(on.body.state, 'active')
    await world.user({ name: 'Back' })
    await receiver.until((all) => all.length === 2)
    assert.deepEqual(
      receiver.received.map(({ body }) => body.data.name),
      ['Gone', 'Back'],
    )
  })

  test('ADMIN-7 410 Gone of an address that was changed meanwhile is not that of the new one', async () => {
    await using old = await startReceiver()
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { id } = await addHook(world, old.url, ['user.created'])
    let say410 = (): unknown => undefined
    old.answer = (_got, response) => {
      say410 = () => response.writeHead(410).end()
      return undefined
    }
    await world.user({ name: 'Moved' })
    await old.until((all) => all.length === 1)
    await world.api('PATCH', `/api/hooks/${id}`, { url: receiver.url })
    say410()
    const list = () => world.api('GET', `/api/hooks/${id}/deliveries`)
    await eventually(list, ({ body }) => body.items[0].reason === 'answered 410')
    const { body } = await world.api('GET', `/api/hooks/${id}`)
    assert.equal(body.state, 'retrying')
    world.tick(10)
    world.context.hooks.wake()
    await receiver.until((all) => all.length === 1)
  })

  test('ADMIN-7 SAFE-7 a ping says what came of it; secrets and addresses are kept', async () => {
    await using receiver = await startReceiver()
    await using world = await createHooked()
    const { id, secret } = await addHook(world, receiver.url)
    const ping = await world.api('POST', `/api/hooks/${id}/test`)
    assert.deepEqual(
      [ping.body.type, ping.body.state, ping.body.status],
      ['ping', 'delivered', 204],
    )
    await verify(secret, receiver.received[0]!)
    assert.deepEqual(receiver.received[0]!.body.data, { hookId: id })
    receiver.answer = () => 404
    const bad = await world.api('POST', `/api/hooks/${id}/test`)
    assert.deepEqual([bad.body.state, bad.body.reason], ['failed', 'answered 404'])

    const rotated = await world.api('POST', `/api/hooks/${id}/rotate-secret`)
    receiver.answer = () => 200
    await world.api('POST', `/api/hooks/${id}/test`)
    await verify(secret, receiver.received.at(-1)!)
    await verify(rotated.body.secret, receiver.received.at(-1)!)
    world.tick(24 * 60 * 60 + 1)
    await world.api('POST', `/api/hooks/${id}/test`)
    assert.match(String(receiver.received.at(-1)!.headers['webhook-signature']), /^v1,\S+$/)

    const shown = JSON.stringify([
      await world.api('GET', '/api/hooks'),
      await world.api('GET', `/api/hooks/${id}/deliveries`),
    ])
    for (const each of [secret, rotated.body.secret]) assert.ok(!shown.includes(each.slice(6)))
    const { db } = world.context.database
    const rows = JSON.stringify(await db.selectFrom('hooks').selectAll().execute())
    for (const each of [secret, rotated.body.secret]) assert.ok(!rows.includes(each.slice(6)))
  })

  test('SAFE-5 SAFE-2 forbidden addresses and wrong fields are named; only admins', async () => {
    await using world = await createHooked({})
    const refused: readonly [unknown, RegExp][] = [
      [{ url: 'http://127.0.0.1:3000/' }, /^url is not allowed: .*HOOKS_ALLOW_PRIVATE/],
      [{ url: 'http://169.254.169.254/' }, /^url is not allowed: .*metadata/],
      [{ url: 'https://93.184.216.34/', events: ['call.begun'] }, /^events\.0 is "call\.begun"/],
      [{}, /^url is missing/],
    ]
    for (const [input, detail] of refused) {
      const { status, body } = await world.api('POST', '/api/hooks', input)
      assert.equal(status, 400)
      assert.match(body.detail, detail)
    }
    const { body } = await world.api('POST', '/api/hooks', { url: 'https://93.184.216.34/' })
    const inside = await world.api('PATCH', `/api/hooks/${body.id}`, { url: 'http://10.0.0.1/' })
    assert.equal(inside.status, 400)
    for (const as of ['anna', 'susan']) {
      assert.equal((await world.api('GET', '/api/hooks', undefined, as)).status, 403)
    }
    assert.equal((await world.api('DELETE', `/api/hooks/${body.id}`)).status, 204)
    assert.equal((await world.api('GET', `/api/hooks/${body.id}/deliveries`)).status, 404)
  })
})
