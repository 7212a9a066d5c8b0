import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { CallEvent, FoldedCall, LegResult, Source } from '../../server/calls/call.ts'
import { fold } from '../../server/calls/reduce.ts'
import {
  again,
  arrivingInThisOrder,
  closed,
  createTeller,
  heard,
  NOON,
  type Teller,
} from '../support/call-events.ts'
import { createRandom, pickSeed, shuffled } from '../support/random.ts'

const seed = pickSeed()
process.stdout.write(`calls/sources: TEST_SEED=${seed}\n`)

function foldAll(events: readonly CallEvent[]): FoldedCall {
  const call = fold(heard(events), { country: 'RU', clockShiftMs: 0 })
  assert.ok(call)
  return call
}

/** A queue rings 101 twice and 102 once, 102 answers; 103 is a paused member, listed by the webhook. */
const QUEUE_CALL: Readonly<Record<'webhook' | 'ari' | 'ami', readonly CallEvent[]>> = {
  webhook: tellWebhook(createTeller({ source: 'webhook' })),
  ari: tellChannels(createTeller({ source: 'ari' }), 0),
  ami: tellChannels(createTeller({ source: 'ami' }), 0.03),
}

function tellWebhook(tell: Teller): readonly CallEvent[] {
  return [
    tell.started(0.2),
    tell.ring(0.3, '101,102,103', 'sales'),
    tell.answer(9.5, '102'),
    tell.end(29.7, { to: '102', durationSeconds: 29 }),
  ]
}

function tellChannels(tell: Teller, late: number): readonly CallEvent[] {
  return [
    tell.started(0.21 + late),
    tell.ring(0.4 + late, '101', 'sales'),
    tell.ring(0.41 + late, '102', 'sales'),
    tell.ringEnded(5.1 + late, '101', 'noanswer'),
    tell.ring(6.2 + late, '101', 'sales'),
    tell.answer(9.48 + late, '102'),
    tell.ringEnded(9.6 + late, '101', 'cancelled'),
    tell.held(12.1 + late, '102'),
    tell.resumed(15.2 + late, '102'),
    tell.end(29.65 + late),
  ]
}

const SUBSETS: readonly (readonly (keyof typeof QUEUE_CALL)[])[] = [
  ['webhook'],
  ['ari'],
  ['ami'],
  ['ari', 'ami'],
  ['webhook', 'ari'],
  ['webhook', 'ami'],
  ['webhook', 'ari', 'ami'],
]

for (const sources of SUBSETS) {
  test(`CALL-1 TRUE-1 the same call by ${sources.join(' and ')}`, () => {
    const events = sources.flatMap((source) => QUEUE_CALL[source])
    const call = foldAll(events)
    assert.equal(call.state, 'ended')
    assert.equal(call.outcome, 'answered')
    assert.equal(call.direction, 'incoming')
    assert.equal(call.from.e164, '+79161234567')
    assert.equal(call.to.raw, '74951000101')
    assert.equal(call.queue, 'sales')
    assert.equal(call.agentId, 'boris')
    assertNear(call.startedAt, 0.21)
    assertNear(call.ringingAt, 0.4)
    assertNear(call.answeredAt, 9.48)
    assertNear(call.endedAt, 29.65)
    assert.ok(Math.abs((call.ringSeconds ?? 0) - 9) <= 1, `ring ${call.ringSeconds}`)
    assert.ok(Math.abs((call.talkSeconds ?? 0) - 20) <= 1, `talk ${call.talkSeconds}`)
    assert.equal(call.holdSeconds, sources.length === 1 && sources[0] === 'webhook' ? 0 : 3)
    const legs = call.legs.map(({ extension, result }) => `${extension} ${result}`)
    assert.deepEqual(
      legs,
      sources.join() === 'webhook'
        ? ['101 elsewhere', '102 answered', '103 elsewhere']
        : ['101 noanswer', '102 answered', '101 elsewhere'],
    )
    assertShuffled(events, call)
  })
}

test('CALL-1 a fact told by several sources takes the finest clock: ARI, then AMI, then webhooks', () => {
  const all = foldAll(Object.values(QUEUE_CALL).flat())
  assert.equal(all.answeredAt?.getTime(), NOON + 9480)
  assert.equal(all.endedAt?.getTime(), NOON + 29_650)
  const withoutAri = foldAll([...QUEUE_CALL.ami, ...QUEUE_CALL.webhook])
  assert.equal(withoutAri.answeredAt?.getTime(), NOON + 9530)
})

test('CALL-1 while ARI tells of the call, a webhook’s list makes no legs', () => {
  const ari = createTeller({ source: 'ari' })
  const web = createTeller({ source: 'webhook' })
  const waiting = [ari.started(0.1), web.started(0.1), web.ring(0.2, '101,102', 'sales')]
  assert.deepEqual(foldAll(waiting).legs, [])
  assert.equal(foldAll(waiting).state, 'ringing')
  assertShuffled(waiting, foldAll(waiting))
})

test('CALL-1 a webhook can be the first to tell that a leg answered', () => {
  const ari = createTeller({ source: 'ari' })
  const web = createTeller({ source: 'webhook' })
  const events = [
    ari.started(0.1),
    ari.ring(1.1, '101'),
    ari.ringEnded(4.4, '101', 'noanswer'),
    ari.ring(6.1, '101'),
    web.answer(9.2, '101'),
  ]
  const call = foldAll(events)
  assert.equal(call.state, 'answered')
  assert.deepEqual(
    call.legs.map(({ result }) => result),
    ['noanswer', 'answered'],
  )
  assertShuffled(events, call)
  const told = foldAll([...events, ari.answer(9.1, '101')])
  assert.deepEqual(
    told.legs.map(({ result }) => result),
    ['noanswer', 'answered'],
  )
})

test('CALL-1 a source that came up in the middle of a call adds to it and takes nothing away', () => {
  const ari = createTeller({ source: 'ari' })
  const web = createTeller({ source: 'webhook' })
  const before = [web.started(0), web.ring(1, '101'), web.answer(5, '101')]
  const after = [ari.ring(40.2, '102'), ari.answer(44.4, '102'), ari.end(60.3)]
  const call = foldAll([...before, web.answer(44.4, '102'), ...after, web.end(60.3)])
  assertNear(call.startedAt, 0)
  assertNear(call.answeredAt, 5)
  assertNear(call.endedAt, 60.3)
  assert.equal(call.agentId, 'boris')
  assert.deepEqual(
    call.legs.filter((leg) => leg.answeredAt !== null).map((leg) => leg.extension),
    ['101', '102'],
  )
  // Only the end by ARI: the legs that the webhook told of stay.
  const ended = foldAll([...before, createTeller({ source: 'ari' }).end(60.3)])
  assert.deepEqual(
    ended.legs.map(({ extension, result }) => `${extension} ${result}`),
    ['101 answered'],
  )
  assert.equal(ended.legs[0]?.endedAt?.getTime(), ended.endedAt?.getTime())
})

test('CALL-14 a leg that still rang for one source ends with the call that another one ended', () => {
  const web = createTeller({ source: 'webhook' })
  const ari = createTeller({ source: 'ari' })
  const call = foldAll([ari.started(0), ari.ring(1, '101'), web.end(9)])
  assert.equal(call.state, 'ended')
  assert.deepEqual(
    call.legs.map(({ result, endedAt }) => [result, endedAt?.getTime()]),
    [['cancelled', NOON + 9000]],
  )
})

// ---- any events at all ------------------------------------------------------

const extension = fc.constantFrom('101', '102', '103')
const RESULTS = ['noanswer', 'busy', 'cancelled', 'failed'] satisfies LegResult[]

/** One event: seconds in halves, so that many share a second and its parts. */
const step = fc.record({
  seconds: fc.integer({ min: 0, max: 40 }).map((half) => half / 2),
  kind: fc.constantFrom<keyof Teller>(
    'started',
    'ring',
    'ringEnded',
    'answer',
    'held',
    'resumed',
    'left',
    'end',
    'recorded',
  ),
  extension,
  set: fc.uniqueArray(extension, { minLength: 1, maxLength: 3 }),
  queue: fc.constantFrom(null, 'sales'),
  result: fc.constantFrom(...RESULTS),
  isTimeTold: fc.boolean(),
  durationSeconds: fc.option(fc.integer({ min: 0, max: 60 })),
})

const story = fc.record({
  source: fc.constantFrom<Source>('webhook', 'ari', 'ami', 'cti'),
  steps: fc.array(step, { minLength: 1, maxLength: 7 }),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function tellStory({ source, steps }: { source: Source; steps: readonly Step[] }): CallEvent[] {
  const tell = createTeller({ source })
  return steps.map((each) => {
    const when = each.isTimeTold ? each.seconds : { arrived: each.seconds }
    switch (each.kind) {
      case 'started':
        return tell.started(when)
      case 'ring':
        return tell.ring(when, each.set.join(), each.queue)
      case 'ringEnded':
        return tell.ringEnded(when, each.extension, each.result)
      case 'answer':
        return tell.answer(when, each.extension)
      case 'end':
        return tell.end(when, { durationSeconds: each.durationSeconds })
      case 'recorded':
        return tell.recorded(when)
      case 'left':
        return tell.left(when, each.extension)
      default:
        return tell[each.kind](when, each.extension)
    }
  })
}

test('CALL-11 HOLD-3 any events of any sources: the same call in every order, however often repeated', () => {
  const property = fc.property(
    fc.uniqueArray(story, { minLength: 1, maxLength: 3, selector: ({ source }) => source }),
    fc.option(fc.integer({ min: 0, max: 30 })),
    fc.integer(),
    (stories, closing, order) => {
      const told = stories.flatMap(tellStory)
      const events = closing === null ? told : [...told, closed(closing + 100, closing)]
      const inOrder = fold(heard(events), { country: 'RU', clockShiftMs: 0 })
      const repeated = told.map((event) => again(event))
      const mixed = arrivingInThisOrder(shuffled([...events, ...repeated], createRandom(order)))
      assert.deepEqual(fold(heard(mixed), { country: 'RU', clockShiftMs: 0 }), inOrder)
      if (inOrder !== null) assertSound(inOrder)
    },
  )
  fc.assert(property, { numRuns: 3000, seed })
})

/** What no events, however contradictory, may make of a call. */
function assertSound(call: FoldedCall): void {
  const { state, outcome, endedAt, ringSeconds, talkSeconds } = call
  assert.equal(state === 'ended', endedAt !== null)
  assert.equal(outcome !== null, state === 'ended')
  assert.ok((ringSeconds ?? 0) >= 0 && (talkSeconds ?? 0) >= 0 && call.holdSeconds >= 0)
  if (state !== 'ended') return
  for (const leg of call.legs) {
    assert.notEqual(leg.result, 'ringing')
    assert.notEqual(leg.endedAt, null)
  }
}

function assertShuffled(events: readonly CallEvent[], expected: FoldedCall): void {
  const random = createRandom(seed)
  for (let round = 0; round < 500; round += 1) {
    const order = shuffled([...events, ...events.map((event) => again(event))], random)
    assert.deepEqual(foldAll(arrivingInThisOrder(order)), expected, `seed ${seed}, round ${round}`)
  }
}

function assertNear(at: Date | null, seconds: number): void {
  assert.ok(
    at !== null && Math.abs(at.getTime() - NOON - seconds * 1000) <= 1000,
    `${at} ${seconds}`,
  )
}
