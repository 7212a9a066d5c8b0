import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { insertCallEvents } from '../../db/call-events.ts'
import { type Db, toJson } from '../../db/database.ts'
import type { CallView } from '../../server/http/schemas.ts'
import { loadRecording } from '../../server/simulate/scenario.ts'
import { createTeller } from '../support/call-events.ts'
import { onEachDatabase } from '../support/database.ts'
import { createWorld, dialplanTime, type World } from '../support/world.ts'

const CALLER = '+79161234567'

function hook(
  world: World,
  status: string,
  id: string,
  to: string,
  more: Record<string, string> = {},
): Promise<number> {
  return world.hook({ status, unique_id: id, from_user: CALLER, to_user: to, ...more })
}

/** A whole answered call of 5 and 20 seconds. */
async function answeredCall(world: World, id: string, extension = '101'): Promise<void> {
  await hook(world, 'incoming_ring', id, extension)
  world.tick(5)
  await hook(world, 'incoming_answer', id, extension)
  world.tick(20)
  await hook(world, 'incoming_end', id, extension)
}

async function everyCall(world: World): Promise<CallView[]> {
  await world.settled()
  return (await world.api('GET', '/api/calls?limit=200')).body.items
}

onEachDatabase((open) => {
  test('CALL-18 what was accepted and not applied is applied at the next start', async () => {
    const database = await open()
    const before = await createWorld(async () => database)
    const { connectionId } = before
    await before.close()
    const tell = createTeller({ source: 'webhook', uniqueId: 'crash.1' })
    const events = [tell.started(0), tell.ring(1, '101'), tell.answer(4, '101'), tell.end(9)]
    await insertCallEvents(
      database.db,
      events.map((event, index) => ({
        receipt: `crash ${index}`,
        event: { ...event, connectionId },
        raw: {},
      })),
    )
    await using world = await createWorld(async () => database)
    await world.settled()
    const [call, ...others] = await everyCall(world)
    assert.deepEqual(others, [])
    assert.equal(call?.uniqueId, 'crash.1')
    assert.equal(call?.outcome, 'answered')
    assert.equal(await world.context.pipeline.pending(), 0)
    assert.equal((await world.cases()).length, 1)
  })

  test('events that are applied leave the database and the event loop to those that arrive', async () => {
    await using world = await createWorld(open)
    const { pipeline, database } = world.context
    // On a slow machine the worker's own round may have taken them all before this one looks.
    for (let round = 1; ; round += 1) {
      await insertCallEvents(
        database.db,
        Array.from({ length: 20 }, (_, index) => {
          const tell = createTeller({ source: 'webhook', uniqueId: `many.${round}.${index}` })
          const event = { ...tell.ring(1, '101'), connectionId: world.connectionId }
          return { receipt: `many ${round} ${index}`, event, raw: {} }
        }),
      )
      let turns = 0
      const count = (): void => {
        turns += 1
        if (turns < 20) setImmediate(count)
      }
      setImmediate(count)
      const draining = pipeline.drain()
      await nextTurn()
      const waiting = await pipeline.pending()
      await draining
      await world.settled()
      assert.equal(await pipeline.pending(), 0)
      if (waiting > 0 && turns === 20) return
      assert.ok(round < 5, `${waiting} were waiting, the event loop had ${turns} turns`)
    }
  })

  test('CALL-11 applying everything once more changes nothing', async () => {
    await using world = await createWorld(open)
    await answeredCall(world, 't.1')
    await world.record('t.1', await loadRecording())
    world.tick(60)
    await hook(world, 'incoming_ring', 't.2', '101')
    world.tick(9)
    await hook(world, 'incoming_end', 't.2', '101')
    await world.settled()
    await world.context.pipeline.drain()
    await until(world, 't.1', ({ recordings }) => recordings[0]?.seconds != null)
    const look = async () => ({
      calls: await everyCall(world),
      cases: await world.cases(),
      first: await world.caseOf('t.1'),
      second: await world.caseOf('t.2'),
      users: (await world.api('GET', '/api/users')).body.items.length,
    })
    const before = await look()
    assert.equal(before.cases.length, 2)
    const { db } = world.context.database
    for (let round = 0; round < 2; round += 1) {
      await db.updateTable('callEvents').set({ appliedAt: null }).execute()
      await world.settled()
      assert.equal(await world.context.pipeline.pending(), 0)
    }
    assert.deepEqual(await look(), before)
  })

  test('an event that cannot be applied holds up nobody, is set aside, and the admin sees it', async () => {
    await using world = await createWorld(open)
    const { db } = world.context.database
    await insertBad(db, world.connectionId, 'p.1', {})
    await insertBad(db, world.connectionId, 'p.1', { type: 'ringing', at: 'never', arrivedAt: 'x' })
    await insertBad(db, world.connectionId, 'p.2', {
      type: 'answered',
      at: new Date(),
      arrivedAt: new Date(),
    })
    await answeredCall(world, 'p.1')
    assert.equal((await world.call('p.1')).outcome, 'answered')
    assert.equal((await world.caseOf('p.1')).messages.length, 1)
    assert.equal(await world.context.pipeline.pending(), 0)
    const { failed } = await db
      .selectFrom('callEvents')
      .select((eb) => eb.fn.countAll<number>().as('failed'))
      .where('failures', '>', 0)
      .where('appliedAt', 'is', null)
      .executeTakeFirstOrThrow()
    assert.equal(Number(failed), 3)
    const log = await world.api('GET', `/api/connections/${world.connectionId}/log`)
    const reasons: string[] = log.body.items.map((item: { reason: string }) => item.reason)
    assert.equal(reasons.filter((reason) => /could not be applied/.test(reason)).length, 3)
  })

  test('CALL-12 a unique id seen again more than 24 h later is a new call; a recording joins the newest', async () => {
    await using world = await createWorld(open)
    await answeredCall(world, 'u.1')
    await world.settled()
    world.tick(23 * 3600)
    await world.record('u.1', await loadRecording())
    assert.equal((await everyCall(world)).length, 1)
    world.tick(2 * 3600)
    await answeredCall(world, 'u.1', '102')
    const [newer, older, ...others] = await everyCall(world)
    assert.deepEqual(others, [])
    assert.equal(newer?.agentId, world.agents.boris)
    assert.equal(older?.agentId, world.agents.anna)
    assert.notEqual(newer?.caseId, older?.caseId)
    await world.record('u.1', Buffer.concat([await loadRecording(), await loadRecording()]))
    const recordings = (await everyCall(world)).map((call) => call.recordings.length)
    assert.deepEqual(recordings, [1, 1])
  })

  test('CALL-3 an answer and an end with an unknown id join the one ringing call', async () => {
    await using world = await createWorld(open)
    await hook(world, 'incoming_ring', 'f.1', '101,102')
    world.tick(3)
    await hook(world, 'incoming_answer', 'f.1b', '102')
    world.tick(8)
    await hook(world, 'incoming_end', 'f.1b', '102')
    const [call, ...others] = await everyCall(world)
    assert.deepEqual(others, [])
    assert.equal(call?.uniqueId, 'f.1')
    assert.equal(call?.outcome, 'answered')
    assert.equal(call?.agentId, world.agents.boris)
    assertNear(call?.talkSeconds, 8)
  })

  test('CALL-3 with no or several ringing calls an unknown id is its own call, listed in the log', async () => {
    await using world = await createWorld(open)
    await hook(world, 'incoming_ring', 'n.1', '101')
    await hook(world, 'incoming_answer', 'n.x', '103')
    assert.equal((await world.call('n.x')).agentId, world.agents.clara)
    assert.equal((await world.call('n.1')).state, 'ringing')
    await hook(world, 'incoming_ring', 'n.2', '101,102')
    await hook(world, 'incoming_answer', 'n.y', '101')
    assert.equal((await world.call('n.y')).state, 'answered')
    for (const id of ['n.1', 'n.2']) assert.equal((await world.call(id)).state, 'ringing')
    const log = await world.api('GET', `/api/connections/${world.connectionId}/log`)
    const reasons: string[] = log.body.items.map((item: { reason: string }) => item.reason)
    assert.ok(
      reasons.some((reason) => /n\.x.*no ringing call/.test(reason)),
      reasons.join('\n'),
    )
    assert.ok(reasons.some((reason) => /n\.y.*several ringing calls/.test(reason)))
  })

  test('CALL-3 an id that turns out to be a call of its own is split off again', async () => {
    await using world = await createWorld(open)
    await hook(world, 'incoming_ring', 's.1', '101,102')
    world.tick(3)
    // The ring of the second call is late: its answer is taken for that of the first.
    const ringAt = dialplanTime(world.now())
    world.tick(2)
    await hook(world, 'incoming_answer', 's.2', '102')
    assert.equal((await world.call('s.1')).state, 'answered')
    await hook(world, 'incoming_ring', 's.2', '102', { datetime: ringAt })
    const [first, second] = [await world.call('s.1'), await world.call('s.2')]
    assert.equal(first.state, 'ringing')
    assert.equal(first.answeredAt, null)
    assert.deepEqual(
      first.legs.map(({ result }) => result),
      ['ringing', 'ringing'],
    )
    assert.equal(second.state, 'answered')
    assertNear(second.ringSeconds, 2)
    world.tick(5)
    await hook(world, 'incoming_end', 's.2', '102')
    await hook(world, 'incoming_end', 's.1', '101')
    assert.equal((await world.call('s.1')).outcome, 'missed')
    assert.equal((await world.call('s.2')).outcome, 'answered')
    assert.equal((await everyCall(world)).length, 2)
    assert.equal((await world.caseOf('s.1')).subject, 'Missed call from +7 916 123-45-67')
    assert.equal((await world.caseOf('s.2')).subject, 'Incoming call from +7 916 123-45-67')
  })

  test('CALL-12 a closing does not outweigh what had been accepted when it was made', async () => {
    await using world = await createWorld(open)
    await hook(world, 'incoming_ring', 'q.1', '101')
    await world.settled()
    world.tick(30)
    const answeredAt = world.now()
    world.tick(600)
    const closed = await until(world, 'q.1', ({ state }) => state === 'ended')
    assert.equal(closed.endNotReported, true)
    assert.equal(closed.outcome, 'missed')
    // It had waited in the spool.
    const tell = createTeller({ source: 'webhook', uniqueId: 'q.1' })
    const event = {
      ...tell.answer(0, '101'),
      connectionId: world.connectionId,
      at: answeredAt,
      arrivedAt: answeredAt,
    }
    await insertCallEvents(world.context.database.db, [{ receipt: 'q', event, raw: {} }])
    const goesOn = await world.call('q.1')
    assert.equal(goesOn.state, 'answered')
    assert.equal(goesOn.endNotReported, false)
    await hook(world, 'incoming_end', 'q.1', '101')
    assert.ok(((await world.call('q.1')).talkSeconds ?? 0) >= 600)
  })

  for (const [name, errorSeconds] of [
    ['slow', -600],
    ['fast', 600],
  ] as const) {
    test(`CALL-17 a clock that is ${name} shifts whole calls, once enough events tell of it`, async () => {
      await using world = await createWorld(open)
      const told = (): { datetime: string } => ({
        datetime: dialplanTime(new Date(world.now().getTime() + errorSeconds * 1000)),
      })
      for (let i = 0; i < 6; i += 1) {
        await hook(world, 'incoming_ring', `k.${i}`, '101', told())
        world.tick(4)
        await hook(world, 'incoming_answer', `k.${i}`, '101', told())
        world.tick(10)
        await hook(world, 'incoming_end', `k.${i}`, '101', told())
        await world.settled()
      }
      const ended = world.now().getTime()
      const call = await world.call('k.5')
      assert.ok(Math.abs(Date.parse(call.endedAt ?? '') - ended) < 3000, `${call.endedAt}`)
      assertNear(call.ringSeconds, 4)
      assertNear(call.talkSeconds, 10)
      // The first call was begun before anybody knew: it is not torn apart.
      const first = await world.call('k.0')
      assertNear(first.ringSeconds, 4)
      assertNear(first.talkSeconds, 10)
    })
  }

  test('CALL-17 once the time zone is put right, what was read in the wrong one shifts nothing', async () => {
    await using world = await createWorld(open)
    // The dialplan is three hours ahead of the zone that was set.
    const told = (): { datetime: string } => ({
      datetime: dialplanTime(new Date(world.now().getTime() + 3 * 60 * 60_000)),
    })
    const path = `/api/connections/${world.connectionId}`
    await world.api('PATCH', path, { timeZone: 'UTC' })
    for (let i = 0; i < 5; i += 1) {
      await hook(world, 'incoming_ring', `z.${i}`, '101', told())
      await world.settled()
    }
    assert.ok((await world.api('GET', path)).body.clockErrorSeconds < -10_000)
    world.tick(60)
    await world.api('PATCH', path, { timeZone: 'Europe/Minsk' })
    assert.equal((await world.api('GET', path)).body.clockErrorSeconds, null)
    await hook(world, 'incoming_ring', 'z.right', '101', told())
    const call = await world.call('z.right')
    assert.ok(Math.abs(Date.parse(call.startedAt) - world.now().getTime()) < 2000, call.startedAt)
  })

  test('CALL-17 one late event is late, not a wrong clock', async () => {
    await using world = await createWorld(open)
    for (let i = 0; i < 4; i += 1) await answeredCall(world, `l.${i}`)
    await world.settled()
    const happened = new Date(world.now().getTime() - 15 * 60_000)
    await hook(world, 'incoming_ring', 'l.late', '101', { datetime: dialplanTime(happened) })
    const late = await world.call('l.late')
    assert.ok(Math.abs(Date.parse(late.startedAt) - happened.getTime()) < 1000)
    await hook(world, 'incoming_ring', 'l.next', '101')
    const next = await world.call('l.next')
    assert.ok(Math.abs(Date.parse(next.startedAt) - world.now().getTime()) < 2000)
  })
})

function insertBad(
  db: Db,
  connectionId: string,
  uniqueId: string,
  event: Record<string, unknown>,
): Promise<unknown> {
  const now = new Date()
  return db
    .insertInto('callEvents')
    .values({
      receipt: `bad ${uniqueId} ${JSON.stringify(event)}`,
      connectionId,
      uniqueId,
      callId: null,
      source: 'webhook',
      type: 'ringing',
      at: now,
      atKnown: true,
      arrivedAt: now,
      event: toJson(event),
      raw: toJson({}),
      agents: null,
      trace: null,
      appliedAt: null,
    })
    .execute()
}

/** The dialplan tells whole seconds, and the test takes its time, too. */
function assertNear(seconds: number | null | undefined, expected: number): void {
  assert.ok(seconds != null && Math.abs(seconds - expected) <= 1, `${seconds} s, not ${expected} s`)
}

/** Asks until the call is as wanted: the server's own timers have to come round. */
async function until(
  world: World,
  id: string,
  isWanted: (call: CallView) => boolean,
): Promise<CallView> {
  const giveUpAt = Date.now() + 10_000
  for (;;) {
    const call = await world.call(id)
    if (isWanted(call)) return call
    if (Date.now() > giveUpAt) throw new Error(`call ${id} stays ${call.state}`)
  }
}
