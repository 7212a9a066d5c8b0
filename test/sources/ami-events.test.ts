import assert from 'node:assert/strict'
import test from 'node:test'
import { AMI_EVENTS, createAmiEvents, wantedEvents } from '../../server/sources/ami-events.ts'
import type { ChannelEvent } from '../../server/sources/channel-event.ts'
import { toPacket } from '../support/ami-packets.ts'

const CALLER = ['Channel: SIP/trunk-00000001', 'Uniqueid: 7.1']
const PHONE = ['Channel: SIP/101-00000002', 'Uniqueid: 7.2']
/** The channels that the old events below name. */
const BOTH = [
  ['Event: Newchannel', ...CALLER, 'ChannelState: 4'],
  ['Event: Newchannel', ...PHONE, 'ChannelState: 0'],
]

interface Row {
  readonly name: string
  /** Told before, of no interest. */
  readonly before?: readonly (readonly string[])[]
  readonly packet: readonly string[]
  /** Without the `channel` events, which have tests of their own. */
  readonly expected: readonly ChannelEvent[]
}

const ROWS: readonly Row[] = [
  {
    name: 'DialBegin',
    packet: ['Event: DialBegin', ...CALLER, 'DestChannel: SIP/101-00000002', 'DestUniqueid: 7.2'],
    expected: [{ type: 'dial-begin', callerId: '7.1', destId: '7.2' }],
  },
  {
    name: 'DialBegin of an originate, which has no caller',
    packet: ['Event: DialBegin', 'DestChannel: SIP/101-00000002', 'DestUniqueid: 7.2'],
    expected: [{ type: 'dial-begin', callerId: null, destId: '7.2' }],
  },
  ...(['ANSWER', 'BUSY', 'CANCEL', 'CHANUNAVAIL', 'CONGESTION', 'NOANSWER'] as const).map(
    (status): Row => ({
      name: `DialEnd ${status}`,
      packet: ['Event: DialEnd', ...CALLER, 'DestUniqueid: 7.2', `DialStatus: ${status}`],
      expected: [{ type: 'dial-end', destId: '7.2', status: status.toLowerCase() as 'answer' }],
    }),
  ),
  {
    name: 'DialEnd with a status that is no DIALSTATUS',
    packet: ['Event: DialEnd', ...CALLER, 'DestUniqueid: 7.2', 'DialStatus: GOTO:x,1,1'],
    expected: [{ type: 'dial-end', destId: '7.2', status: 'other' }],
  },
  {
    name: 'Dial Begin (until 11)',
    before: BOTH,
    packet: [
      'Event: Dial',
      'SubEvent: Begin',
      'Channel: SIP/trunk-00000001',
      'Destination: SIP/101-00000002',
      'UniqueID: 7.1',
      'DestUniqueID: 7.2',
    ],
    expected: [{ type: 'dial-begin', callerId: '7.1', destId: '7.2' }],
  },
  {
    name: 'Dial of 1.4, which has no SubEvent',
    before: BOTH,
    packet: ['Event: Dial', 'Source: SIP/trunk-00000001', 'SrcUniqueID: 7.1', 'DestUniqueID: 7.2'],
    expected: [{ type: 'dial-begin', callerId: '7.1', destId: '7.2' }],
  },
  {
    name: 'BridgeEnter',
    packet: ['Event: BridgeEnter', 'BridgeUniqueid: b1', ...CALLER],
    expected: [{ type: 'bridge-enter', bridgeId: 'b1', channelId: '7.1' }],
  },
  {
    name: 'BridgeEnter of a parking lot',
    packet: [
      'Event: BridgeEnter',
      'BridgeUniqueid: b1',
      'BridgeTechnology: holding_bridge',
      ...CALLER,
    ],
    expected: [],
  },
  {
    name: 'BridgeLeave',
    packet: ['Event: BridgeLeave', 'BridgeUniqueid: b1', ...CALLER],
    expected: [{ type: 'bridge-leave', bridgeId: 'b1', channelId: '7.1' }],
  },
  {
    name: 'BridgeMerge',
    packet: ['Event: BridgeMerge', 'ToBridgeUniqueid: b1', 'FromBridgeUniqueid: b2'],
    expected: [{ type: 'bridge-merge', fromId: 'b2', intoId: 'b1' }],
  },
  ...['Bridgestate: Link', 'Bridgestate: link'].map(
    (state): Row => ({
      name: `Bridge ${state} (until 11)`,
      packet: ['Event: Bridge', state, 'Uniqueid1: 7.2', 'Uniqueid2: 7.1'],
      expected: [
        { type: 'bridge-enter', bridgeId: '7.1,7.2', channelId: '7.2' },
        { type: 'bridge-enter', bridgeId: '7.1,7.2', channelId: '7.1' },
      ],
    }),
  ),
  {
    name: 'Link (1.4), by names',
    before: BOTH,
    packet: ['Event: Link', 'Channel1: SIP/trunk-00000001', 'Channel2: SIP/101-00000002'],
    expected: [
      { type: 'bridge-enter', bridgeId: '7.1,7.2', channelId: '7.1' },
      { type: 'bridge-enter', bridgeId: '7.1,7.2', channelId: '7.2' },
    ],
  },
  ...[['Event: Unlink'], ['Event: Bridge', 'Bridgestate: Unlink']].map(
    (lines): Row => ({
      name: `${lines.join(' ')} (until 11)`,
      packet: [...lines, 'Uniqueid1: 7.1', 'Uniqueid2: 7.2'],
      expected: [
        { type: 'bridge-leave', bridgeId: '7.1,7.2', channelId: '7.1' },
        { type: 'bridge-leave', bridgeId: '7.1,7.2', channelId: '7.2' },
      ],
    }),
  ),
  {
    name: 'Hold',
    packet: ['Event: Hold', ...PHONE, 'MusicClass: default'],
    expected: [{ type: 'hold', channelId: '7.2' }],
  },
  {
    name: 'Unhold',
    packet: ['Event: Unhold', ...PHONE],
    expected: [{ type: 'unhold', channelId: '7.2' }],
  },
  {
    name: 'Hold Status: On (until 11)',
    packet: ['Event: Hold', 'Status: On', ...PHONE],
    expected: [{ type: 'hold', channelId: '7.2' }],
  },
  {
    name: 'Hold Status: Off (until 11)',
    packet: ['Event: Hold', 'Status: Off', ...PHONE],
    expected: [{ type: 'unhold', channelId: '7.2' }],
  },
  {
    name: 'MusicOnHold is no hold: a queue plays it too',
    packet: ['Event: MusicOnHold', 'State: Start', ...CALLER],
    expected: [],
  },
  { name: 'MusicOnHoldStart', packet: ['Event: MusicOnHoldStart', ...CALLER], expected: [] },
  {
    name: 'Hangup',
    packet: ['Event: Hangup', ...PHONE, 'Cause: 26', 'Cause-txt: Answered elsewhere'],
    expected: [{ type: 'hangup', channelId: '7.2', cause: 26, last: null }],
  },
  {
    name: 'Hangup, from 12 on with the channel as it was',
    packet: ['Event: Hangup', ...PHONE, 'ChannelState: 6', 'Exten: 101', 'Cause: 16'],
    expected: [
      {
        type: 'hangup',
        channelId: '7.2',
        cause: 16,
        last: {
          id: '7.2',
          name: 'SIP/101-00000002',
          state: 'up',
          callerNumber: null,
          callerName: null,
          connectedNumber: null,
          context: null,
          exten: '101',
          linkedId: null,
          application: null,
          createdAt: null,
        },
      },
    ],
  },
  {
    name: 'HangupRequest: the channel is still there',
    packet: ['Event: HangupRequest', ...PHONE, 'Cause: 16'],
    expected: [{ type: 'hangup-request', channelId: '7.2' }],
  },
  {
    name: 'Rename',
    packet: ['Event: Rename', ...PHONE, 'Newname: SIP/101-00000009'],
    expected: [{ type: 'renamed', channelId: '7.2', name: 'SIP/101-00000009' }],
  },
  {
    name: 'Masquerade (until 11)',
    before: BOTH,
    packet: ['Event: Masquerade', 'Clone: SIP/trunk-00000001', 'Original: SIP/101-00000002'],
    expected: [{ type: 'masquerade', cloneId: '7.1', originalId: '7.2' }],
  },
  {
    name: 'Transfer Blind (until 11)',
    packet: [
      'Event: Transfer',
      'TransferType: Blind',
      ...PHONE,
      'TargetUniqueid: 7.1',
      'TransferExten: 102',
    ],
    expected: [{ type: 'blind-transfer', transfererId: '7.2', transfereeId: '7.1', exten: '102' }],
  },
  {
    name: 'Transfer Attended (until 11)',
    packet: ['Event: Transfer', 'TransferType: Attended', ...PHONE, 'TargetUniqueid: 7.3'],
    expected: [
      {
        type: 'attended-transfer',
        transfererId: '7.2',
        secondId: '7.3',
        transfereeId: null,
        targetId: null,
      },
    ],
  },
  {
    name: 'BlindTransfer',
    packet: [
      'Event: BlindTransfer',
      'Result: Success',
      'TransfererUniqueid: 7.2',
      'TransfereeUniqueid: 7.1',
      'Extension: 102',
    ],
    expected: [{ type: 'blind-transfer', transfererId: '7.2', transfereeId: '7.1', exten: '102' }],
  },
  {
    name: 'BlindTransfer that failed',
    packet: ['Event: BlindTransfer', 'Result: Fail', 'TransfererUniqueid: 7.2', 'Extension: 102'],
    expected: [],
  },
  {
    name: 'AttendedTransfer',
    packet: [
      'Event: AttendedTransfer',
      'Result: Success',
      'OrigTransfererUniqueid: 7.2',
      'SecondTransfererUniqueid: 7.3',
      'TransfereeUniqueid: 7.1',
      'TransferTargetUniqueid: 7.4',
    ],
    expected: [
      {
        type: 'attended-transfer',
        transfererId: '7.2',
        secondId: '7.3',
        transfereeId: '7.1',
        targetId: '7.4',
      },
    ],
  },
  {
    name: 'ParkedCall',
    packet: [
      'Event: ParkedCall',
      'ParkeeChannel: SIP/trunk-00000001',
      'ParkeeUniqueid: 7.1',
      'ParkerDialString: SIP/101',
      'ParkingSpace: 701',
      'Parkinglot: default',
    ],
    expected: [
      { type: 'parked', channelId: '7.1', space: '701', lot: 'default', parkerName: 'SIP/101' },
    ],
  },
  {
    name: 'ParkedCall (until 11)',
    packet: ['Event: ParkedCall', 'Exten: 701', ...CALLER, 'From: SIP/101-00000002'],
    expected: [
      {
        type: 'parked',
        channelId: '7.1',
        space: '701',
        lot: null,
        parkerName: 'SIP/101-00000002',
      },
    ],
  },
  {
    name: 'UnParkedCall',
    packet: ['Event: UnParkedCall', 'ParkeeUniqueid: 7.1', 'RetrieverUniqueid: 7.2'],
    expected: [{ type: 'unparked', channelId: '7.1', retrieverId: '7.2' }],
  },
  {
    name: 'UnParkedCall (1.8: no unique ids)',
    before: BOTH,
    packet: ['Event: UnParkedCall', 'Channel: SIP/trunk-00000001', 'From: SIP/101-00000002'],
    expected: [{ type: 'unparked', channelId: '7.1', retrieverId: '7.2' }],
  },
  ...['ParkedCallTimeOut', 'ParkedCallGiveUp'].flatMap((event): Row[] => [
    {
      name: event,
      packet: [`Event: ${event}`, 'ParkeeUniqueid: 7.1', 'ParkingSpace: 701'],
      expected: [{ type: 'unparked', channelId: '7.1', retrieverId: null }],
    },
    {
      name: `${event} (until 11)`,
      packet: [`Event: ${event}`, 'Exten: 701', ...CALLER],
      expected: [{ type: 'unparked', channelId: '7.1', retrieverId: null }],
    },
  ]),
  ...['Join', 'QueueCallerJoin'].map(
    (event): Row => ({
      name: event,
      packet: [`Event: ${event}`, ...CALLER, 'Queue: support', 'Count: 1'],
      expected: [{ type: 'queue-join', channelId: '7.1', queue: 'support' }],
    }),
  ),
  ...['Leave', 'QueueCallerLeave', 'QueueCallerAbandon'].map(
    (event): Row => ({
      name: event,
      packet: [`Event: ${event}`, ...CALLER, 'Queue: support', 'Count: 0'],
      expected: [{ type: 'queue-leave', channelId: '7.1', queue: 'support' }],
    }),
  ),
  {
    name: 'AgentCalled',
    packet: ['Event: AgentCalled', ...CALLER, 'DestUniqueid: 7.2', 'Queue: support'],
    expected: [{ type: 'agent-called', channelId: '7.1', destId: '7.2', queue: 'support' }],
  },
  {
    name: 'AgentCalled (until 11, whose queues have no Dial)',
    before: BOTH,
    packet: [
      'Event: AgentCalled',
      'Queue: support',
      'AgentCalled: SIP/101',
      'ChannelCalling: SIP/trunk-00000001',
      'DestinationChannel: SIP/101-00000002',
      'Uniqueid: 7.1',
    ],
    expected: [
      { type: 'agent-called', channelId: '7.1', destId: '7.2', queue: 'support' },
      { type: 'dial-begin', callerId: '7.1', destId: '7.2' },
    ],
  },
  {
    name: 'LocalBridge',
    packet: ['Event: LocalBridge', 'LocalOneUniqueid: 7.3', 'LocalTwoUniqueid: 7.4'],
    expected: [{ type: 'local-pair', oneId: '7.3', twoId: '7.4' }],
  },
  {
    name: 'LocalBridge (until 11)',
    packet: ['Event: LocalBridge', 'Uniqueid1: 7.3', 'Uniqueid2: 7.4'],
    expected: [{ type: 'local-pair', oneId: '7.3', twoId: '7.4' }],
  },
  ...(
    [
      ['MixMonitorStart', 'started'],
      ['MixMonitorStop', 'stopped'],
      ['MonitorStart', 'started'],
    ] as const
  ).map(
    ([event, state]): Row => ({
      name: event,
      packet: [`Event: ${event}`, ...CALLER],
      expected: [{ type: 'recording', channelId: '7.1', state }],
    }),
  ),
  {
    name: 'MixMonitorMute',
    packet: ['Event: MixMonitorMute', ...CALLER, 'Direction: both', 'State: 1'],
    expected: [{ type: 'recording', channelId: '7.1', state: 'paused' }],
  },
  {
    name: 'MixMonitorMute, back on',
    packet: ['Event: MixMonitorMute', ...CALLER, 'Direction: both', 'State: 0'],
    expected: [{ type: 'recording', channelId: '7.1', state: 'resumed' }],
  },
  {
    name: 'MixMonitorMute of one side: the other is recorded',
    packet: ['Event: MixMonitorMute', ...CALLER, 'Direction: read', 'State: 1'],
    expected: [],
  },
  { name: 'an event that nobody knows', packet: ['Event: TestEvent', ...CALLER], expected: [] },
  { name: 'a response', packet: ['Response: Success', ...CALLER], expected: [] },
]

function readAll(packets: readonly (readonly string[])[], extraFields: readonly string[] = []) {
  const events = createAmiEvents({ extraFields })
  return packets.map((lines) => events.read(toPacket(...lines)))
}

for (const { name, before = [], packet, expected } of ROWS) {
  test(`AMI-3 ${name}`, () => {
    const events = readAll([...before, packet])
      .at(-1)
      ?.filter(({ type }) => type !== 'channel' && type !== 'created')
    assert.deepEqual(events, expected)
  })
}

const FACTS = [
  'Channel: PJSIP/trunk-00000000',
  'ChannelState: 4',
  'ChannelStateDesc: Ring',
  'CallerIDNum: 79161234567',
  'CallerIDName: <unknown>',
  'ConnectedLineNum: ',
  'Context: from-trunk',
  'Exten: 74951000101',
  'Uniqueid: 7.0',
  'Linkedid: 7.0',
]

for (const event of ['Newchannel', 'Newstate', 'NewCallerid', 'NewConnectedLine']) {
  test(`AMI-4 ${event} describes a channel; what is unknown is null`, () => {
    const told = readAll([[`Event: ${event}`, ...FACTS]])[0]?.filter(
      ({ type }) => type !== 'created',
    )
    assert.deepEqual(told, [
      {
        type: 'channel',
        channel: {
          id: '7.0',
          name: 'PJSIP/trunk-00000000',
          state: 'ring',
          callerNumber: '79161234567',
          callerName: null,
          connectedNumber: null,
          context: 'from-trunk',
          exten: '74951000101',
          linkedId: '7.0',
          application: null,
        },
        extra: {},
      },
    ])
  })
}

for (const [state, words, expected] of [
  ['0', 'Down', 'down'],
  ['4', 'Ring', 'ring'],
  ['5', 'Ringing', 'ringing'],
  ['6', 'Up', 'up'],
  ['3', 'Dialing', 'other'],
] as const) {
  test(`AMI-3 the channel state ${words}, by its number and by its words`, () => {
    for (const line of [
      `ChannelState: ${state}`,
      `ChannelStateDesc: ${words}`,
      `State: ${words}`,
    ]) {
      const [first] = readAll([['Event: Newstate', ...CALLER, line]])[0] ?? []
      assert.equal(first?.type === 'channel' && first.channel.state, expected, line)
    }
  })
}

test('AMI-3 an event without a state leaves the channel as it was', () => {
  const [, events] = readAll([
    ['Event: Newstate', ...PHONE, 'ChannelState: 5'],
    ['Event: NewCallerid', ...PHONE, 'CallerID: "Anna" <101>'],
  ])
  const [first] = events ?? []
  assert.ok(first?.type === 'channel')
  assert.equal(first.channel.state, 'ringing')
  assert.equal(first.channel.callerNumber, '101')
})

test('AMI-3 DialBegin describes both channels before it tells the dial', () => {
  const [events] = readAll([
    ['Event: DialBegin', ...CALLER, 'DestChannel: SIP/101-2', 'DestUniqueid: 7.2'],
  ])
  assert.deepEqual(
    events?.map((event) => (event.type === 'channel' ? event.channel.id : event.type)),
    ['7.1', '7.2', 'dial-begin'],
  )
})

const OLD_DIAL = ['Event: Dial', 'SubEvent: Begin', 'Channel: SIP/trunk-00000001', 'UniqueID: 7.1']
const toEnd = (status: string) => [
  'Event: Dial',
  'SubEvent: End',
  'UniqueID: 7.1',
  `DialStatus: ${status}`,
]

/** 7.1 dials 7.2 and 7.3 as Asterisk 11 tells it, then `after`; only ends and hangups. */
function afterOldDial(...after: readonly (readonly string[])[]) {
  return readAll([
    ...BOTH,
    ['Event: Newchannel', 'Channel: SIP/102-3', 'Uniqueid: 7.3'],
    [...OLD_DIAL, 'Destination: SIP/101-00000002', 'DestUniqueID: 7.2'],
    [...OLD_DIAL, 'Destination: SIP/102-3', 'DestUniqueID: 7.3'],
    ...after,
  ])
    .flat()
    .flatMap((event) => {
      if (event.type === 'dial-end') return [`${event.destId} ${event.status}`]
      return event.type === 'hangup' ? [`${event.channelId} gone`] : []
    })
}

const hangup = (id: string, cause: number) => [
  'Event: Hangup',
  `Uniqueid: ${id}`,
  `Cause: ${cause}`,
]

test('AMI-3 until 11 who answers is the channel that comes up, and the other is cancelled', () => {
  assert.deepEqual(
    afterOldDial(
      ['Event: Newstate', ...PHONE, 'ChannelState: 6'],
      hangup('7.3', 16),
      hangup('7.2', 16),
      toEnd('ANSWER'),
      hangup('7.1', 16),
    ),
    ['7.2 answer', '7.3 cancel', '7.3 gone', '7.2 gone', '7.1 gone'],
  )
})

test('AMI-3 until 11 a dial that nobody answers ends for all that it rang, before their hangups', () => {
  assert.deepEqual(afterOldDial(hangup('7.2', 0), hangup('7.3', 0), toEnd('NOANSWER')), [
    '7.2 noanswer',
    '7.2 gone',
    '7.3 noanswer',
    '7.3 gone',
  ])
})

test('AMI-3 until 11 one who refuses is busy at once, while the other goes on ringing', () => {
  assert.deepEqual(afterOldDial(hangup('7.2', 17)), ['7.2 busy', '7.2 gone'])
})

test('AMI-3 until 11 a caller who is gone has cancelled what it dialled', () => {
  assert.deepEqual(afterOldDial(hangup('7.3', 0), hangup('7.1', 0)), [
    '7.2 cancel',
    '7.3 cancel',
    '7.3 gone',
    '7.1 gone',
  ])
})

test('AMI-6 after a snapshot the channels of before are known by their names', () => {
  const events = createAmiEvents({ extraFields: [] })
  const facts = {
    callerNumber: null,
    callerName: null,
    connectedNumber: null,
    context: null,
    exten: null,
    linkedId: null,
    application: null,
    createdAt: null,
  }
  events.read(toPacket('Event: Newchannel', 'Channel: SIP/103-9', 'Uniqueid: 6.9'))
  events.restore({
    channels: [
      { ...facts, id: '7.1', name: 'SIP/trunk-1', state: 'up' },
      { ...facts, id: '7.2', name: 'SIP/101-2', state: 'up' },
    ],
    bridges: [],
  })
  const masquerade = (clone: string) =>
    events.read(toPacket('Event: Masquerade', `Clone: ${clone}`, 'Original: SIP/101-2'))
  assert.deepEqual(masquerade('SIP/trunk-1'), [
    { type: 'masquerade', cloneId: '7.1', originalId: '7.2' },
  ])
  assert.deepEqual(masquerade('SIP/103-9'), [])
})

// ---- fields that are carried into the call ----------------------------------

function extraOf(lines: readonly string[], extraFields: readonly string[]) {
  const [events = []] = readAll([lines], extraFields)
  return events.flatMap((event) =>
    event.type === 'channel' ? [[event.channel.id, event.extra]] : [],
  )
}

test('AMI-5 a field is carried whatever its casing, under the name that was asked for', () => {
  const lines = ['Event: Newchannel', ...CALLER, 'AccountCode: acme', 'Language: en']
  assert.deepEqual(extraOf(lines, ['accountcode', 'Missing']), [['7.1', { accountcode: 'acme' }]])
})

test('AMI-5 a variable is carried as it is set, with or without the underscores of inheritance', () => {
  for (const variable of ['CUSTOMER', '__CUSTOMER', '_customer']) {
    const lines = ['Event: VarSet', ...CALLER, `Variable: ${variable}`, 'Value: 4711']
    assert.deepEqual(extraOf(lines, ['customer']), [['7.1', { customer: '4711' }]], variable)
  }
  const other = ['Event: VarSet', ...CALLER, 'Variable: OTHER', 'Value: 4711']
  assert.deepEqual(extraOf(other, ['customer']), [])
})

test('AMI-5 ChanVariable of all generations is carried, and that of the other channel to it', () => {
  for (const line of [
    'ChanVariable: CUSTOMER=47=11',
    'ChanVariable(SIP/trunk-00000001): CUSTOMER=47=11',
    'ChanVariable(CUSTOMER): 47=11',
  ]) {
    const lines = ['Event: Newstate', ...CALLER, 'ChanVariable: A=1', line]
    assert.deepEqual(extraOf(lines, ['CUSTOMER']), [['7.1', { CUSTOMER: '47=11' }]], line)
  }
  const dest = ['DestChannel: SIP/101-2', 'DestUniqueid: 7.2', 'DestChanVariable: CUSTOMER=1']
  assert.deepEqual(extraOf(['Event: DialBegin', ...CALLER, ...dest], ['CUSTOMER']), [
    ['7.1', {}],
    ['7.2', { CUSTOMER: '1' }],
  ])
})

test('AMI-5 a field of an event that describes no channel is carried too', () => {
  const lines = ['Event: Hangup', ...CALLER, 'Cause: 16', 'Cause-txt: Normal Clearing']
  assert.deepEqual(extraOf(lines, ['Cause-txt']), [['7.1', { 'Cause-txt': 'Normal Clearing' }]])
})

test('AMI-5 secrets are never carried', () => {
  const lines = ['Event: Newchannel', ...CALLER, 'Secret: x', 'Password: x', 'SIP_SECRET: x']
  assert.deepEqual(extraOf(lines, ['secret', 'Password', 'SIP_SECRET']), [['7.1', {}]])
})

test('AMI-2 the parser is asked for variables and queues only where they are needed', () => {
  const few = wantedEvents([], { queues: false })
  assert.ok(!few.has('varset') && !few.has('newexten') && !few.has('queuememberstatus'))
  assert.ok(few.has('queuecallerjoin') && few.has('hangup') && few.has('devicestatechange'))
  assert.ok(wantedEvents(['CUSTOMER'], { queues: false }).has('varset'))
  assert.ok(!wantedEvents(['secret'], { queues: false }).has('varset'))
  assert.ok(wantedEvents([], { queues: true }).has('queuememberstatus'))
  assert.deepEqual(wantedEvents(['CUSTOMER'], { queues: true }), AMI_EVENTS)
})

test('AMI-5 what comes after the hangup, such as Cdr, brings no channel back', () => {
  const reader = createAmiEvents({ extraFields: ['UserField'] })
  reader.read(toPacket('Event: Hangup', ...CALLER, 'Cause: 16'))
  const lines = ['Event: Cdr', 'Channel: SIP/trunk-00000001', 'UniqueID: 7.1', 'UserField: x']
  assert.deepEqual(reader.read(toPacket(...lines)), [])
})

test('AMI-3 until 11 the name of a channel that is gone is nobody', () => {
  const masquerade = [
    'Event: Masquerade',
    'Clone: SIP/trunk-00000001',
    'Original: SIP/101-00000002',
  ]
  assert.deepEqual(readAll([...BOTH, hangup('7.2', 16), masquerade]).at(-1), [])
})

test('AMI-3 until 11 a caller who talked and is dialled on begins a new dial', () => {
  assert.deepEqual(
    afterOldDial(
      ['Event: Newstate', ...PHONE, 'ChannelState: 6'],
      hangup('7.3', 26),
      toEnd('ANSWER'),
      [...OLD_DIAL, 'Destination: SIP/103-4', 'DestUniqueID: 7.4'],
      hangup('7.4', 0),
      toEnd('NOANSWER'),
    ).slice(3),
    ['7.4 noanswer', '7.4 gone'],
  )
})
