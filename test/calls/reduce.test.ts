import assert from 'node:assert/strict'
import test from 'node:test'
import type { CallEvent, FoldedCall, Leg } from '../../server/calls/call.ts'
import { fold } from '../../server/calls/reduce.ts'
import {
  again,
  arrivingInThisOrder,
  CALLER,
  closed,
  createTeller,
  DIALLED,
  heard,
  NOON,
} from '../support/call-events.ts'
import { createRandom, permutations, pickSeed, shuffled } from '../support/random.ts'

const seed = pickSeed()
process.stdout.write(`calls/reduce: TEST_SEED=${seed}\n`)

const web = (): ReturnType<typeof createTeller> => createTeller({ source: 'webhook' })
const webOut = (): ReturnType<typeof createTeller> =>
  createTeller({ source: 'webhook', direction: 'outgoing', from: '101', to: CALLER })

const internal = (): ReturnType<typeof createTeller> =>
  createTeller({ source: 'webhook', direction: 'internal', from: '101', to: '102' })

function foldAll(events: readonly CallEvent[], clockShiftMs = 0): FoldedCall | null {
  return fold(heard(events), { country: 'RU', clockShiftMs })
}

interface Expected {
  readonly state: FoldedCall['state']
  readonly outcome: FoldedCall['outcome']
  readonly ring: number | null
  readonly talk: number | null
  readonly agent?: string | null
  readonly hold?: number
  readonly queue?: string
  readonly endNotReported?: boolean
  /** `101 answered 2-5-20`: extension, result, and the seconds of ringing, answer and end. */
  readonly legs?: readonly string[]
}

interface Scenario {
  readonly name: string
  readonly events: readonly CallEvent[]
  readonly expected: Expected
}

const scenarios: readonly Scenario[] = [
  {
    name: 'CALL-10 a call that has only started',
    events: [web().started(0)],
    expected: { state: 'started', outcome: null, ring: null, talk: null, legs: [] },
  },
  {
    name: 'CALL-10 a ringing call',
    events: [web().started(0), web().ring(2, '101,102')],
    expected: {
      state: 'ringing',
      outcome: null,
      ring: null,
      talk: null,
      legs: ['101 ringing 2--', '102 ringing 2--'],
    },
  },
  {
    name: 'CALL-10 an answered call: ring seconds run from the first ring to the answer',
    events: [web().started(0), web().ring(2, '101'), web().answer(7, '101')],
    expected: {
      state: 'answered',
      outcome: null,
      ring: 5,
      talk: null,
      agent: 'anna',
      legs: ['101 answered 2-7-'],
    },
  },
  {
    name: 'CALL-10 CALL-14 an answered call that ended: the others rang in vain',
    events: [
      web().started(0),
      web().ring(2, '101,102'),
      web().answer(7, '102'),
      web().end(30, { to: '102' }),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 5,
      talk: 23,
      agent: 'boris',
      legs: ['101 elsewhere 2--7', '102 answered 2-7-30'],
    },
  },
  {
    name: 'CALL-10 a missed call',
    events: [web().started(0), web().ring(2, '101'), web().end(12)],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 10,
      talk: null,
      legs: ['101 cancelled 2--12'],
    },
  },
  {
    name: 'CALL-10 a caller who hung up before anybody rang has missed us',
    events: [web().started(0), web().end(4)],
    expected: { state: 'ended', outcome: 'missed', ring: null, talk: null, legs: [] },
  },
  {
    name: 'CALL-10 an outgoing call that was answered',
    events: [webOut().started(0), webOut().answer(4, null), webOut().end(34)],
    expected: { state: 'ended', outcome: 'answered', ring: 4, talk: 30, agent: 'anna', legs: [] },
  },
  {
    name: 'CALL-10 an outgoing call that nobody answered',
    events: [webOut().started(0), webOut().end(20)],
    expected: { state: 'ended', outcome: 'unanswered', ring: 20, talk: null, agent: 'anna' },
  },
  {
    name: 'CALL-10 an outgoing call to a busy number has failed',
    events: [webOut().started(0), webOut().end(3, { failure: 'busy' })],
    expected: { state: 'ended', outcome: 'failed', ring: 3, talk: null, agent: 'anna' },
  },
  {
    name: 'CALL-11 an end alone makes a call of what is known',
    events: [web().end(9, { to: '101' })],
    expected: { state: 'ended', outcome: 'missed', ring: null, talk: null, legs: [] },
  },
  {
    name: 'CALL-11 an answer alone makes a call of what is known',
    events: [web().answer(9, '103')],
    expected: {
      state: 'answered',
      outcome: null,
      ring: null,
      talk: null,
      agent: 'clara',
      legs: ['103 answered -9-'],
    },
  },
  {
    name: 'CALL-11 what is told after the end does not bring the call back',
    events: [web().ring(2, '101'), web().end(12), web().ring(15, '102')],
    expected: { state: 'ended', outcome: 'missed', ring: 10, talk: null },
  },
  {
    name: 'CALL-11 everything in one second: ringing, answered, ended',
    events: [web().started(1), web().ring(1, '101'), web().answer(1, '101'), web().end(1)],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 0,
      talk: 0,
      agent: 'anna',
      legs: ['101 answered 1-1-1'],
    },
  },
  {
    name: 'CALL-14 a later ring replaces the ringing set; who is still named goes on as the same leg',
    events: [
      web().started(0),
      web().ring(1, '101,102'),
      web().ring(11, '102,103'),
      web().answer(14, '102'),
      web().end(20),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 13,
      talk: 6,
      agent: 'boris',
      legs: ['101 noanswer 1--11', '102 answered 1-14-20', '103 elsewhere 11--14'],
    },
  },
  {
    name: 'CALL-14 an internal call is of who dialled: nobody on it is a customer',
    events: [
      internal().started(0),
      internal().ring(1, '102'),
      internal().answer(4, '102'),
      internal().end(9),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 3,
      talk: 5,
      agent: 'anna',
      legs: ['102 answered 1-4-9'],
    },
  },
  {
    name: 'CALL-14 two rings in the same second: the personal one comes before the queue',
    events: [
      web().started(0),
      web().ring(3, '102,103', 'sales'),
      web().ring(3, '101'),
      web().end(9),
    ],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 6,
      talk: null,
      queue: 'sales',
      legs: ['101 noanswer 3--3', '102 cancelled 3--9', '103 cancelled 3--9'],
    },
  },
  {
    name: 'CALL-14 a queue whose name begins with a sign still comes after the personal ring',
    events: [web().ring(3, '102', '!sales'), web().ring(3, '101'), web().end(9)],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 6,
      talk: null,
      queue: '!sales',
      legs: ['101 noanswer 3--3', '102 cancelled 3--9'],
    },
  },
  {
    name: 'CALL-14 a transfer: both agents keep their part, the call is the last one’s',
    events: [
      web().ring(2, '101'),
      web().answer(5, '101'),
      web().ring(20, '102'),
      web().answer(25, '102'),
      web().end(40),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 3,
      talk: 35,
      agent: 'boris',
      legs: ['101 answered 2-5-25', '102 answered 20-25-40'],
    },
  },
  {
    name: 'CALL-14 a transfer that nobody answers leaves the agent',
    events: [
      web().ring(2, '101'),
      web().answer(5, '101'),
      web().ring(20, '102'),
      web().ring(30, '103'),
      web().end(40),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 3,
      talk: 35,
      agent: 'anna',
      legs: ['101 answered 2-5-40', '102 noanswer 20--30', '103 cancelled 30--40'],
    },
  },
  {
    name: 'CALL-14 the same extension rings again after others: a leg of its own',
    events: [web().ring(0, '101'), web().ring(10, '102'), web().ring(20, '101'), web().end(25)],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 25,
      talk: null,
      legs: ['101 noanswer 0--10', '102 noanswer 10--20', '101 cancelled 20--25'],
    },
  },
  {
    name: 'CALL-14 somebody answers who was not named',
    events: [web().ring(1, '101'), web().answer(4, '103'), web().end(9)],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 3,
      talk: 5,
      agent: 'clara',
      legs: ['101 elsewhere 1--4', '103 answered -4-9'],
    },
  },
  {
    name: 'CALL-3 a duration never makes a call answered',
    events: [web().ring(1, '101'), web().end(9, { durationSeconds: 8 })],
    expected: { state: 'ended', outcome: 'missed', ring: 8, talk: null },
  },
  {
    name: 'CALL-3 a duration never outweighs the times of answer and end',
    events: [web().ring(1, '101'), web().answer(4, '101'), web().end(9, { durationSeconds: 60 })],
    expected: { state: 'ended', outcome: 'answered', ring: 3, talk: 5 },
  },
  {
    name: 'CALL-3 a duration serves where the answer told no time',
    events: [
      web().ring(1, '101'),
      web().answer({ arrived: 8 }, '101'),
      web().end(19, { durationSeconds: 15 }),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 3,
      talk: 15,
      legs: ['101 answered 1-4-19'],
    },
  },
  {
    name: 'CALL-3 a duration serves where the end told no time',
    events: [
      web().ring(1, '101'),
      web().answer(4, '101'),
      web().end({ arrived: 50 }, { durationSeconds: 15 }),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 3,
      talk: 15,
      legs: ['101 answered 1-4-19'],
    },
  },
  {
    name: 'CALL-3 a queue counts waiting in its duration: it does not serve there',
    events: [
      web().ring(1, '101', 'sales'),
      web().answer(4, '101'),
      web().end({ arrived: 20 }, { durationSeconds: 99 }),
    ],
    expected: { state: 'ended', outcome: 'answered', ring: 3, talk: 16, queue: 'sales' },
  },
  {
    name: 'CALL-3 a duration is never negative: the clock went back during the talk',
    events: [web().ring(1, '101'), web().answer(400, '101'), web().end(300)],
    expected: { state: 'ended', outcome: 'answered', ring: 299, talk: 0 },
  },
  {
    name: 'CALL-3 CALL-11 events without a time are those of their arrival',
    events: [
      web().started({ arrived: 0 }),
      web().ring({ arrived: 2 }, '101,102'),
      web().answer({ arrived: 6 }, '101'),
      web().end({ arrived: 16 }),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 4,
      talk: 10,
      agent: 'anna',
      legs: ['101 answered 2-6-16', '102 elsewhere 2--6'],
    },
  },
  {
    name: 'CALL-12 a call that closed by itself: ended at its last event, no talk, no end reported',
    events: [web().ring(2, '101'), web().answer(6, '101'), closed(20_000)],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 4,
      talk: null,
      agent: 'anna',
      endNotReported: true,
      legs: ['101 answered 2-6-6'],
    },
  },
  {
    name: 'CALL-12 a ringing call that closed by itself is missed',
    events: [web().ring(2, '101'), web().ring(8, '101,102'), closed(400)],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 6,
      talk: null,
      endNotReported: true,
      legs: ['101 cancelled 2--8', '102 cancelled 8--8'],
    },
  },
  {
    name: 'CALL-12 a later real end corrects a call that closed by itself',
    events: [web().ring(2, '101'), web().answer(6, '101'), closed(20_000), web().end(20_006)],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 4,
      talk: 20_000,
      endNotReported: false,
      legs: ['101 answered 2-6-20006'],
    },
  },
  {
    name: 'CALL-12 an end that is late, too: the real one counts',
    events: [web().ring(2, '101'), closed(400), { ...web().end(12), arrivedAt: later(500) }],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 10,
      talk: null,
      endNotReported: false,
      legs: ['101 cancelled 2--12'],
    },
  },
  {
    name: 'CALL-12 what is heard after the closing says that the call goes on',
    events: [web().ring(2, '101'), closed(400), web().answer(401, '101')],
    expected: {
      state: 'answered',
      outcome: null,
      ring: 399,
      talk: null,
      endNotReported: false,
      legs: ['101 answered 2-401-'],
    },
  },
  {
    name: 'CALL-12 what had come in before the closing, but was not known to it, counts as heard after it',
    events: [web().ring(2, '101'), closed(400, 2.02), web().answer(30, '101')],
    expected: { state: 'answered', outcome: null, ring: 28, talk: null, endNotReported: false },
  },
  {
    name: 'CALL-12 a recording after the closing says nothing of the call itself',
    events: [web().ring(2, '101'), closed(400), web().recorded(401)],
    expected: { state: 'ended', outcome: 'missed', ring: 0, talk: null, endNotReported: true },
  },
]

for (const { name, events, expected } of scenarios) {
  test(`${name}; the same in every order, and doubled`, () => {
    const call = foldAll(events)
    assert.ok(call)
    const { legs, ...rest } = expected
    assert.deepEqual(
      {
        state: call.state,
        outcome: call.outcome,
        ring: call.ringSeconds,
        talk: call.talkSeconds,
        ...('agent' in rest ? { agent: call.agentId } : {}),
        ...('queue' in rest ? { queue: call.queue } : {}),
        ...('endNotReported' in rest ? { endNotReported: call.endNotReported } : {}),
      },
      rest,
    )
    if (legs !== undefined) assert.deepEqual(call.legs.map(legText).sort(), [...legs].sort())
    assertSameInEveryOrder(events, call)
  })
}

const arrival = createTeller({ source: 'ari' })
const ari: readonly Scenario[] = [
  {
    name: 'CALL-14 by ARI each dial is a leg of its own; busy, refused and cancelled are told apart',
    events: [
      arrival.started(0),
      arrival.ring(1.2, '101'),
      arrival.ringEnded(4.1, '101', 'busy'),
      arrival.ring(5.4, '101'),
      arrival.ring(5.5, '102'),
      arrival.ringEnded(9.9, '101', 'noanswer'),
      arrival.ringEnded(11, '102', 'cancelled'),
      arrival.end(11.3),
    ],
    expected: {
      state: 'ended',
      outcome: 'missed',
      ring: 10,
      talk: null,
      legs: ['101 busy 1.2--4.1', '101 noanswer 5.4--9.9', '102 cancelled 5.5--11'],
    },
  },
  {
    name: 'CALL-14 a dial that is cancelled because another phone answered was answered elsewhere',
    events: [
      arrival.started(20),
      arrival.ring(21, '101'),
      arrival.ring(21.1, '102'),
      arrival.answer(25, '102'),
      arrival.ringEnded(25.1, '101', 'cancelled'),
      arrival.ringEnded(25.2, '101', 'cancelled'),
      arrival.held(30, '102'),
      arrival.resumed(34, '102'),
      arrival.end(45),
    ],
    expected: {
      state: 'ended',
      outcome: 'answered',
      ring: 4,
      talk: 20,
      agent: 'boris',
      hold: 4,
      legs: ['101 elsewhere 21--25.1', '102 answered 21.1-25-45'],
    },
  },
  {
    name: 'CALL-10 CALL-14 a conference: two agents talk at once, the call is held and goes on',
    events: [
      arrival.started(60),
      arrival.ring(61, '101'),
      arrival.answer(63, '101'),
      arrival.answer(70, '103'),
      arrival.left(80, '101'),
      arrival.held(85, '103'),
    ],
    expected: {
      state: 'held',
      outcome: null,
      ring: 2,
      talk: null,
      agent: 'clara',
      legs: ['101 answered 61-63-80', '103 answered -70-'],
    },
  },
]

for (const { name, events, expected } of ari) {
  test(`${name}; the same in every order, and doubled`, () => {
    const call = foldAll(events)
    assert.ok(call)
    assert.equal(call.state, expected.state)
    assert.equal(call.outcome, expected.outcome)
    assert.equal(call.ringSeconds, expected.ring)
    assert.equal(call.talkSeconds, expected.talk)
    assert.equal(call.holdSeconds, expected.hold ?? 0)
    assert.equal(call.agentId, expected.agent ?? null)
    assert.deepEqual(call.legs.map(legText), expected.legs)
    assertSameInEveryOrder(events, call)
  })
}

test('CALL-11 a late answer turns a missed call into an answered one', () => {
  const tell = web()
  const inTime = [tell.started(0), tell.ring(2, '101'), tell.end(30)]
  assert.equal(foldAll(inTime)?.outcome, 'missed')
  const corrected = foldAll([...inTime, { ...tell.answer(10, '101'), arrivedAt: later(90) }])
  assert.equal(corrected?.outcome, 'answered')
  assert.equal(corrected?.talkSeconds, 20)
  assert.equal(corrected?.agentId, 'anna')
})

test('CALL-11 the same ring without a time, repeated, is one ring', () => {
  const tell = web()
  const once = [tell.ring({ arrived: 2 }, '101'), tell.end({ arrived: 9 })]
  assert.deepEqual(foldAll([...once, ...once.map((event) => again(event))]), foldAll(once))
})

test('CALL-8 a recording alone is no call', () => {
  assert.equal(foldAll([web().recorded(3)]), null)
  assert.equal(foldAll([closed(3)]), null)
  assert.equal(foldAll([]), null)
})

test('CALL-10 to of an incoming call is the number dialled, and the person is the customer', () => {
  const tell = web()
  const incoming = foldAll([tell.ring(1, '101'), tell.started(0), tell.end(5, { to: '101' })])
  assert.equal(incoming?.to.raw, DIALLED)
  assert.equal(incoming?.from.e164, CALLER)
  assert.equal(incoming?.personKey, CALLER)
  const outgoing = foldAll([webOut().started(0)])
  assert.equal(outgoing?.direction, 'outgoing')
  assert.equal(outgoing?.personKey, CALLER)
})

test('CALL-17 a clock error shifts what the PBX’s clock told, and nothing else', () => {
  const slow = createTeller({ source: 'webhook', clockErrorMs: -600_000 })
  const told = [slow.started(0), slow.ring(2, '101'), slow.answer(6, '101'), slow.end(16)]
  const shifted = foldAll(told, 600_000)
  assert.equal(shifted?.startedAt.getTime(), NOON)
  assert.equal(shifted?.endedAt?.getTime(), NOON + 16_000)
  assert.equal(shifted?.talkSeconds, 10)
  const byArrival = foldAll([slow.ring({ arrived: 2 }, '101'), slow.end({ arrived: 9 })], 600_000)
  assert.equal(byArrival?.endedAt?.getTime(), NOON + 9020)
  const ami = createTeller({ source: 'ami' })
  const fromAmi = foldAll([ami.started(0), ami.ring(1, '101'), ami.end(5)], 600_000)
  assert.equal(fromAmi?.startedAt.getTime(), NOON + 20)
  const milliseconds = createTeller({ source: 'ari', clockErrorMs: -600_000 })
  const fromAri = foldAll([milliseconds.started(0.25), milliseconds.end(5)], 600_000)
  assert.equal(fromAri?.startedAt.getTime(), NOON + 250)
})

function later(seconds: number): Date {
  return new Date(NOON + seconds * 1000)
}

function legText(leg: Leg): string {
  const at = (date: Date | null): string =>
    date === null ? '' : String((date.getTime() - NOON) / 1000).replace(/\.02$/, '')
  return `${leg.extension} ${leg.result} ${at(leg.rangAt)}-${at(leg.answeredAt)}-${at(leg.endedAt)}`
}

/** All orders up to six events, otherwise a thousand random ones; each also with repetitions. */
function assertSameInEveryOrder(events: readonly CallEvent[], expected: FoldedCall): void {
  const random = createRandom(seed)
  const orders =
    events.length <= 6
      ? permutations(events)
      : Array.from({ length: 1000 }, () => shuffled(events, random)).values()
  for (const order of orders) {
    assert.deepEqual(foldAll(arrivingInThisOrder(order)), expected, describe(order))
    // What was told before a closing can be repeated after it.
    const told = order.filter((event) => event.type !== 'closed')
    const doubled = shuffled([...order, ...told.map((event) => again(event))], random)
    assert.deepEqual(
      foldAll(arrivingInThisOrder(doubled)),
      expected,
      `doubled: ${describe(doubled)}`,
    )
  }
}

function describe(events: readonly CallEvent[]): string {
  return `seed ${seed}: ${events.map(({ type, at }) => `${type} ${at.toISOString()}`).join(', ')}`
}
