import assert from 'node:assert/strict'
import test from 'node:test'
import { loadAri, loadAriSnapshot, VERSIONS } from '../../server/simulate/scenario.ts'
import { readAmiSnapshot } from '../../server/sources/ami-state.ts'
import { createAriEvents } from '../../server/sources/ari-events.ts'
import { readAriSnapshot } from '../../server/sources/ari-state.ts'
import { readAmiDeviceState, readAriDeviceState } from '../../server/sources/device-state.ts'
import { createQueueTable } from '../../server/sources/queue-events.ts'
import { loadAriAnswer, loadPackets, toPacket } from '../support/ami-packets.ts'

const ARRIVED = new Date('2026-11-21T08:00:10.000Z')

// ---- channels and bridges -----------------------------------------------------

for (const version of VERSIONS) {
  for (const stage of ['ringing', 'talking'] as const) {
    test(`AMI-6 ${version} a snapshot of a call that is ${stage}: AMI and ARI tell the same`, async () => {
      const packets = [
        ...(await loadPackets(version, `core-show-channels.${stage}`)),
        ...(await loadPackets(version, `bridge-list.${stage}`)),
      ]
      const ami = readAmiSnapshot(packets, ARRIVED)
      const ari = readAriSnapshot(
        await loadAriAnswer(version, `ari-channels.${stage}`),
        await loadAriAnswer(version, `ari-bridges.${stage}`),
      )
      const plain = ({ channels }: typeof ami) =>
        channels
          .map(({ createdAt: _, linkedId: __, ...facts }) => facts)
          .sort((one, other) => (one.id < other.id ? -1 : 1))
      assert.equal(ami.channels.length, stage === 'ringing' ? 4 : 2)
      assert.deepEqual(plain(ari), plain(ami))
      const talking = (snapshot: typeof ami) =>
        snapshot.bridges.map(({ id, channelIds }) => [id, [...channelIds].sort()])
      assert.equal(ami.bridges.length, stage === 'ringing' ? 0 : 1)
      assert.deepEqual(talking(ari), talking(ami))
      assert.ok(ari.channels.every(({ createdAt }) => createdAt !== null))
      const [first] = ami.channels
      assert.ok(ami.channels.every(({ linkedId }) => linkedId === first?.linkedId))
    })
  }

  test(`AMI-6 ${version} a channel's age is its Duration before the arrival`, async () => {
    const packets = await loadPackets(version, 'core-show-channels.talking')
    const [first] = readAmiSnapshot(packets, ARRIVED).channels
    const duration = packets.find(({ event }) => event === 'CoreShowChannel')?.get('Duration') ?? ''
    const seconds = Number(duration.split(':').at(-1))
    assert.equal(first?.createdAt?.getTime(), ARRIVED.getTime() - seconds * 1000)
  })

  test(`ARI-2 ${version} a snapshot from the middle of a recorded call`, async () => {
    const snapshot = readAriSnapshot(
      await loadAriSnapshot('incoming-answered', version, 'channels'),
      await loadAriSnapshot('incoming-answered', version, 'bridges'),
    )
    const names = snapshot.channels.map(({ name }) => name.split('-')[0]).sort()
    assert.deepEqual(names, ['PJSIP/101', 'PJSIP/trunk'])
    const ids = snapshot.channels.map(({ id }) => id).sort()
    assert.deepEqual(
      snapshot.bridges.map(({ channelIds }) => [...channelIds].sort()),
      [ids],
    )
  })
}

test('AMI-6 durations in hours, and in seconds', () => {
  const at = (duration: string) =>
    readAmiSnapshot(
      [toPacket('Event: CoreShowChannel', 'Channel: A/1', 'Uniqueid: 1', `Duration: ${duration}`)],
      ARRIVED,
    ).channels[0]?.createdAt
  assert.equal(at('25:01:07')?.getTime(), ARRIVED.getTime() - (25 * 3600 + 67) * 1000)
  assert.equal(at('67')?.getTime(), ARRIVED.getTime() - 67_000)
  assert.equal(at('soon'), null)
})

test('AMI-6 until 11 two channels name each other, and Status may tell the linked id', () => {
  const item = (uniqueId: string, other: string, name: string) =>
    toPacket(
      'Event: CoreShowChannel',
      `Channel: ${name}`,
      `UniqueID: ${uniqueId}`,
      'Context: incoming',
      'Extension: 74951000101',
      'ChannelState: 6',
      'ChannelStateDesc: Up',
      'Application: Dial',
      'CallerIDnum: 79161234567',
      'ConnectedLineNum: ',
      'Duration: 00:01:07',
      `BridgedUniqueID: ${other}`,
    )
  const snapshot = readAmiSnapshot(
    [
      toPacket('Response: Success', 'EventList: start'),
      item('7.2', '7.1', 'SIP/101-2'),
      item('7.1', '7.2', 'SIP/trunk-1'),
      toPacket('Event: Status', 'Channel: SIP/trunk-1', 'Uniqueid: 7.1', 'Linkedid: 7.1'),
      toPacket('Event: CoreShowChannelsComplete', 'ListItems: 2'),
    ],
    ARRIVED,
  )
  // The id that `Bridge` and `Unlink` give it.
  assert.deepEqual(snapshot.bridges, [{ id: '7.1,7.2', channelIds: ['7.2', '7.1'] }])
  assert.deepEqual(snapshot.channels[1], {
    id: '7.1',
    name: 'SIP/trunk-1',
    state: 'up',
    callerNumber: '79161234567',
    callerName: null,
    connectedNumber: null,
    context: 'incoming',
    exten: '74951000101',
    linkedId: '7.1',
    application: 'Dial',
    createdAt: new Date(ARRIVED.getTime() - 67_000),
  })
})

test('AMI-6 who waits in a parking lot is in no bridge', () => {
  const packets = [
    toPacket('Event: CoreShowChannel', 'Channel: A/1', 'Uniqueid: 1', 'BridgeId: lot'),
    toPacket('Event: BridgeListItem', 'BridgeUniqueid: lot', 'BridgeTechnology: holding_bridge'),
  ]
  assert.deepEqual(readAmiSnapshot(packets, ARRIVED).bridges, [])
  const lot = { id: 'lot', bridge_type: 'holding', bridge_class: 'parking', channels: ['1'] }
  assert.deepEqual(readAriSnapshot([], [lot]).bridges, [])
})

test('ARI-2 answers that are not what they should be make an empty snapshot', () => {
  for (const odd of [null, undefined, 'x', {}, [null, 1, { id: 1 }, {}]]) {
    assert.deepEqual(readAriSnapshot(odd, odd), { channels: [], bridges: [] })
  }
})

// ---- what only ARI has ---------------------------------------------------------

test('ARI-2 the time is the one of the PBX, with its zone', async () => {
  const reader = createAriEvents({ extraFields: [] })
  const at = (timestamp: unknown) => reader.read({ type: 'ChannelHold', timestamp })?.at
  assert.deepEqual(at('2026-11-21T08:00:00.123+0300'), new Date('2026-11-21T05:00:00.123Z'))
  assert.deepEqual(at('2026-11-21T08:00:00.123+0000'), new Date('2026-11-21T08:00:00.123Z'))
  assert.equal(at('yesterday'), null)
  assert.equal(at(undefined), null)
  for (const { event, t } of await loadAri('incoming-answered', '22')) {
    const told = reader.read(event)?.at
    assert.ok(told instanceof Date && Math.abs(told.getTime() - t) < 1000)
  }
})

test('AMI-5 ARI: a variable is carried as it is set', () => {
  const reader = createAriEvents({ extraFields: ['CUSTOMER'] })
  const channel = { id: '7.1', name: 'PJSIP/trunk-1', state: 'Up' }
  const set = (variable: string, more: object) =>
    reader.read({ type: 'ChannelVarset', variable, value: '4711', ...more })?.events
  const [event] = set('__CUSTOMER', { channel }) ?? []
  assert.deepEqual(event?.type === 'channel' && event.extra, { CUSTOMER: '4711' })
  assert.deepEqual(set('OTHER', { channel }), [])
  assert.deepEqual(set('CUSTOMER', {}), [], 'a global variable')
})

test('ARI-2 a caller is in a queue as long as its application is, or until somebody answers', () => {
  const reader = createAriEvents({ extraFields: [] })
  const inApp = (app_name: string, app_data: string) => ({
    id: '7.1',
    name: 'PJSIP/trunk-1',
    state: 'Up',
    dialplan: { app_name, app_data },
  })
  const step = (app: string, data: string) =>
    reader.read({ type: 'ChannelDialplan', channel: inApp(app, data) })?.events
  assert.deepEqual(step('Answer', ''), [])
  assert.deepEqual(step('Queue', 'support,t,,,60'), [
    { type: 'queue-join', channelId: '7.1', queue: 'support' },
  ])
  assert.deepEqual(step('Queue', 'support,t,,,60'), [])
  assert.deepEqual(step('Queue', 'sales'), [
    { type: 'queue-leave', channelId: '7.1', queue: 'support' },
    { type: 'queue-join', channelId: '7.1', queue: 'sales' },
  ])
  const peer = { id: '7.2', name: 'PJSIP/101-2', state: 'Up' }
  const answered = reader.read({
    type: 'Dial',
    dialstatus: 'ANSWER',
    caller: inApp('Queue', 'sales'),
    peer,
  })
  assert.deepEqual(answered?.events.slice(1), [
    { type: 'dial-end', destId: '7.2', status: 'answer' },
    { type: 'queue-leave', channelId: '7.1', queue: 'sales' },
  ])
  assert.deepEqual(step('Hangup', ''), [], 'it has left')
})

test('ARI-2 a parking lot parks, another bridge in which channels wait says nothing', () => {
  const reader = createAriEvents({ extraFields: [] })
  const channel = { id: '7.1', name: 'PJSIP/trunk-1', state: 'Up' }
  const enter = (bridge_class: string) =>
    reader.read({
      type: 'ChannelEnteredBridge',
      channel,
      bridge: { id: 'b1', bridge_type: 'holding', bridge_class, name: 'default' },
    })?.events
  assert.deepEqual(enter('parking'), [
    { type: 'parked', channelId: '7.1', space: '', lot: 'default', parkerName: null },
  ])
  assert.deepEqual(enter('stasis'), [])
})

// ---- devices ---------------------------------------------------------------------

for (const [words, state] of [
  ['NOT_INUSE', 'idle'],
  ['INUSE', 'in-use'],
  ['BUSY', 'in-use'],
  ['RINGING', 'ringing'],
  ['RINGINUSE', 'in-use'],
  ['ONHOLD', 'on-hold'],
  ['UNAVAILABLE', 'unavailable'],
  ['INVALID', 'unavailable'],
  ['UNKNOWN', 'unknown'],
  ['whatever', 'unknown'],
] as const) {
  test(`CTL-6 a device that is ${words}, by AMI and by ARI`, () => {
    const expected = { extension: '101', state }
    const lines = ['Event: DeviceStateChange', 'Device: PJSIP/101', `State: ${words}`]
    assert.deepEqual(readAmiDeviceState(toPacket(...lines)), expected)
    const device_state = { name: 'PJSIP/101', state: words }
    assert.deepEqual(readAriDeviceState({ type: 'DeviceStateChanged', device_state }), expected)
  })
}

test('CTL-6 what is no phone has no state', () => {
  for (const name of ['Queue:support_avail', 'Custom:night', 'Local/101@hints', 'park:701', '']) {
    const lines = ['Event: DeviceStateChange', `Device: ${name}`, 'State: INUSE']
    assert.equal(readAmiDeviceState(toPacket(...lines)), null, name)
    const device_state = { name, state: 'INUSE' }
    assert.equal(readAriDeviceState({ type: 'DeviceStateChanged', device_state }), null, name)
  }
  assert.equal(readAmiDeviceState(toPacket('Event: Hangup', 'State: INUSE')), null)
  for (const odd of [null, 1, {}, { type: 'DeviceStateChanged', device_state: 1 }]) {
    assert.equal(readAriDeviceState(odd), null)
  }
})

test('CTL-6 a hint is a sum of bits', () => {
  for (const [status, state] of [
    [0, 'idle'],
    [1, 'in-use'],
    [2, 'in-use'],
    [4, 'unavailable'],
    [8, 'ringing'],
    [9, 'in-use'],
    [16, 'on-hold'],
    [17, 'on-hold'],
    [-1, 'unknown'],
  ] as const) {
    const packet = toPacket('Event: ExtensionStatus', 'Exten: 101', `Status: ${status}`)
    assert.deepEqual(readAmiDeviceState(packet), { extension: '101', state }, String(status))
  }
})

test('CTL-6 ARI: an endpoint that goes away is unavailable; one that comes says nothing yet', () => {
  for (const type of ['PeerStatusChange', 'ContactStatusChange', 'EndpointStateChange']) {
    const at = (state: string) => ({
      type,
      endpoint: { technology: 'PJSIP', resource: '101', state },
    })
    assert.deepEqual(readAriDeviceState(at('offline')), {
      extension: '101',
      state: 'unavailable',
    })
    assert.equal(readAriDeviceState(at('online')), null)
  }
})

// ---- queues ------------------------------------------------------------------------

for (const version of VERSIONS) {
  test(`AMI-5 ${version} QueueStatus in the middle of a queue's call`, async () => {
    const queues = createQueueTable()
    for (const packet of await loadPackets(version, 'queue-status.ringing')) queues.hear(packet)
    const [sales, support] = queues.states()
    assert.deepEqual([sales?.name, support?.name], ['sales', 'support'])
    assert.deepEqual([sales?.waiting, support?.waiting], [0, 1])
    const states = (queue: typeof sales) =>
      queue?.members.map(({ extension, state }) => `${extension} ${state}`).sort()
    assert.deepEqual(states(support), ['101 ringing', '102 ringing', '103 ringing'])
    assert.deepEqual(states(sales), ['104 unavailable', '105 unavailable'])
    for (const packet of await loadPackets(version, 'queue-status.talking')) queues.hear(packet)
    const [, later] = queues.states()
    assert.equal(later?.waiting, 0)
    assert.ok(states(later)?.includes('102 in-use'))
  })

  test(`AMI-5 ${version} a member comes, rings, talks, is paused and goes`, async () => {
    const queues = createQueueTable()
    const waiting: number[] = []
    const states: string[] = []
    for (const packet of await loadPackets(version, 'local-queue')) {
      if (!queues.hear(packet)) continue
      const queue = queues.states().find(({ name }) => name === 'sales')
      const member = queue?.members.find(({ extension }) => extension === '101')
      const text = member?.paused ? `paused: ${member.reason}` : (member?.state ?? 'gone')
      if (states.at(-1) !== text) states.push(text)
      if (queue !== undefined && waiting.at(-1) !== queue.waiting) waiting.push(queue.waiting)
    }
    // Whether the phone is in use before the caller has left the queue differs from call to call.
    assert.deepEqual(waiting, [0, 1, 0])
    assert.deepEqual(states, [
      'unavailable',
      'idle',
      'ringing',
      'in-use',
      'idle',
      'paused: lunch',
      'gone',
    ])
  })
}

const MEMBER = ['Queue: support', 'Location: SIP/101', 'MemberName: Anna Agent']
const stateOf = (queues: ReturnType<typeof createQueueTable>) => {
  const [queue] = queues.states()
  const [member] = queue?.members ?? []
  return member === undefined
    ? `${queue?.waiting}`
    : `${queue?.waiting} ${member.extension} ${member.state} ${member.paused ? `paused:${member.reason}` : 'open'}`
}

test('AMI-5 until 11 the events of a queue have other names', () => {
  const queues = createQueueTable()
  const steps: readonly (readonly [readonly string[], boolean, string])[] = [
    [['Event: QueueMemberAdded', ...MEMBER, 'Status: 1', 'Paused: 0'], true, '0 101 idle open'],
    [['Event: Join', 'Queue: support', 'Uniqueid: 7.1', 'Count: 1'], true, '1 101 idle open'],
    [['Event: Join', 'Queue: support', 'Uniqueid: 7.1', 'Count: 1'], false, '1 101 idle open'],
    [['Event: QueueMemberStatus', ...MEMBER, 'Status: 6'], true, '1 101 ringing open'],
    [['Event: QueueMemberStatus', ...MEMBER, 'Status: 6'], false, '1 101 ringing open'],
    [['Event: Leave', 'Queue: support', 'Uniqueid: 7.1', 'Count: 0'], true, '0 101 ringing open'],
    [
      ['Event: QueueMemberPaused', ...MEMBER, 'Paused: 1', 'Reason: lunch'],
      true,
      '0 101 ringing paused:lunch',
    ],
    [['Event: QueueMemberPaused', ...MEMBER, 'Paused: 0'], true, '0 101 ringing open'],
    [['Event: QueueMemberRemoved', ...MEMBER], true, '0'],
    [['Event: Hangup', 'Uniqueid: 7.1'], false, '0'],
  ]
  for (const [lines, changed, expected] of steps) {
    assert.equal(queues.hear(toPacket(...lines)), changed, lines.join(' '))
    assert.equal(stateOf(queues), expected, lines.join(' '))
  }
})

test('AMI-6 a new list takes away what is no more: callers, members, queues', () => {
  const queues = createQueueTable()
  const hear = (...lines: string[]) => queues.hear(toPacket(...lines))
  hear('Event: QueueMemberAdded', ...MEMBER, 'Status: 1')
  hear('Event: QueueCallerJoin', 'Queue: support', 'Uniqueid: 7.1')
  hear('Event: QueueCallerJoin', 'Queue: old', 'Uniqueid: 7.2')
  hear('Event: QueueParams', 'Queue: support', 'Calls: 0')
  hear('Event: QueueMember', 'Queue: support', 'Location: SIP/102', 'Status: 2')
  assert.ok(hear('Event: QueueStatusComplete'))
  assert.deepEqual(queues.states(), [
    {
      name: 'support',
      waiting: 0,
      members: [
        { extension: '102', interface: 'SIP/102', state: 'in-use', paused: false, reason: '' },
      ],
    },
  ])
})

test('AMI-6 each list stands for itself', () => {
  const queues = createQueueTable()
  const hear = (...lines: string[]) => queues.hear(toPacket(...lines))
  for (const list of [['sales', 'support'], ['support']]) {
    for (const name of list) hear('Event: QueueParams', `Queue: ${name}`)
    hear('Event: QueueStatusComplete')
    assert.deepEqual(
      queues.states().map(({ name }) => name),
      list,
    )
  }
})

test('AMI-5 packets of queues without what matters change nothing', () => {
  const queues = createQueueTable()
  for (const event of ['QueueMember', 'QueueCallerJoin', 'QueueParams', 'QueueMemberPause']) {
    assert.equal(queues.hear(toPacket(`Event: ${event}`, 'Interface: SIP/101')), false)
  }
  assert.equal(queues.hear(toPacket('Response: Success', 'Queue: support')), false)
  assert.deepEqual(queues.states(), [])
})
