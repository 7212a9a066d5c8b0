import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import test from 'node:test'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { sql } from 'kysely'
import { inTransaction, openDatabase, toJson } from '../../db/database.ts'
import { appendOutbox } from '../../db/outbox.ts'
import type { AppEnv } from '../../server/http/access.ts'
import { authenticate } from '../../server/http/auth.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { problemHandler } from '../../server/http/problem.ts'
import { HEARTBEAT_MS, streamRoutes } from '../../server/http/routes/stream.ts'
import { loadRecording } from '../../server/simulate/scenario.ts'
import { createSnapshots } from '../../server/stream/snapshots.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { openStream, type SseClient, type StreamEvent } from '../support/sse.ts'
import { createWorld, EMBED_SECRET, type World } from '../support/world.ts'

const CALLER = '+79161234567'

function ring(world: World, id: string, extensions: string): Promise<number> {
  return world.hook({
    status: 'incoming_ring',
    unique_id: id,
    from_user: CALLER,
    to_user: extensions,
  })
}

function answer(world: World, id: string, extension: string): Promise<number> {
  return world.hook({
    status: 'incoming_answer',
    unique_id: id,
    from_user: CALLER,
    to_user: extension,
  })
}

function end(world: World, id: string, extension: string): Promise<number> {
  return world.hook({
    status: 'incoming_end',
    unique_id: id,
    from_user: CALLER,
    to_user: extension,
  })
}

function follow(world: World, agent: string, lastEventId?: string): Promise<SseClient> {
  return openStream(world.url, world.token(agent), lastEventId)
}

const isHello = (event: StreamEvent): boolean => event.type === 'hello'
const isCall =
  (uniqueId: string, state: string) =>
  ({ type, data }: StreamEvent): boolean =>
    type === 'call' && data.uniqueId === uniqueId && data.state === state

onEachDatabase((open) => {
  test('hello holds the agent’s active calls, drafts and closed pop-ups; a supervisor’s all calls', async () => {
    await using world = await createWorld(open)
    for (const [id, extension] of [
      ['h.1', '101'],
      ['h.2', '101'],
      ['h.3', '102'],
      ['h.4', '101'],
    ] as const)
      await ring(world, id, extension)
    await end(world, 'h.4', '101')
    await answer(world, 'h.1', '101')
    const [first, second] = [await world.call('h.1'), await world.call('h.2')]
    const draft = { subject: 'Bill', essence: 'Wants a copy' }
    await world.api('PUT', `/api/calls/${first.id}/draft`, draft, 'anna')
    await world.api('POST', `/api/calls/${second.id}/dismiss`, undefined, 'anna')

    using anna = await follow(world, 'anna')
    const hello = (await anna.next(isHello)).data
    assert.deepEqual(hello.calls.map((call: { uniqueId: string }) => call.uniqueId).sort(), [
      'h.1',
      'h.2',
    ])
    assert.deepEqual(
      hello.calls.find((call: { id: string }) => call.id === first.id),
      await world.call('h.1'),
    )
    assert.deepEqual(Object.keys(hello.drafts), [first.id])
    assert.equal(hello.drafts[first.id].essence, 'Wants a copy')
    assert.equal(hello.drafts[first.id].updatedBy, world.agents.anna)
    assert.deepEqual(hello.dismissed, [second.id])
    assert.equal(hello.resumedFrom, null)
    assert.match(hello.epoch, /^\d+$/)
    assert.ok(Math.abs(Date.parse(hello.now) - world.now().getTime()) < 5000)

    using susan = await follow(world, 'susan')
    const all = (await susan.next(isHello)).data
    assert.deepEqual(all.calls.map((call: { uniqueId: string }) => call.uniqueId).sort(), [
      'h.1',
      'h.2',
      'h.3',
    ])
    assert.deepEqual(all.dismissed, [])
  })

  test('hello holds all active calls, and however large it is the stream goes on after it', async () => {
    await using world = await createWorld(open)
    await ring(world, 'm.1', '101')
    const first = await world.call('m.1')
    const extra = { note: 'x'.repeat(5000) }
    await sql`
      insert into calls
      select (jsonb_populate_record(calls, jsonb_build_object(
        'id', 'copy ' || n, 'unique_id', 'copy ' || n, 'extra', ${toJson(extra)}::jsonb))).*
      from calls, generate_series(1, 299) as n
    `.execute(world.context.database.db)
    using anna = await follow(world, 'anna')
    const { calls } = (await anna.next(isHello)).data
    assert.equal(calls.length, 300)
    assert.ok(calls.some(({ id }: { id: string }) => id === first.id))
    await answer(world, 'm.1', '101')
    await anna.next(isCall('m.1', 'answered'))
  })

  test('every change of a call, case, user and recording comes as the whole object, to those concerned', async () => {
    await using world = await createWorld(open)
    using anna = await follow(world, 'anna')
    using boris = await follow(world, 'boris')
    using clara = await follow(world, 'clara')
    using susan = await follow(world, 'susan')
    for (const each of [anna, boris, clara, susan]) await each.next(isHello)

    await ring(world, 'c.1', '101,102')
    await answer(world, 'c.1', '101')
    await anna.next(isCall('c.1', 'answered'))
    const answered = await world.call('c.1')
    await end(world, 'c.1', '101')
    const ended = await anna.next(isCall('c.1', 'ended'))
    assert.equal(ended.data.caseId, (await world.call('c.1')).caseId)
    assert.deepEqual(ended.data, await world.call('c.1'))
    assert.deepEqual((await anna.next(isCall('c.1', 'answered'))).data, answered)
    const opened = await clara.next(({ type }) => type === 'case')
    assert.equal(opened.data.subject, 'Incoming call from +7 916 123-45-67')
    assert.equal(opened.data.message.call.id, ended.data.id)
    assert.equal('messages' in opened.data, false)
    const user = await clara.next(({ type }) => type === 'user')
    const kept = await world.api('GET', `/api/users/${user.data.id}`)
    assert.deepEqual(user.data, kept.body)

    await world.record('c.1', await loadRecording())
    const recording = await anna.next(({ type }) => type === 'recording')
    assert.equal(recording.data.callId, ended.data.id)
    const withPlayer = await clara.next(
      ({ type, data }) => type === 'case' && data.message?.call?.recordings.length === 1,
    )
    assert.equal(withPlayer.data.id, opened.data.id)

    await world.api('PATCH', `/api/cases/${opened.data.id}`, { status: 'closed' }, 'boris')
    await world.api('PATCH', `/api/users/${user.data.id}`, { name: 'Ivan Petrov' }, 'boris')
    for (const each of [anna, boris, clara, susan]) {
      await each.next(({ type, data }) => type === 'case' && data.status === 'closed')
      await each.next(({ type, data }) => type === 'user' && data.name === 'Ivan Petrov')
    }
    // Boris was rung: he hears that somebody else answered. Clara has nothing to do with it.
    await boris.next(isCall('c.1', 'ended'))
    assert.ok(susan.events.some(isCall('c.1', 'ended')))
    assert.deepEqual(
      clara.events.filter(({ type }) => type === 'call' || type === 'recording'),
      [],
    )
    for (const { events } of [anna, boris, clara, susan]) {
      const ids = events.map((event) => event.id)
      assert.deepEqual(ids, [...ids].sort())
      assert.equal(new Set(ids).size, ids.length)
    }
  })

  test('ADMIN-5 a change of the settings or of the fields comes to every page as one whole object', async () => {
    await using world = await createWorld(open)
    using anna = await follow(world, 'anna')
    await anna.next(isHello)
    const patched = await world.api('PATCH', '/api/settings', { claimMinutes: 7 })
    assert.equal(patched.status, 200)
    const first = await anna.next(({ type }) => type === 'settings')
    const before = await world.api('GET', '/api/fields')
    assert.deepEqual(first.data, { ...patched.body, fields: before.body.items })

    const items = [...before.body.items, { key: 'tax', label: 'Tax', type: 'text', inPopup: true }]
    assert.equal((await world.api('PUT', '/api/fields', { items })).status, 200)
    const second = await anna.next(({ type, id }) => type === 'settings' && id > first.id)
    assert.deepEqual(second.data, { ...patched.body, fields: items })
  })

  test('Last-Event-ID brings everything after it once and in order, with the rights of live events', async () => {
    await using world = await createWorld(open)
    const live = await follow(world, 'boris')
    using whole = await follow(world, 'boris')
    await whole.next(isHello)
    await ring(world, 'r.1', '102')
    const at = (await live.next(isCall('r.1', 'ringing'))).id
    live.close()
    await answer(world, 'r.1', '102')
    await ring(world, 'r.2', '101')
    await end(world, 'r.2', '101')
    await end(world, 'r.1', '102')
    await whole.next(isCall('r.1', 'ended'))
    await world.settled()

    using again = await follow(world, 'boris', at)
    const hello = await again.next(isHello)
    assert.equal(hello.data.resumedFrom, at)
    assert.equal(hello.id, at)
    await again.next(isCall('r.1', 'ended'))
    await ring(world, 'r.3', '102')
    await again.next(isCall('r.3', 'ringing'))
    await whole.next(isCall('r.3', 'ringing'))
    const missed = whole.events.filter((event) => event.id > at)
    assert.deepEqual(again.events.slice(1), missed)
    assert.equal(again.events.some(isCall('r.2', 'ended')), false)
    // A browser that cannot set the header says it in the address.
    const query = await openStream(`${world.url}`, world.token('boris'), `${Number(at) + 1}0`)
    assert.equal((await query.next(isHello)).data.resumedFrom, null)
    query.close()
  })

  test('closing a pop-up reaches the agent’s other pages, and nobody else', async () => {
    await using world = await createWorld(open)
    using one = await follow(world, 'anna')
    using two = await follow(world, 'anna')
    using boris = await follow(world, 'boris')
    using susan = await follow(world, 'susan')
    for (const each of [one, two, boris, susan]) await each.next(isHello)
    await ring(world, 'd.1', '101,102')
    const { id } = await world.call('d.1')
    const done = await world.api('POST', `/api/calls/${id}/dismiss`, undefined, 'anna')
    assert.ok(done.status < 300)
    for (const page of [one, two]) {
      const event = await page.next(({ type }) => type === 'dismissed')
      assert.deepEqual(event.data, { callId: id })
    }
    await end(world, 'd.1', '101')
    for (const each of [boris, susan]) {
      await each.next(isCall('d.1', 'ended'))
      assert.equal(
        each.events.some(({ type }) => type === 'dismissed'),
        false,
      )
    }
  })

  test('proxies are told not to buffer, and a heartbeat comes at least every 15 s', async () => {
    await using world = await createWorld(open)
    using anna = await follow(world, 'anna')
    assert.match(String(anna.headers['content-type']), /^text\/event-stream/)
    assert.equal(anna.headers['x-accel-buffering'], 'no')
    assert.match(String(anna.headers['cache-control']), /no-transform/)
    assert.equal(anna.headers['content-encoding'], undefined)
    assert.ok(HEARTBEAT_MS <= 15_000)

    const { context } = world
    const app = new Hono<AppEnv>().use('*', authenticate(context.authenticator)).route(
      '/',
      streamRoutes({
        hub: context.hub,
        snapshots: createSnapshots(context.database.db),
        pages: context.pages,
        authenticator: context.authenticator,
        clock: context.clock,
        stopping: context.stopping,
        heartbeatMs: 20,
      }),
    )
    const { server, url } = await listen(app)
    const beating = await openStream(url, world.token('anna'))
    assert.match(await beating.nextComment(), /^: /)
    beating.close()
    server.close()
    server.closeAllConnections()
  })

  test('a stream that the database cannot begin is answered 503, and leaves nothing behind', async () => {
    await using world = await createWorld(open)
    const { context } = world
    await using away = await openDatabase({ url: 'postgres://ringside@127.0.0.1:1/none' })
    const app = new Hono<AppEnv>().use('*', authenticate(context.authenticator)).route(
      '/',
      streamRoutes({
        hub: context.hub,
        snapshots: createSnapshots(away.db),
        pages: context.pages,
        authenticator: context.authenticator,
        clock: context.clock,
        stopping: context.stopping,
      }),
    )
    app.onError(problemHandler(createMemoryLog()))
    const { server, url } = await listen(app)
    const answer = await fetch(`${url}/api/stream`, {
      headers: { authorization: `Bearer ${world.token('anna')}` },
    })
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    assert.equal(((await answer.json()) as { type: string }).type, '/problems/unavailable')
    assert.equal(context.hub.subscribers(), 0)
    server.close()
    server.closeAllConnections()
  })

  test('HEAD of the stream is its headers, and no stream', async () => {
    await using world = await createWorld(open)
    const answer = await fetch(`${world.url}/api/stream`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${world.token('anna')}` },
      signal: AbortSignal.timeout(5000),
    })
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers.get('content-type')), /^text\/event-stream/)
    assert.equal(answer.headers.get('x-accel-buffering'), 'no')
    assert.equal(await answer.text(), '')
    assert.equal(world.context.hub.subscribers(), 0)
  })

  test('SAFE-8 a stream ends with its token, and without one there is none', async () => {
    await using world = await createWorld(open)
    const exp = Math.ceil(world.now().getTime() / 1000) + 1
    const token = signJwt(
      { sub: 'anna', name: 'anna', aud: 'ringside', exp },
      Buffer.from(EMBED_SECRET),
    )
    using anna = await openStream(world.url, token)
    await anna.next(isHello)
    assert.equal(await anna.ended, 'ended')
    assert.ok(world.now().getTime() / 1000 >= exp - 0.1)
    await assert.rejects(openStream(world.url, token), /401/)
    await assert.rejects(openStream(world.url, 'nonsense'), /401/)
  })

  test('SAFE-8 a stream ends at once with the API key, the sign-in or the role that it was opened by', async () => {
    await using world = await createWorld(open)
    const made = await world.api('POST', '/api/keys', { name: 'wall', scopes: ['read'] })
    using wall = await openStream(world.url, made.body.key)
    using susan = await follow(world, 'susan')
    using anna = await follow(world, 'anna')
    using boris = await follow(world, 'boris')
    for (const each of [wall, susan, anna, boris]) await each.next(isHello)

    await world.api('DELETE', `/api/keys/${made.body.id}`)
    assert.equal(await wall.ended, 'ended')
    await assert.rejects(openStream(world.url, made.body.key), /401/)

    await ring(world, 's.1', '101')
    await susan.next(isCall('s.1', 'ringing'))
    const patched = await world.api('PATCH', `/api/agents/${world.agents.susan}`, { role: 'agent' })
    assert.equal(patched.status, 200)
    assert.equal(await susan.ended, 'ended')
    using less = await follow(world, 'susan')
    assert.deepEqual((await less.next(isHello)).data.calls, [])

    await world.api('DELETE', `/api/agents/${world.agents.anna}/sign-ins`)
    assert.equal(await anna.ended, 'ended')
    // Whose rights did not change, or only the name, goes on.
    await world.api('PATCH', `/api/agents/${world.agents.boris}`, { name: 'Boris B.' })
    await ring(world, 's.2', '102')
    await boris.next(isCall('s.2', 'ringing'))
  })

  test('SAFE-8 a helpdesk’s token with a lower role ends the streams of the higher one', async () => {
    await using world = await createWorld(open)
    const token = (role: string): string =>
      signJwt(
        {
          sub: 'dora',
          aud: 'ringside',
          name: 'dora',
          role,
          exp: Math.floor(world.now().getTime() / 1000) + 3600,
        },
        Buffer.from(EMBED_SECRET),
      )
    using admin = await openStream(world.url, token('admin'))
    await admin.next(isHello)
    using agent = await openStream(world.url, token('agent'))
    await agent.next(isHello)
    assert.equal(await admin.ended, 'ended')
    await ring(world, 's.3', '101')
    await world.settled()
    await tell(world, { mark: 3 })
    await agent.next(({ data }) => data.mark === 3)
    assert.ok(!agent.events.some(isCall('s.3', 'ringing')))
  })

  test('streams end when the server stops', async () => {
    const world = await createWorld(open)
    using anna = await follow(world, 'anna')
    await anna.next(isHello)
    await world.close()
    assert.equal(await anna.ended, 'ended')
  })

  test('a stream ends at about 1 MB, after a whole event, and is resumed from there', async () => {
    await using world = await createWorld(open)
    using anna = await follow(world, 'anna')
    await anna.next(isHello)
    const text = 'x'.repeat(50_000)
    let isOver = false
    const over = anna.ended.then((how) => {
      isOver = true
      return how
    })
    for (let i = 0; i < 30; i += 1) {
      await tell(world, { i, text })
      const heard = anna.next(({ data }) => data.i === i).catch(() => undefined)
      if (!isOver) await Promise.race([heard, over])
    }
    assert.equal(await over, 'ended')
    const bytes = anna.events.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0)
    assert.ok(bytes > 1_000_000 && bytes < 1_250_000, `${bytes} bytes`)
    using rest = await follow(world, 'anna', anna.events.at(-1)!.id)
    await rest.next(({ data }) => data.i === 29)
    const seen = [...anna.events, ...rest.events].flatMap(({ data }) => data.i ?? [])
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, i) => i),
    )
  })

  test('HOLD-11 clients that do not read, or go at once, leave nothing behind and harm nobody', async () => {
    await using world = await createWorld(open)
    const { hub } = world.context
    const stuck: SseClient[] = []
    for (let i = 0; i < 5; i += 1) {
      const client = await follow(world, 'anna')
      client.pause()
      stuck.push(client)
    }
    for (let i = 0; i < 20; i += 1) (await follow(world, 'anna')).close()
    let reader = await follow(world, 'anna')
    await reader.next(isHello)
    const text = 'x'.repeat(100_000)
    for (let i = 0; i < 60; i += 1) {
      await tell(world, { i, text })
      const found = reader.next(({ data }) => data.i === i).catch(() => null)
      const ended = reader.ended.then(() => null)
      if ((await Promise.race([found, ended])) === null) {
        const lastId = reader.events.at(-1)!.id
        reader = await follow(world, 'anna', lastId)
        await reader.next(({ data }) => data.i === i)
      }
    }
    reader.close()
    for (const client of stuck) client.close()
    await untilNobodyListens(world)
    assert.equal(hub.subscribers(), 0)
  })
})

/** Something large that everybody hears. */
async function tell(world: World, data: Record<string, unknown>): Promise<void> {
  const { database, hub } = world.context
  const entry = { type: 'settings', audience: null, data } as const
  await inTransaction(database.db, (tx) => appendOutbox(tx, [entry], new Date()))
  hub.wake()
}

/** Each turn asks the server, so that its sockets get their turn, too. */
async function untilNobodyListens(world: World): Promise<void> {
  for (let turn = 0; turn < 500 && world.context.hub.subscribers() > 0; turn += 1) {
    await world.api('GET', '/api/me', undefined, 'anna')
  }
}

function listen(app: Hono<AppEnv>): Promise<{ server: Server; url: string }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({ server, url: `http://127.0.0.1:${port}` }),
    ) as Server
  })
}
