import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { loadAmi } from '../../server/simulate/scenario.ts'
import { onEachDatabase } from '../support/database.ts'
import {
  callNamed,
  callsOf,
  connectTo,
  ENDPOINTS,
  linkStatus,
  newTake,
  until,
} from '../support/linked.ts'
import { createFakePbx, type FakePbx } from '../support/model-pbx.ts'
import { createWorld, type World } from '../support/world.ts'

const packet = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const member = (paused: '0' | '1', reason = ''): string[] => [
  'Queue: support',
  'Interface: PJSIP/101',
  'Status: 1',
  `Paused: ${paused}`,
  `PausedReason: ${reason}`,
]
const joins = packet('Event: QueueMemberAdded', ...member('0'))
const pauses = (paused: '0' | '1', reason: string): string =>
  packet('Event: QueueMemberPause', ...member(paused, reason))

/** What the PBX was asked to do, as `Name key=value …`, the keys in the order given. */
function asked(pbx: FakePbx, name: string, ...keys: readonly string[]): string[] {
  return pbx.actions
    .filter((action) => action.name === name)
    .map(({ fields }) => keys.map((key) => `${key}=${fields.get(key) ?? ''}`).join(' '))
}

async function setOptions(world: World, options: Record<string, unknown>): Promise<void> {
  const path = `/api/connections/${world.connectionId}`
  const { status, body } = await world.api('PATCH', path, { options })
  assert.equal(status, 200, JSON.stringify(body))
}

onEachDatabase((open) => {
  test('AMI-5 filePath: a file of recorded packets is read instead of a socket, and makes nothing twice', async (t) => {
    await using world = await createWorld(open)
    const folder = mkdtempSync(join(tmpdir(), 'ringside-test-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const filePath = join(folder, 'recorded.txt')
    writeFileSync(filePath, (await loadAmi('incoming-answered', '22')).bytes)
    assert.equal((await linkStatus(world)).state, 'off')
    await setOptions(world, { filePath })
    await until(async () => (await callsOf(world)).some(({ state }) => state === 'ended'))
    const [call] = await callsOf(world)
    assert.equal(call?.outcome, 'answered')
    assert.equal((await linkStatus(world)).state, 'up')

    const { since } = await linkStatus(world)
    await setOptions(world, { originateContext: 'read-again' })
    await until(async () => {
      const now = await linkStatus(world)
      return now.state === 'up' && now.since !== since
    })
    assert.equal((await callsOf(world)).length, 1)

    await setOptions(world, { filePath: join(folder, 'none.txt') })
    await until(async () => /cannot be read/.test((await linkStatus(world)).error))
    await setOptions(world, { filePath: folder })
    await until(async () => /is no file/.test((await linkStatus(world)).error))
    await setOptions(world, { filePath: '' })
    await until(async () => (await linkStatus(world)).state === 'off')
  })

  test('AMI-5 originateContext and asyncOriginate: how a click-to-call is dialled', async () => {
    await using world = await createWorld(open)
    await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
    const sessions: number[] = []
    pbx.onAction = (name) => {
      if (name === 'Originate') sessions.push(pbx.clients())
      return null
    }
    const dialled = async (options: Record<string, unknown>) => {
      pbx.actions.length = 0
      await connectTo(world, pbx, { options })
      // The link of before goes away when the options change.
      await until(async () => {
        const { status } = await world.api('POST', '/api/dial', { number: '+79035557788' }, 'anna')
        return status === 202
      })
      return asked(pbx, 'Originate', 'channel', 'context', 'exten', 'async').at(-1)
    }
    assert.equal(
      await dialled({}),
      'channel=PJSIP/101 context=from-internal exten=+79035557788 async=true',
    )
    assert.equal(sessions.at(-1), 1)
    const other = { originateContext: 'crm-out', asyncOriginate: false }
    await setOptions(world, other)
    await until(async () => (await dialled(other))?.includes('context=crm-out') === true)
    assert.equal(
      asked(pbx, 'Originate', 'context', 'exten', 'async').at(-1),
      'context=crm-out exten=+79035557788 async=',
    )
    // Asterisk tells a session nothing while it waits for the phone: events go on on another one.
    assert.equal(sessions.at(-1), 2)
  })

  for (const traceQueuesState of [true, false])
    test(`AMI-5 traceQueuesState ${traceQueuesState}: queues are ${traceQueuesState ? '' : 'not '}followed`, async () => {
      await using world = await createWorld(open)
      await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
      pbx.tell(joins)
      await connectTo(world, pbx, { options: { traceQueuesState } })
      const queues = async () => (await world.api('GET', '/api/queues')).body.items
      if (!traceQueuesState) {
        pbx.tell(pauses('1', 'lunch'))
        // A call is told after it, and known.
        const { packets, uniqueId } = await newTake('incoming-missed', '22')
        for (const each of packets) pbx.tell(each)
        await until(async () => (await callNamed(world, uniqueId))?.state === 'ended')
        assert.deepEqual(await queues(), [])
        assert.deepEqual(asked(pbx, 'QueueStatus'), [])
        return
      }
      await until(async () => (await queues()).length === 1)
      const [support] = await queues()
      assert.equal(support.name, 'support')
      const { anna: agentId } = world.agents
      assert.deepEqual(support.members, [
        { agentId, extension: '101', state: 'idle', paused: false, reason: '' },
      ])
      pbx.tell(pauses('1', 'lunch'))
      await until(async () => (await queues())[0].members[0].reason === 'lunch')
    })

  test('AMI-5 queueExtensionFormat: the interface by which an agent is paused', async () => {
    await using world = await createWorld(open)
    await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
    const pauseBy = async (queueExtensionFormat: string) => {
      await connectTo(world, pbx, { options: { queueExtensionFormat } })
      const pause = { name: 'support', paused: true, reason: 'lunch' }
      await until(
        async () => (await world.api('PUT', '/api/me/queues', pause, 'anna')).status === 204,
      )
      return asked(pbx, 'QueuePause', 'interface', 'queue', 'paused', 'reason').at(-1)
    }
    const rest = 'queue=support paused=true reason=lunch'
    assert.equal(await pauseBy(''), `interface=PJSIP/101 ${rest}`)
    await until(async () => {
      return (await pauseBy('Local/{0}@q/n')) === `interface=Local/101@q/n ${rest}`
    })
  })

  for (const autoPauseOnCommutationStart of [true, false])
    test(`AMI-5 autoPauseOnCommutationStart ${autoPauseOnCommutationStart}`, async () => {
      await using world = await createWorld(open)
      await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
      pbx.tell(joins)
      await connectTo(world, pbx, {
        options: { autoPauseOnCommutationStart, traceQueuesState: true },
      })
      const paused = () => asked(pbx, 'QueuePause', 'interface', 'queue', 'paused')
      const { packets, uniqueId } = await newTake('incoming-answered', '22')
      const talk = packets.findLastIndex((each) => each.startsWith('Event: BridgeEnter')) + 1
      for (const each of packets.slice(0, talk)) pbx.tell(each)
      await until(async () => (await callNamed(world, uniqueId))?.state === 'answered')
      if (!autoPauseOnCommutationStart) return assert.deepEqual(paused(), [])

      await until(() => paused().length === 1)
      const ours = asked(pbx, 'QueuePause', 'reason')[0]!.replace('reason=', '')
      assert.notEqual(ours, '')
      pbx.tell(pauses('1', ours))
      for (const each of packets.slice(talk)) pbx.tell(each)
      await until(() => paused().length === 2)
      const of101 = 'interface=PJSIP/101 queue=support'
      assert.deepEqual(paused(), [`${of101} paused=true`, `${of101} paused=false`])

      // Who took a pause keeps it.
      pbx.tell(pauses('0', ''))
      pbx.tell(pauses('1', 'lunch'))
      await until(async () => {
        const { items } = (await world.api('GET', '/api/queues')).body
        return items[0]?.members[0]?.reason === 'lunch'
      })
      const again = await newTake('incoming-answered', '22')
      for (const each of again.packets) pbx.tell(each)
      await until(async () => (await callNamed(world, again.uniqueId))?.state === 'ended')
      assert.equal(paused().length, 2)
    })

  for (const sendRingStartedOnRingingState of [true, false])
    test(`AMI-5 sendRingStartedOnRingingState ${sendRingStartedOnRingingState}: when a leg rings`, async () => {
      await using world = await createWorld(open)
      await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
      await connectTo(world, pbx, { options: { sendRingStartedOnRingingState } })
      const { packets, uniqueId } = await newTake('incoming-answered', '22')
      const dials = packets.findIndex((each) => each.startsWith('Event: DialBegin')) + 1
      const rings = packets.findIndex((each) => /^ChannelStateDesc: Ringing\r$/m.test(each)) + 1
      assert.ok(dials > 0 && rings > dials, 'the recorded call is dialled before it rings')
      for (const each of packets.slice(0, dials)) pbx.tell(each)
      const legs = async () => (await callNamed(world, uniqueId))?.legs.length
      if (sendRingStartedOnRingingState) {
        await until(async () => (await legs()) === 0)
        for (const each of packets.slice(dials, rings)) pbx.tell(each)
      }
      await until(async () => (await legs()) === 1)
    })

  test('AMI-5 packetInfoConfig: named fields and variables are in the call, in its case too', async () => {
    await using world = await createWorld(open)
    await using pbx = await createFakePbx({ endpoints: ENDPOINTS })
    await connectTo(world, pbx, { options: { packetInfoConfig: ['CRM_ID', 'Language'] } })
    const { packets, uniqueId } = await newTake('incoming-answered', '22')
    const set = (name: string, value: string): string =>
      packet(
        'Event: VarSet',
        'Channel: PJSIP/trunk-00000001',
        'ChannelState: 4',
        'Language: en',
        `Variable: ${name}`,
        `Value: ${value}`,
        `Uniqueid: ${uniqueId}`,
        `Linkedid: ${uniqueId}`,
      )
    const [first = '', ...rest] = packets
    for (const each of [first, set('CRM_ID', '42'), set('TENANT', 'not asked for'), ...rest]) {
      pbx.tell(each)
    }
    await until(async () => (await callNamed(world, uniqueId))?.state === 'ended')
    const expected = { CRM_ID: '42', Language: 'en' }
    assert.deepEqual((await callNamed(world, uniqueId))?.extra, expected)
    assert.deepEqual((await world.caseOf(uniqueId)).messages[0]?.call?.extra, expected)
  })
})
