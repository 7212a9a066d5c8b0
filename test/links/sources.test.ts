import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import type { Database } from '../../db/database.ts'
import { BESIDE_OTHERS } from '../support/beside-others.ts'
import { onEachDatabase } from '../support/database.ts'
import { callNamed, callsOf, connectTo, ENDPOINTS, newTake, until } from '../support/linked.ts'
import { createFakePbx, type FakePbx } from '../support/model-pbx.ts'
import { createWorld, type World } from '../support/world.ts'

/** Where a call's packets are cut: after the first of this kind. */
const after1 = (packets: readonly string[], event: RegExp): number =>
  packets.findIndex((packet) => event.test(packet)) + 1

onEachDatabase((open) => {
  describe('in one world', () => {
    let world: World
    let pbx: FakePbx
    let database: Database
    before(async () => {
      world = await createWorld(async () => {
        database = await open()
        return database
      })
      pbx = await createFakePbx({ endpoints: ENDPOINTS })
      await connectTo(world, pbx)
    })
    after(async () => {
      await world.close()
      await pbx.close()
    })
    const play = (packets: readonly string[]): void => {
      for (const packet of packets) pbx.tell(packet)
    }

    test('CALL-1 while AMI is up a webhook’s list of a queue’s members makes no legs', async () => {
      const take = await newTake('incoming-queue-answered', '22')
      // 104 is a paused member: listed, and not rung. The webhook is here before AMI's event.
      const fields = { unique_id: take.uniqueId, from_user: take.expected.caller.number }
      await world.hook({ ...fields, status: 'incoming_start', to_user: '74951000200' })
      await world.hook({ ...fields, status: 'call to queue support', to_user: '101,102,103,104' })
      const early = await callNamed(world, take.uniqueId)
      assert.equal(early?.state, 'ringing')
      assert.deepEqual(early?.legs, [])
      play(take.packets)
      await world.hook({ ...fields, status: 'incoming_answer', to_user: '102' })
      await world.hook({ ...fields, status: 'incoming_end' })
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
      const call = await callNamed(world, take.uniqueId)
      assert.deepEqual(call?.legs.map(({ extension }) => extension).sort(), ['101', '102', '103'])
      const trace = await world.api('GET', `/api/calls/${call?.id}/trace`)
      assert.ok(trace.body.items.some(({ source }: { source: string }) => source === 'ami'))
      assert.doesNotMatch(JSON.stringify(trace.body), /104 does not ring|"104","shown":true/)
    })

    test('CALL-1 CALL-3 a webhook with the called leg’s id is of the call that AMI tells of', async () => {
      const take = await newTake('incoming-answered', '22')
      const number = take.expected.caller.number
      const legId = take.packets
        .filter((packet) => /^Event: Newchannel/m.test(packet))
        .map((packet) => /^Uniqueid: (\S+)\r$/m.exec(packet)?.[1])
        .find((id) => id !== take.uniqueId)
      assert.ok(legId)
      const talking = after1(take.packets, /^Event: BridgeEnter/m)
      play(take.packets.slice(0, talking))
      await until(async () => (await callNamed(world, take.uniqueId))?.legs.length === 1)
      const fields = { unique_id: legId, from_user: number, to_user: '101' }
      await world.hook({ ...fields, status: 'incoming_ring' })
      await world.hook({ ...fields, status: 'incoming_answer' })
      play(take.packets.slice(talking))
      await world.hook({ ...fields, status: 'incoming_end' })
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
      const calls = (await callsOf(world)).filter(({ from }) => from.raw === number)
      assert.equal(calls.length, 1, JSON.stringify(calls))
      assert.equal(calls[0]?.legs.length, 1)
    })

    test('CALL-1 what a webhook made of a leg’s id before AMI told of it becomes part of the call', async () => {
      const take = await newTake('incoming-answered', '16')
      const legId = take.packets
        .filter((packet) => /^Event: Newchannel/m.test(packet))
        .map((packet) => /^Uniqueid: (\S+)\r$/m.exec(packet)?.[1])
        .find((id) => id !== take.uniqueId)
      // No number that a call could be found by.
      await world.hook({
        unique_id: String(legId),
        status: 'incoming_answer',
        to_user: '101',
        from_user: '',
      })
      const stray = await callNamed(world, String(legId))
      assert.ok(stray, 'a call of its own for now')
      await database.db
        .updateTable('calls')
        .set({ recordingsGone: 'erased' })
        .where('id', '=', stray.id)
        .execute()
      play(take.packets)
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
      // Its recordings were the call's: a conversation with a record stays one.
      assert.equal((await callNamed(world, take.uniqueId))?.recordingsGone, 'erased')
      const calls = await callsOf(world)
      assert.equal(calls.filter(({ uniqueId }) => uniqueId === legId).length, 0, 'it is gone')
      assert.equal((await world.api('GET', `/api/calls/${stray.id}`)).status, 404)
    })

    test('CALL-12 a call that only a webhook told of ends when the PBX has no channel of it', async () => {
      const uniqueId = `${Math.floor(Date.now() / 1000)}.990001`
      const young = `${Math.floor(Date.now() / 1000)}.990002`
      const fields = { from_user: '+79160000001', to_user: '101' }
      await world.hook({ ...fields, unique_id: uniqueId, status: 'incoming_ring' })
      await world.settled()
      world.tick(30)
      await world.hook({ ...fields, unique_id: young, status: 'incoming_ring' })
      await world.settled()
      // The link looks every minute, and at each reconnect.
      const loggedIn = pbx.loggedIn()
      pbx.cut()
      await loggedIn
      await until(async () => (await callNamed(world, uniqueId))?.state === 'ended')
      const call = await callNamed(world, uniqueId)
      assert.equal(call?.endNotReported, true)
      assert.equal(call?.talkSeconds, null)
      const trace = await world.api('GET', `/api/calls/${call?.id}/trace`)
      assert.equal(
        trace.body.items.at(-1).reading,
        'the PBX has no channel of this call: it counts as ended',
      )
      assert.equal((await callNamed(world, young))?.state, 'ringing', 'what has just begun is kept')
      await world.hook({ ...fields, unique_id: young, status: 'incoming_end' })
    })

    test('HOLD-4 the PBX restarts in the middle of a call: its call ends at the reconnect, marked', async () => {
      const take = await newTake('incoming-answered', '22')
      const talking = after1(take.packets, /^Event: BridgeEnter/m) + 3
      play(take.packets.slice(0, talking))
      await until(async () => (await callNamed(world, take.uniqueId))?.answeredAt !== null)
      const loggedIn = pbx.loggedIn()
      pbx.restart()
      await loggedIn
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
      const call = await callNamed(world, take.uniqueId)
      assert.equal(call?.outcome, 'answered')
      const { body } = await world.api('GET', `/api/calls/${call?.id}/trace`)
      assert.match(JSON.stringify(body), /the state read after the connection came back/)
    })

    test('HOLD-4 a half-open connection is noticed within 20 s, and what was missed put right', async () => {
      const take = await newTake('incoming-answered', '22')
      const ringing = after1(take.packets, /^Event: DialBegin/m)
      play(take.packets.slice(0, ringing))
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ringing')
      const at = performance.now()
      const loggedIn = pbx.loggedIn()
      pbx.cut(false)
      play(take.packets.slice(ringing))
      await loggedIn
      assert.ok(performance.now() - at < 20_000 * BESIDE_OTHERS)
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ended')
    })

    test('CALL-18 the server restarts in the middle of a call', async () => {
      const take = await newTake('incoming-queue-answered', '16')
      const ringing = after1(take.packets, /^Event: AgentCalled/m) + 20
      play(take.packets.slice(0, ringing))
      await until(async () => (await callNamed(world, take.uniqueId))?.state === 'ringing')
      const before = await callNamed(world, take.uniqueId)
      const { connectionId } = world
      await world.context.links.close()
      play(take.packets.slice(ringing, ringing + 5))
      // A new server over the same database; its own connection does not matter here.
      const next = await createWorld(async () => world.context.database, {
        RINGSIDE_SECRET: world.context.ringsideSecret.reveal(),
      })
      try {
        const seen = { ...next, connectionId }
        await until(() => pbx.clients() === 1)
        await until(() => next.context.links.status(connectionId, 'ami').state === 'up')
        const during = await callNamed(seen, take.uniqueId)
        const ringingOf = (call: typeof during) =>
          call?.legs.filter(({ result }) => result === 'ringing').map(({ extension }) => extension)
        assert.notDeepEqual(ringingOf(before), [])
        assert.deepEqual(ringingOf(during), ringingOf(before))
        play(take.packets.slice(ringing + 5))
        await until(async () => (await callNamed(seen, take.uniqueId))?.state === 'ended')
        const call = await callNamed(seen, take.uniqueId)
        assert.equal(call?.outcome, 'answered')
        assert.deepEqual(call?.startedAt, before?.startedAt)
      } finally {
        await next.close()
      }
    })
  })
})
