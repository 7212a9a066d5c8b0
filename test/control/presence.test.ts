import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { upsertByExternalId } from '../../db/agents.ts'
import type { Database } from '../../db/database.ts'
import { savePages, saveProcess } from '../../db/open-pages.ts'
import { saveStates } from '../../db/presence.ts'
import { patchSettings } from '../../db/settings.ts'
import { createPresence } from '../../server/control/presence.ts'
import { createLog } from '../../server/log.ts'
import type { QueueState } from '../../server/sources/pbx.ts'
import { onEachDatabase } from '../support/database.ts'
import { openStream, type SseClient } from '../support/sse.ts'
import { createStandInPbx, type StandInPbx } from '../support/stand-in-pbx.ts'
import { createWorld, type World } from '../support/world.ts'

const member = (extension: string, more = {}): QueueState['members'][number] => ({
  extension,
  interface: `PJSIP/${extension}`,
  state: 'idle',
  paused: false,
  reason: '',
  ...more,
})

/** Agents with a page each, who were told to be on the phone, and are not. */
async function createBusyAgents(database: Database, count: number) {
  const now = new Date()
  const ids: string[] = []
  for (let i = 0; i < count; i += 1) {
    ids.push((await upsertByExternalId(database.db, { externalId: `a${i}` }, now)).id)
  }
  await saveProcess(database.db, 'one', now)
  await savePages(database.db, 'one', new Map(ids.map((id) => [id, 1])))
  const states = async (): Promise<Map<string, string>> => {
    const rows = await database.db
      .selectFrom('agentPresence')
      .select(['agentId', 'state'])
      .execute()
    return new Map(rows.map(({ agentId, state }) => [agentId, state]))
  }
  const log = createLog('error')
  const clock = () => new Date()
  const presence = createPresence({ database, log, clock, onTold: () => undefined })
  // The first look is at all.
  await presence.sweep()
  const busy = { state: 'busy', reason: null, since: now, goneSince: null } as const
  await saveStates(
    database.db,
    ids.map((agentId) => ({ agentId, ...busy })),
  )
  return { ids, states, presence }
}

onEachDatabase((open, kind) => {
  test(`CTL-6 who was on a call, and is no more, is looked at (${kind})`, async () => {
    await using database = await open()
    const { ids, states, presence } = await createBusyAgents(database, 2)
    const data = { id: 'c1', agentId: ids[1], legs: [], direction: 'outgoing' }
    presence.hear({ type: 'call', data, audience: ids })
    await presence.settled()
    assert.deepEqual(await states(), new Map(ids.map((agentId) => [agentId, 'free'])))
  })

  test(`CTL-6 a call that is told again after its end begins no second wrap-up (${kind})`, async () => {
    await using database = await open()
    const { id } = await upsertByExternalId(database.db, { externalId: 'anna' }, new Date())
    await patchSettings(database.db, { wrapUpSeconds: 60 })
    let nowMs = Date.parse('2026-03-02T09:00:00Z')
    const clock = () => new Date(nowMs)
    const presence = createPresence({
      database,
      clock,
      log: createLog('error'),
      onTold: () => undefined,
    })
    const ended = async (call: string): Promise<Date | null> => {
      const at = '2026-03-02T09:00:00.000Z'
      const leg = { agentId: id, answeredAt: at, endedAt: at }
      const incoming = { agentId: id, direction: 'incoming', answeredAt: at, endedAt: at }
      presence.hear({ type: 'call', data: { id: call, ...incoming, legs: [leg] }, audience: [id] })
      await presence.settled()
      const row = await database.db
        .selectFrom('agentPresence')
        .select('talkEndedAt')
        .executeTakeFirst()
      return row?.talkEndedAt ?? null
    }
    const first = await ended('c1')
    assert.deepEqual(first, clock())
    nowMs += 30_000
    assert.deepEqual(await ended('c1'), first)
    assert.deepEqual(await ended('c2'), clock(), 'another one does')
    nowMs += 10 * 60_000
    assert.deepEqual(await ended('c1'), new Date(nowMs - 10 * 60_000), 'long ago: not any more')
  })

  test(`CTL-6 of whom nobody says anything, they are looked at in turn (${kind})`, async () => {
    await using database = await open()
    const { ids, states, presence } = await createBusyAgents(database, 150)
    const wrong = async () => [...(await states()).values()].filter((state) => state !== 'free')
    await presence.sweep()
    assert.equal((await wrong()).length, 50)
    await presence.sweep()
    assert.equal((await wrong()).length, 0)
    await presence.choose(ids[0]!, 'away', null)
    assert.equal((await states()).get(ids[0]!), 'away')
  })

  describe('with somebody who looks on', () => {
    let world: World
    let pbx: StandInPbx
    let clara: SseClient
    let looked = 0
    before(async () => {
      pbx = createStandInPbx()
      world = await createWorld(open, {}, pbx)
      await world.api('PATCH', '/api/settings', { wrapUpSeconds: 60 })
      clara = await openStream(world.url, world.token('clara'))
    })
    after(async () => {
      clara.close()
      await world.close()
    })

    const id = (agent: 'anna' | 'boris'): string => world.agents[agent]
    /** The next that is told of an agent's being in a state, after what was looked at before. */
    const told = async (agent: 'anna' | 'boris', state: string) => {
      const seen = await clara.next(
        (event) =>
          event.type === 'agent' &&
          event.data.id === id(agent) &&
          event.data.state === state &&
          clara.events.indexOf(event) >= looked,
      )
      looked = clara.events.indexOf(seen) + 1
      return seen.data
    }
    const shown = async (agent: 'anna' | 'boris') => {
      const { items } = (await world.api('GET', '/api/agents', undefined, 'clara')).body
      return items.find((each: { id: string }) => each.id === id(agent))
    }
    const say = (status: string, unique_id: string) =>
      world.hook({ status, unique_id, from_user: '+79160000000', to_user: '101' })

    test('CTL-6 colleagues are told who comes, talks, wraps up, is free again and goes', async () => {
      using _anna = await openStream(world.url, world.token('anna'))
      await told('anna', 'free')
      await say('incoming_ring', 'p.1')
      await say('incoming_answer', 'p.1')
      const busy = await told('anna', 'busy')
      assert.deepEqual(await shown('anna'), busy, 'the whole object, as the list has it')
      assert.equal(busy.name, 'anna')
      assert.ok(busy.since)
      await say('incoming_end', 'p.1')
      const wrapUp = await told('anna', 'wrap-up')
      assert.ok(Math.abs(Date.parse(wrapUp.until) - world.now().getTime() - 60_000) < 5000)
      world.tick(61)
      await told('anna', 'free')
    })

    test('CTL-6 what an agent chooses is told with its reason, and ends a wrap-up', async () => {
      using _anna = await openStream(world.url, world.token('anna'))
      await world.settled()
      const away = await world.api(
        'PUT',
        '/api/me/state',
        { state: 'away', reason: 'lunch' },
        'anna',
      )
      assert.equal(away.status, 200)
      assert.deepEqual([away.body.state, away.body.reason], ['away', 'lunch'])
      assert.equal((await told('anna', 'away')).reason, 'lunch')
      await say('incoming_ring', 'p.2')
      await say('incoming_answer', 'p.2')
      await told('anna', 'busy')
      await say('incoming_end', 'p.2')
      await told('anna', 'wrap-up')
      const free = await world.api('PUT', '/api/me/state', { state: 'free' }, 'anna')
      assert.deepEqual([free.body.state, free.body.reason], ['free', null])
      assert.equal((await shown('anna')).state, 'free')
      for (const body of [{ state: 'busy' }, { state: 'away', reason: 'a\nb' }, {}]) {
        assert.equal((await world.api('PUT', '/api/me/state', body, 'anna')).status, 400)
      }
      assert.equal((await world.api('PUT', '/api/me/state', { state: 'free' })).status, 403)
    })

    test('CTL-6 queues are told when they change, and a pause in all of them is being away', async () => {
      using _boris = await openStream(world.url, world.token('boris'))
      await told('boris', 'free')
      const { connectionId } = world
      const support = { name: 'support', waiting: 2, members: [member('102'), member('999')] }
      const { presence } = world.context
      presence.queues(connectionId, [support])
      const queue = await clara.next(({ type, data }) => type === 'queue' && data.waiting === 2)
      assert.deepEqual(queue.data, {
        connectionId,
        name: 'support',
        waiting: 2,
        members: [
          { agentId: id('boris'), extension: '102', state: 'idle', paused: false, reason: '' },
          { agentId: null, extension: '999', state: 'idle', paused: false, reason: '' },
        ],
      })
      const listed = await world.api('GET', '/api/queues', undefined, 'anna')
      assert.deepEqual(listed.body, { items: [queue.data], next: null })
      const paused = { ...support, members: [member('102', { paused: true, reason: 'lunch' })] }
      presence.queues(connectionId, [paused])
      assert.equal((await told('boris', 'away')).reason, 'lunch')
      const count = () => clara.events.filter(({ type }) => type === 'queue').length
      const before = count()
      presence.queues(connectionId, [paused])
      presence.queues(connectionId, [support])
      await told('boris', 'free')
      assert.equal(count(), before + 1, 'what is no news is not told')
      presence.queues(connectionId, [paused])
      await told('boris', 'away')
      presence.queues(connectionId, [])
      await told('boris', 'free')
      assert.deepEqual((await world.api('GET', '/api/queues')).body.items, [])
    })

    test('CTL-6 the phone’s state counts where the PBX tells of it', async () => {
      using _boris = await openStream(world.url, world.token('boris'))
      const { presence } = world.context
      await presence.sweep()
      presence.device(world.connectionId, '102', 'in-use')
      await told('boris', 'busy')
      presence.device(world.connectionId, '102', 'unavailable')
      await told('boris', 'offline')
      presence.device(world.connectionId, '102', 'idle')
      await told('boris', 'free')
    })

    test('CTL-6 whose phone becomes another’s is told with what the phone does from then on', async () => {
      using _boris = await openStream(world.url, world.token('boris'))
      const { presence } = world.context
      await presence.sweep()
      presence.device(world.connectionId, '199', 'in-use')
      await presence.settled()
      const give = (...extensions: string[]) => {
        const items = extensions.map((extension) => ({
          connectionId: world.connectionId,
          extension,
        }))
        return world.api('PUT', `/api/agents/${id('boris')}/extensions`, { items })
      }
      assert.equal((await give('102', '199')).status, 200)
      await told('boris', 'busy')
      await presence.settled()
      presence.device(world.connectionId, '199', 'idle')
      await told('boris', 'free')
      await give('102')
    })

    test('CTL-6 of phones that change without end the last state counts, and soon', async () => {
      using _boris = await openStream(world.url, world.token('boris'))
      const { presence } = world.context
      await presence.sweep()
      const startedAt = performance.now()
      for (let i = 0; i < 20_000; i += 1) {
        presence.device(world.connectionId, '102', i % 2 === 0 ? 'idle' : 'ringing')
      }
      presence.device(world.connectionId, '102', 'in-use')
      await presence.settled()
      await told('boris', 'busy')
      const tookMs = performance.now() - startedAt
      assert.ok(tookMs < 5000, `it took ${Math.round(tookMs)} ms`)
      presence.device(world.connectionId, '102', 'idle')
      await told('boris', 'free')
    })

    test('CTL-6 agents pause themselves in the queues that they are in', async () => {
      const { presence } = world.context
      presence.queues(world.connectionId, [
        { name: 'support', waiting: 0, members: [member('101')] },
      ])
      await presence.settled()
      const pause = (name: string, agent: string) =>
        world.api('PUT', '/api/me/queues', { name, paused: true, reason: 'lunch' }, agent)
      assert.equal((await pause('support', 'anna')).status, 204)
      assert.deepEqual(pbx.commands.splice(0), [
        { type: 'queue-pause', extension: '101', queue: 'support', paused: true, reason: 'lunch' },
      ])
      const boris = await pause('support', 'boris')
      assert.equal(boris.status, 409)
      assert.match(boris.body.type, /\/not-supported$/)
      pbx.answers({ ok: false, code: 'refused-by-pbx', message: 'Interface not found' })
      assert.match((await pause('support', 'anna')).body.type, /\/refused-by-pbx$/)
    })
  })
})
