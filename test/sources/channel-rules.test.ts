import assert from 'node:assert/strict'
import test from 'node:test'
import type { OpenCall } from '../../server/sources/channel-event.ts'
import { createScript, facts, type PbxScript } from '../support/pbx-script.ts'
import { foldCalls } from '../support/pbx-story.ts'

const CUSTOMER = { callerNumber: '79161234567', exten: '74951000101' }

/** A customer calls in. */
function incoming(pbx: PbxScript, id = 'A'): void {
  pbx.channel(id, `PJSIP/trunk-0000000${id}`, 'ring', CUSTOMER)
}
/** The customer's channel dials a phone, which rings. */
function ring(pbx: PbxScript, id: string, extension: string, callerId = 'A'): void {
  pbx.channel(id, `PJSIP/${extension}-0000000${id}`, 'down', { callerNumber: extension })
  pbx.dial(callerId, id)
  pbx.state(id, 'ringing')
}
function answer(pbx: PbxScript, id: string, callerId = 'A', bridgeId = 'b1'): void {
  pbx.state(id, 'up')
  pbx.dialEnd(id, 'answer')
  pbx.bridge(bridgeId, id, callerId)
}
/** A phone dials a number outside through the trunk. */
function outgoing(pbx: PbxScript, dest = 'C'): void {
  pbx.channel('B', 'PJSIP/101-0000000b', 'ring', { callerNumber: '101', exten: '79035557788' })
  trunk(pbx, dest)
}
function trunk(pbx: PbxScript, dest: string): void {
  pbx.channel(dest, `PJSIP/trunk-0000000${dest}`, 'down', { callerNumber: '79035557788' })
  pbx.dial('B', dest)
}

// ---- direction ----------------------------------------------------------------

test('CALL-13 a phone that calls nobody makes no call', () => {
  const pbx = createScript()
  pbx.channel('B', 'PJSIP/101-0000000b', 'ring', { callerNumber: '101', exten: '*97' })
  pbx.state('B', 'up')
  pbx.hangup('B')
  assert.deepEqual(pbx.news(), [])
  assert.deepEqual(pbx.channels.liveIds(), [])
})

test('CALL-13 between two extensions a call is internal', () => {
  const pbx = createScript()
  pbx.channel('B', 'PJSIP/101-0000000b', 'ring', { callerNumber: '101', exten: '102' })
  ring(pbx, 'C', '102', 'B')
  answer(pbx, 'C', 'B')
  pbx.leave('B', 'C')
  pbx.hangup('C')
  pbx.hangup('B')
  assert.deepEqual(pbx.news(), ['started internal 101>102', 'ringing 102', 'answered 102', 'ended'])
})

test('CALL-13 a trunk is no extension, whatever its name', () => {
  for (const name of ['74951234567', 'trunk', 'sip-provider', 'anna']) {
    const pbx = createScript('ami', { isEndpoint: () => true })
    pbx.channel('A', `PJSIP/${name}-0000000a`, 'ring', CUSTOMER)
    assert.deepEqual(pbx.news(), ['started incoming 79161234567>74951000101'], name)
  }
})

test('CALL-13 an endpoint with a name of letters is an extension when it calls by its name', () => {
  const pbx = createScript('ami', { isEndpoint: (name) => name === 'anna' })
  pbx.channel('B', 'PJSIP/anna-0000000b', 'ring', { callerNumber: 'anna', exten: '79035557788' })
  pbx.channel('C', 'PJSIP/trunk-0000000c', 'down', { callerNumber: '79035557788' })
  pbx.dial('B', 'C')
  assert.deepEqual(pbx.news(), ['started outgoing anna>79035557788'])
})

test('CTL-2 CALL-13 a colleague who is dialled by click-to-call rings, answers and talks', () => {
  for (const source of ['ami', 'ari'] as const) {
    const pbx = createScript(source)
    const at = new Date('2026-11-21T12:00:00Z')
    const dial = { channelId: 'B', extension: '101', number: '102' }
    pbx.channels.expect(dial, { at, atKnown: false, arrivedAt: at })
    pbx.channel('B', 'PJSIP/101-0000000b', 'down', { callerNumber: '101' })
    pbx.dial(null, 'B')
    pbx.state('B', 'up')
    pbx.dialEnd('B', 'answer')
    ring(pbx, 'C', '102', 'B')
    answer(pbx, 'C', 'B')
    assert.deepEqual(pbx.news(), ['ringing 102', 'answered 102'], source)
    assert.equal(pbx.channels.partsOf('B')?.agents.get('102')?.state, 'talking')
    pbx.leave('B', 'C')
    pbx.hangup('C')
    assert.deepEqual(pbx.news(), ['ended'])
  }
})

// ---- outgoing -----------------------------------------------------------------

test('CALL-10 an outgoing call that tries another trunk goes on, and fails with the last one', () => {
  const pbx = createScript()
  outgoing(pbx)
  pbx.dialEnd('C', 'congestion')
  pbx.hangup('C', 34)
  trunk(pbx, 'D')
  pbx.dialEnd('D', 'busy')
  pbx.hangup('D', 17)
  assert.deepEqual(pbx.news(), ['started outgoing 101>79035557788'])
  pbx.hangup('B', 17)
  assert.deepEqual(pbx.news(), ['ended busy'])
})

test('CALL-10 a caller who gives up while a second trunk rings has not failed', () => {
  const pbx = createScript()
  outgoing(pbx)
  pbx.dialEnd('C', 'congestion')
  pbx.hangup('C', 34)
  trunk(pbx, 'D')
  pbx.hangup('D', 127)
  pbx.hangup('B', 127)
  assert.equal(pbx.news().at(-1), 'ended')
})

test('HOLD-4 an outgoing call that was answered in the gap is answered', () => {
  const pbx = createScript()
  outgoing(pbx)
  pbx.news()
  pbx.restore({
    channels: [
      facts('B', 'PJSIP/101-0000000b', 'ring', { callerNumber: '101' }),
      facts('C', 'PJSIP/trunk-0000000c', 'up', { callerNumber: '79035557788' }),
    ],
  })
  assert.deepEqual(pbx.news(), ['answered'])
})

test('CALL-10 why an outgoing call failed is the dial status', () => {
  for (const [status, end] of [
    ['busy', 'ended busy'],
    ['congestion', 'ended congestion'],
    ['chanunavail', 'ended not-found'],
    ['cancel', 'ended'],
    ['noanswer', 'ended'],
  ] as const) {
    const pbx = createScript()
    outgoing(pbx)
    pbx.dialEnd('C', status)
    pbx.hangup('C', 17)
    pbx.hangup('B', 17)
    assert.equal(pbx.news().at(-1), end)
  }
})

test('CALL-14 a colleague to whom an outgoing call is transferred has a leg of it', () => {
  const pbx = createScript()
  outgoing(pbx)
  answer(pbx, 'C', 'B')
  pbx.leave('B', 'C')
  ring(pbx, 'D', '102', 'C')
  answer(pbx, 'D', 'C', 'b2')
  pbx.hangup('B')
  pbx.leave('C', 'D')
  pbx.hangup('C')
  pbx.hangup('D')
  const [call] = foldCalls(pbx.events).values()
  assert.equal(call!.direction, 'outgoing')
  assert.deepEqual(
    call!.legs.map(({ extension, result }) => `${extension} ${result}`),
    ['102 answered'],
  )
})

// ---- ringing ------------------------------------------------------------------

test('AMI-3 sendRingStartedOnRingingState: a leg rings when its phone says so', () => {
  const pbx = createScript('ami', { ringOnRingingState: true })
  incoming(pbx)
  pbx.channel('B', 'PJSIP/101-0000000b', 'down', { callerNumber: '101' })
  pbx.dial('A', 'B')
  assert.deepEqual(pbx.news(), ['started incoming 79161234567>74951000101'])
  pbx.state('B', 'ringing')
  assert.deepEqual(pbx.news(), ['ringing 101'])
  const ringing = pbx.events.at(-1)!
  assert.equal(ringing.at.getTime(), Date.parse('2026-11-21T12:00:04Z'))
})

test('CALL-14 a queue says "no answer" of a phone that refused; the hang-up cause tells', () => {
  for (const [cause, result] of [
    [17, 'busy'],
    [21, 'busy'],
    [16, 'noanswer'],
    [19, 'noanswer'],
  ] as const) {
    const pbx = createScript()
    incoming(pbx)
    pbx.hear({ type: 'queue-join', channelId: 'A', queue: 'support' })
    ring(pbx, 'B', '101')
    pbx.dialEnd('B', 'noanswer')
    pbx.hangup('B', cause)
    assert.deepEqual(pbx.news().slice(1), ['ringing 101 by support', `ring-ended 101 ${result}`])
  }
})

test('CALL-14 outside of a queue the dial status alone tells, once', () => {
  for (const [status, result] of [
    ['busy', 'busy'],
    ['noanswer', 'noanswer'],
    ['cancel', 'cancelled'],
    ['chanunavail', 'failed'],
    ['congestion', 'failed'],
  ] as const) {
    const pbx = createScript()
    incoming(pbx)
    ring(pbx, 'B', '101')
    pbx.dialEnd('B', status)
    pbx.dialEnd('B', 'cancel')
    pbx.hangup('B', 17)
    assert.deepEqual(pbx.news().slice(1), ['ringing 101', `ring-ended 101 ${result}`])
  }
})

test('CALL-14 who answered and hangs up before the caller is there is told no other end', () => {
  const pbx = createScript()
  incoming(pbx)
  ring(pbx, 'B', '101')
  pbx.state('B', 'up')
  pbx.dialEnd('B', 'answer')
  pbx.dialEnd('B', 'busy')
  pbx.hangup('B')
  assert.deepEqual(pbx.news().slice(1), ['ringing 101', 'ring-ended 101 cancelled'])
})

test('CALL-10 a queue’s own answer is no answer', () => {
  const pbx = createScript()
  incoming(pbx)
  pbx.state('A', 'up')
  pbx.hear({ type: 'queue-join', channelId: 'A', queue: 'support' })
  ring(pbx, 'B', '101')
  pbx.hangup('A')
  const [call] = foldCalls(pbx.events).values()
  assert.equal(call!.outcome, 'missed')
})

// ---- Local channels -------------------------------------------------------------

/** A queue rings a member by `Local/101@agents`. */
function local(pbx: PbxScript): void {
  incoming(pbx)
  pbx.channel('L1', 'Local/101@agents-00000001;1', 'down')
  pbx.channel('L2', 'Local/101@agents-00000001;2', 'ring')
  pbx.dial('A', 'L1')
}

test('AMI-4 a Local channel rings when somebody behind it does, and is that phone', () => {
  const pbx = createScript('ari')
  local(pbx)
  assert.deepEqual(pbx.news(), ['started incoming 79161234567>74951000101'])
  ring(pbx, 'B', '101', 'L2')
  answer(pbx, 'B', 'L2', 'b2')
  assert.deepEqual(pbx.news(), ['ringing 101'])
  pbx.dialEnd('L1', 'answer')
  pbx.bridge('b1', 'L1', 'A')
  assert.deepEqual(pbx.news(), ['answered 101'])
})

test('AMI-4 a member who takes the call on a mobile talks as the extension, a voice mail does not', () => {
  const mobile = createScript('ari')
  local(mobile)
  mobile.channel('M', 'PJSIP/trunk-0000000m', 'down', { callerNumber: '79030000000' })
  mobile.dial('L2', 'M')
  mobile.dialEnd('M', 'answer')
  mobile.bridge('b2', 'M', 'L2')
  mobile.bridge('b1', 'L1', 'A')
  assert.deepEqual(mobile.news().slice(1), ['ringing 101', 'answered 101'])

  const mail = createScript('ari')
  local(mail)
  mail.state('L2', 'up')
  mail.dialEnd('L1', 'answer')
  mail.bridge('b1', 'L1', 'A')
  mail.hangup('A')
  assert.deepEqual(mail.news().slice(1), ['ended'])
})

// ---- conversations --------------------------------------------------------------

test('CALL-10 several agents in a conference talk at once', () => {
  const pbx = createScript()
  incoming(pbx)
  ring(pbx, 'B', '101')
  answer(pbx, 'B')
  pbx.channel('D', 'PJSIP/102-0000000d', 'ring', { callerNumber: '102', exten: '8000' })
  pbx.state('D', 'up')
  pbx.bridge('conf', 'A', 'B', 'D')
  pbx.hangup('B')
  pbx.hangup('D')
  pbx.hangup('A')
  assert.deepEqual(pbx.news().slice(2), [
    'answered 101',
    'answered 102',
    'left 101',
    'left 102',
    'ended',
  ])
})

test('CALL-14 a consultation of a second line is internal until it is joined', () => {
  const pbx = createScript('ari')
  incoming(pbx)
  ring(pbx, 'B', '101')
  answer(pbx, 'B')
  pbx.hear({ type: 'hold', channelId: 'B' })
  pbx.channel('D', 'PJSIP/101-0000000d', 'ring', { callerNumber: '101', exten: '102' })
  ring(pbx, 'E', '102', 'D')
  answer(pbx, 'E', 'D', 'b2')
  assert.deepEqual(pbx.news().slice(3), [
    'held 101',
    'started internal 101>102',
    'ringing 102',
    'answered 102',
  ])
  pbx.hear({ type: 'bridge-merge', fromId: 'b2', intoId: 'b1' })
  pbx.hear({ type: 'bridge-leave', bridgeId: 'b2', channelId: 'E' })
  pbx.hear({ type: 'bridge-enter', bridgeId: 'b1', channelId: 'E' })
  pbx.hangup('B')
  pbx.hangup('D')
  const [call, internal] = foldCalls(pbx.events).values()
  assert.equal(internal!.direction, 'internal')
  assert.equal(internal!.state, 'ended')
  assert.deepEqual(
    call!.legs.filter(({ endedAt }) => endedAt === null).map(({ extension }) => extension),
    ['102'],
  )
  assert.equal(call!.state, 'answered')
})

test('CALL-10 a consultation in the middle of a call holds the customer, Hold or not', () => {
  const pbx = createScript()
  incoming(pbx)
  ring(pbx, 'B', '101')
  answer(pbx, 'B')
  for (const half of ['1', '2'] as const) {
    const name = `Local/102@agents-00000001;${half}`
    pbx.channel(`L${half}`, name, half === '1' ? 'down' : 'ring', { linkedId: 'A' })
  }
  pbx.leave('B')
  pbx.bridge('b2', 'L1', 'B')
  pbx.news()
  pbx.channel('D', 'PJSIP/102-0000000d', 'down', { callerNumber: '102', linkedId: 'A' })
  pbx.dial('L2', 'D')
  assert.deepEqual(pbx.news(), ['started internal 101>102', 'ringing 102', 'held 101'])
})

test('CALL-10 who waits in one parking lot does not talk with one another', () => {
  const pbx = createScript()
  incoming(pbx)
  ring(pbx, 'B', '101')
  answer(pbx, 'B')
  pbx.leave('A', 'B')
  pbx.hear({ type: 'bridge-enter', bridgeId: 'lot', channelId: 'A' })
  pbx.hear({ type: 'parked', channelId: 'A', space: '701', lot: null, parkerName: null })
  pbx.hangup('B')
  pbx.channel('D', 'PJSIP/102-0000000d', 'ring', { callerNumber: '102', exten: '700' })
  pbx.hear({ type: 'bridge-enter', bridgeId: 'lot', channelId: 'D' })
  assert.deepEqual(pbx.news().slice(3), ['left 101', 'held'])
  assert.deepEqual([...pbx.channels.partsOf('A')!.agents.keys()], [])
})

// ---- memory -----------------------------------------------------------------------

test('AMI-4 calls that are over are forgotten, and so are their channels', () => {
  const pbx = createScript()
  for (let round = 0; round < 3; round += 1) {
    incoming(pbx)
    ring(pbx, 'B', '101')
    answer(pbx, 'B')
    pbx.leave('B', 'A')
    pbx.hangup('B')
    pbx.hangup('A')
    assert.equal(pbx.channels.partsOf('A'), null)
    assert.deepEqual(pbx.channels.liveIds(), [])
    // The same ids come again after a restart of the PBX.
    assert.equal(pbx.news().length, 5)
  }
})

test('AMI-5 further fields go along with the next event of their call', () => {
  const pbx = createScript()
  const channel = facts('A', 'PJSIP/trunk-0000000a', 'ring', CUSTOMER)
  pbx.hear({ type: 'channel', channel, extra: { vip: 'yes' } })
  pbx.hear({ type: 'channel', channel, extra: { language: 'en' } })
  ring(pbx, 'B', '101')
  assert.deepEqual(
    pbx.events.map(({ extra, channelIds }) => [extra, channelIds]),
    [
      [{ vip: 'yes' }, ['A']],
      [{ language: 'en' }, ['B']],
    ],
  )
})

// ---- after a gap ------------------------------------------------------------------

function open(more: Partial<OpenCall> = {}): OpenCall {
  return {
    uniqueId: 'A',
    direction: 'incoming',
    from: '79161234567',
    to: '74951000101',
    queue: null,
    startedAt: new Date(0),
    answered: true,
    held: false,
    legs: [{ extension: '101', state: 'talking' }],
    ...more,
  }
}
const TALKING = {
  channels: [
    facts('A', 'PJSIP/trunk-0000000a', 'up', { ...CUSTOMER, application: 'Dial' }),
    facts('B', 'PJSIP/101-0000000b', 'up', { callerNumber: '101', application: 'AppDial' }),
  ],
  bridges: [{ id: 'b1', channelIds: ['A', 'B'] }],
}

test('HOLD-4 what is known already is not told again, and a hold stays', () => {
  for (const held of [false, true]) {
    const pbx = createScript()
    pbx.restore(TALKING, [open({ held })])
    assert.deepEqual(pbx.news(), [])
    pbx.hear({ type: 'unhold', channelId: 'B' })
    assert.deepEqual(pbx.news(), held ? ['resumed 101'] : [])
  }
})

test('HOLD-4 a call of which the PBX has no channel is over', () => {
  const pbx = createScript()
  const known = ['incoming', 'outgoing', 'internal'] as const
  pbx.restore(
    { channels: [] },
    known.map((direction) => open({ direction, uniqueId: direction })),
  )
  assert.deepEqual(pbx.news(), ['ended', 'ended', 'ended'])
  assert.deepEqual(pbx.channels.liveIds(), [])
})

test('HOLD-4 a customer who was moved to another channel in the gap is found by the number', () => {
  const pbx = createScript('ari')
  const moved = facts('Z', 'PJSIP/trunk-0000000f', 'up', CUSTOMER)
  const agent = facts('D', 'PJSIP/102-0000000d', 'up', { application: 'AppDial' })
  pbx.restore({ channels: [moved, agent], bridges: [{ id: 'b2', channelIds: ['Z', 'D'] }] }, [
    open(),
  ])
  assert.deepEqual(pbx.news(), ['left 101', 'ringing 102', 'answered 102'])
  assert.deepEqual(pbx.channels.liveIds(), ['A'])
})

test('HOLD-4 an agent who consults while the link comes back still has the customer', () => {
  const [customer, agent] = TALKING.channels as [
    (typeof TALKING.channels)[0],
    (typeof TALKING.channels)[0],
  ]
  const pbx = createScript('ari')
  const half = facts('L1', 'Local/102@agents-00000001;1', 'up')
  pbx.restore(
    { channels: [customer, agent, half], bridges: [{ id: 'b2', channelIds: ['B', 'L1'] }] },
    [open({ held: true })],
  )
  assert.deepEqual(pbx.news(), [])
  pbx.bridge('b1', 'B', 'A')
  assert.deepEqual(pbx.news(), ['resumed 101'])
})

test('HOLD-4 who rings for an agent in the middle of a call is a consultation', () => {
  const [customer, agent] = TALKING.channels as [
    (typeof TALKING.channels)[0],
    (typeof TALKING.channels)[0],
  ]
  const link = { linkedId: 'A' }
  const pbx = createScript()
  const rung = { callerNumber: '102', connectedNumber: '101', application: 'AppDial', ...link }
  pbx.restore(
    {
      channels: [
        { ...customer, ...link },
        { ...agent, ...link },
        facts('D', 'PJSIP/102-0000000d', 'ringing', rung),
      ],
    },
    [open()],
  )
  assert.deepEqual(pbx.news(), ['started internal 101>102', 'ringing 102'])
})

test('HOLD-4 a click-to-call whose channel never came is over', () => {
  const pbx = createScript()
  const time = { at: new Date(0), atKnown: false, arrivedAt: new Date(0) }
  const dial = { channelId: 'X', extension: '101', number: '79035557788' }
  assert.equal(pbx.channels.expect(dial, time).length, 1)
  pbx.restore({ channels: [] })
  assert.deepEqual(pbx.news(), ['ended'])
})

// ---- the end --------------------------------------------------------------------

test('CALL-10 a call is over when its customer hangs up, however long the dialplan goes on', () => {
  for (const whoEnds of ['A', 'B']) {
    const pbx = createScript()
    incoming(pbx)
    ring(pbx, 'B', '101')
    answer(pbx, 'B')
    pbx.news()
    pbx.hear({ type: 'hangup-request', channelId: whoEnds })
    pbx.leave('A', 'B')
    pbx.hangup('B')
    // Asterisk ends the customer's channel, whose dialplan waits for an answer of ours.
    if (whoEnds === 'B') pbx.hear({ type: 'hangup-request', channelId: 'A' })
    assert.ok(pbx.news().includes('ended'), whoEnds)
    pbx.hangup('A')
    assert.deepEqual(pbx.news(), [])
    assert.deepEqual(pbx.channels.liveIds(), [])
  }
})

test('CALL-10 an outgoing call is over when the agent gives up', () => {
  const pbx = createScript()
  outgoing(pbx)
  pbx.state('C', 'ringing')
  pbx.hear({ type: 'hangup-request', channelId: 'B' })
  pbx.hangup('C')
  assert.deepEqual(pbx.news(), ['started outgoing 101>79035557788', 'ended'])
})
