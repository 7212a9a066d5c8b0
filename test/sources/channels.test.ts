import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import type { CallEvent, FoldedCall } from '../../server/calls/call.ts'
import { fold } from '../../server/calls/reduce.ts'
import {
  type ExpectedCall,
  listScenarios,
  loadScenario,
  type Scenario,
  VERSIONS,
} from '../../server/simulate/scenario.ts'
import type { ChannelEvent } from '../../server/sources/channel-event.ts'
import { decodeWebhook } from '../../server/sources/webhook-decode.ts'
import { parseWebhook } from '../../server/sources/webhook-parse.ts'
import {
  fixtureStory,
  foldCalls,
  hearAll,
  listFixtures,
  openChannels,
  type PbxSource,
  type Story,
  traceStory,
} from '../support/pbx-story.ts'
import { createRandom, pickSeed, shuffled } from '../support/random.ts'

const seed = pickSeed()
process.stdout.write(`channels: TEST_SEED=${seed}\n`)
const SOURCES: readonly PbxSource[] = ['ami', 'ari']

const scenarios: Scenario[] = []
for (const version of VERSIONS) {
  for (const name of await listScenarios(version)) {
    const scenario = await loadScenario(name, version)
    if (scenario !== null) scenarios.push(scenario)
  }
}

function foldOne(events: readonly CallEvent[]): FoldedCall {
  const calls = [...foldCalls(events).values()]
  assert.equal(calls.length, 1)
  return calls[0]!
}

function traceEvents(source: PbxSource, { version, name }: Scenario): CallEvent[] {
  return hearAll(openChannels(source), traceStory(source, version, name))
}

// ---- the recorded calls -------------------------------------------------------

function assertExpected(call: FoldedCall, expected: ExpectedCall): void {
  assert.equal(call.state, 'ended')
  assert.equal(call.endNotReported, false)
  assert.equal(call.direction, expected.direction)
  assert.equal(call.from.raw, expected.caller.number)
  assert.equal(call.to.raw, expected.called)
  assert.equal(call.queue, expected.queue ?? null)
  assert.deepEqual(call.legs.map(({ extension }) => extension).sort(), [...expected.agentsRung])
  for (const { extension, result } of call.legs) {
    const loser = expected.answeredBy === null ? 'cancelled' : 'elsewhere'
    assert.equal(result, extension === expected.answeredBy ? 'answered' : loser, extension)
  }
  const isAnswered = expected.answeredBy !== null
  const unanswered = expected.direction === 'incoming' ? 'missed' : 'unanswered'
  assert.equal(call.outcome, isAnswered ? 'answered' : unanswered)
  assertNear(call.ringSeconds, expected.ringSeconds)
  if (isAnswered) assertNear(call.talkSeconds, expected.talkSeconds)
  const holds = (expected as { holds?: readonly { seconds: number }[] }).holds ?? []
  assert.equal(
    call.holdSeconds,
    holds.reduce((sum, hold) => sum + hold.seconds, 0),
  )
}

function assertNear(seconds: number | null, expected: number): void {
  assert.ok(seconds !== null && Math.abs(seconds - expected) <= 1, `${seconds} s, not ${expected}`)
}

/** Every request but the upload, as the intake reads it; no legs where the PBX tells who rings. */
function webhookEvents({ requests, recordedAt }: Scenario, isAlone: boolean): CallEvent[] {
  return requests.flatMap(({ headers, body, afterMs }): CallEvent[] => {
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
    if (type.startsWith('multipart/')) return []
    const decoded = decodeWebhook(body, type, [])
    assert.ok('fields' in decoded)
    const settings = { id: 'pbx', timeZone: 'UTC', phrases: {}, extraFields: [] }
    const arrivedAt = new Date(recordedAt.getTime() + afterMs)
    const reading = parseWebhook(decoded.fields, settings, arrivedAt)
    assert.ok('event' in reading)
    const { event } = reading
    return [event.type === 'ringing' && !isAlone ? { ...event, makesLegs: false } : event]
  })
}

for (const scenario of scenarios) {
  const { version, name } = scenario
  const expected = scenario.expected[0]!
  const ami = (): CallEvent[] => traceEvents('ami', scenario)
  const ari = (): CallEvent[] => traceEvents('ari', scenario)
  const web = (): CallEvent[] => webhookEvents(scenario, false)

  describe(`${version}/${name}`, () => {
    for (const [source, events] of [
      ['AMI', ami],
      ['ARI', ari],
    ] as const) {
      test(`TRUE-1 CALL-13 ${source} alone tells what was written down by hand`, () => {
        assertExpected(foldOne(events()), expected)
      })

      test(`CALL-11 what ${source} told, shuffled and doubled, is the same call`, () => {
        const told = events()
        const call = foldOne(told)
        for (let round = 0; round < 50; round += 1) {
          const again = shuffled([...told, ...told], createRandom(seed + round))
          assert.deepEqual(foldOne(again), call, `seed ${seed}, round ${round}`)
        }
      })
    }

    test('CALL-1 any sources together are one call with the same facts', () => {
      const alone = foldOne(webhookEvents(scenario, true))
      for (const events of [
        [...ami(), ...web()],
        [...ari(), ...web()],
        [...ami(), ...ari()],
        [...ami(), ...ari(), ...web()],
      ]) {
        const call = foldOne(events)
        assertExpected({ ...call, from: { ...call.from, raw: expected.caller.number } }, expected)
        assert.equal(call.direction, alone.direction)
        assert.equal(call.outcome, alone.outcome)
        assert.equal(digits(call.from.raw), digits(alone.from.raw))
      }
    })
  })
}

function digits(text: string): string {
  return text.replace(/\D/g, '')
}

// ---- two calls at once ---------------------------------------------------------

test('AMI-4 the events of two calls, however they interleave, are two calls', () => {
  const random = createRandom(seed)
  for (const source of SOURCES) {
    for (let round = 0; round < 60; round += 1) {
      const [one, other] = [pick(scenarios, random), pick(scenarios, random)]
      if (one.expected[0]?.called === other.expected[0]?.called) continue
      const [a, b] = [one, other].map(({ version, name }, index) =>
        renumber(traceStory(source, version, name), `${index + 1}`),
      )
      const events = hearAll(openChannels(source), interleave(a!, b!, random))
      const calls = [...foldCalls(events).values()]
      assert.equal(calls.length, 2, `seed ${seed}, round ${round}`)
      const about = (call: FoldedCall): unknown => ({
        direction: call.direction,
        to: call.to.raw,
        outcome: call.outcome,
        legs: call.legs.map(({ extension, result }) => `${extension} ${result}`),
      })
      const alone = [a!, b!].map((story) => about(foldOne(hearAll(openChannels(source), story))))
      const ids = [...foldCalls(events).keys()].sort()
      assert.deepEqual(
        ids.map((id) => about(foldCalls(events).get(id)!)),
        alone,
        `seed ${seed}, round ${round}: ${one.name}, ${other.name}`,
      )
    }
  }
})

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!
}

/** The story with ids of its own: both PBXs began to count at the same second. */
function renumber(story: Story, prefix: string): Story {
  const text = JSON.stringify(story.map(({ event }) => event))
  const events = JSON.parse(
    text.replaceAll(/"(1795\d{6}\.\d+)"/g, `"${prefix}$1"`),
  ) as Story[number]['event'][]
  return events.map((event, index) => ({ event, time: story[index]!.time }))
}

function interleave(one: Story, other: Story, random: () => number): Story {
  const [left, right] = [[...one], [...other]]
  const mixed: Story[number][] = []
  while (left.length + right.length > 0) {
    const isLeft = right.length === 0 || (left.length > 0 && random() < 0.5)
    mixed.push((isLeft ? left : right).shift()!)
  }
  return mixed
}

// ---- calls that move -----------------------------------------------------------

interface Moved {
  readonly name: string
  /** `direction from>to outcome: extension result, …`; internal calls after the customer's. */
  readonly calls: readonly string[]
  /** By ARI's clock; AMI's packets were kept without times. */
  readonly seconds?: { readonly ring: number; readonly talk: number; readonly hold: number }
}

const CUSTOMER = '79161234567>74951000101'
const MOVED: readonly Moved[] = [
  {
    name: 'blind-transfer-refer',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 102 answered`],
    seconds: { ring: 2, talk: 9, hold: 0 },
  },
  {
    name: 'blind-transfer-ami',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 102 answered`],
  },
  {
    name: 'blind-transfer-unanswered',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 102 cancelled`],
  },
  {
    name: 'attended-transfer',
    calls: [
      `incoming ${CUSTOMER} answered: 101 answered, 102 answered`,
      'internal 101>102 answered: 102 answered',
    ],
    seconds: { ring: 2, talk: 13, hold: 4 },
  },
  {
    name: 'attended-transfer-late',
    calls: [
      `incoming ${CUSTOMER} answered: 101 answered, 104 answered`,
      'internal 101>104 answered: 104 answered',
    ],
  },
  {
    name: 'attended-transfer-cancelled',
    calls: [
      `incoming ${CUSTOMER} answered: 101 answered`,
      'internal 101>102 answered: 102 answered',
    ],
    seconds: { ring: 2, talk: 14, hold: 4 },
  },
  {
    name: 'attended-transfer-cancelled-ringing',
    calls: [
      `incoming ${CUSTOMER} answered: 101 answered`,
      'internal 101>102 unanswered: 102 cancelled',
    ],
    seconds: { ring: 2, talk: 12, hold: 2 },
  },
  {
    name: 'parked-picked-up',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 102 answered`],
    seconds: { ring: 2, talk: 9, hold: 2 },
  },
  {
    name: 'parked-timeout',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 101 answered`],
    seconds: { ring: 2, talk: 16, hold: 6 },
  },
  {
    name: 'parked-given-up',
    calls: [`incoming ${CUSTOMER} answered: 101 answered`],
    seconds: { ring: 2, talk: 5, hold: 3 },
  },
  { name: 'originate-ami', calls: ['outgoing 101>79035557788 answered: '] },
  { name: 'originate-ami-unanswered', calls: [] },
  { name: 'originate-ari', calls: ['outgoing 101>79035557788 answered: '] },
  {
    name: 'local-queue',
    calls: ['incoming 79161234567>74951000300 answered: 101 answered'],
    seconds: { ring: 3, talk: 4, hold: 0 },
  },
  {
    name: 'local-queue-optimized',
    calls: ['incoming 79161234567>74951000300 answered: 101 answered'],
    seconds: { ring: 3, talk: 4, hold: 0 },
  },
  { name: 'recording-paused', calls: [`incoming ${CUSTOMER} answered: 101 answered`] },
]
const MOVED_11: readonly Moved[] = [
  { name: 'incoming-answered', calls: [`incoming ${CUSTOMER} answered: 101 answered`] },
  { name: 'incoming-busy', calls: [`incoming ${CUSTOMER} missed: 101 busy`] },
  { name: 'incoming-missed', calls: [`incoming ${CUSTOMER} missed: 101 cancelled`] },
  {
    name: 'queue-answered',
    calls: [
      'incoming 79161234567>74951000200 answered: 101 elsewhere, 102 answered, 103 elsewhere',
    ],
  },
  { name: 'outgoing-held', calls: ['outgoing 101>79035557788 answered: '] },
  {
    name: 'blind-transfer',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 102 answered`],
  },
  {
    name: 'blind-transfer-outgoing',
    calls: ['outgoing 101>79035557788 answered: 102 answered'],
  },
  {
    name: 'attended-transfer',
    calls: [
      `incoming ${CUSTOMER} answered: 101 answered, 102 answered`,
      'internal 101>102 answered: 102 answered',
    ],
  },
  {
    name: 'parked-picked-up',
    calls: [`incoming ${CUSTOMER} answered: 101 answered, 102 answered`],
  },
]

function inWords(events: readonly CallEvent[]): string[] {
  return [...foldCalls(events).values()].map(({ direction, from, to, outcome, legs }) => {
    const parts = legs.map(({ extension, result }) => `${extension} ${result}`)
    return `${direction} ${from.raw}>${to.raw} ${outcome}: ${parts.join(', ')}`
  })
}

for (const [version, stories] of [
  ['16', MOVED],
  ['22', MOVED],
  ['11', MOVED_11],
] as const) {
  test(`every call recorded of Asterisk ${version} is looked at`, () => {
    const isCall = (name: string): boolean => stories.some((story) => story.name === name)
    assert.deepEqual(
      listFixtures(version).filter((name) => !isCall(name)),
      [],
    )
  })
  for (const { name, calls, seconds } of stories) {
    for (const source of version === '11' ? (['ami'] as const) : SOURCES) {
      test(`CALL-10 CALL-14 ${source} ${version}/${name}`, () => {
        const channels = openChannels(source)
        const events = hearAll(channels, fixtureStory(source, version, name))
        assert.deepEqual(inWords(events), calls)
        assert.deepEqual(channels.liveIds(), [])
        if (seconds === undefined || source === 'ami') return
        const [call] = foldCalls(events).values()
        assertNear(call!.ringSeconds, seconds.ring)
        assertNear(call!.talkSeconds, seconds.talk)
        assertNear(call!.holdSeconds, seconds.hold)
      })
    }
  }
}

test('CALL-14 the last agent who talked with the customer has the call', () => {
  const agents = { 101: 'anna', 102: 'boris' }
  const agentOf = (name: string): string | null => {
    const events = hearAll(openChannels('ari'), fixtureStory('ari', '22', name))
    const id = events[0]!.uniqueId
    const own = events.filter(({ uniqueId }) => uniqueId === id)
    return fold(
      own.map((event) => ({ event, agents })),
      { country: 'RU', clockShiftMs: 0 },
    )!.agentId
  }
  assert.equal(agentOf('blind-transfer-refer'), 'boris')
  assert.equal(agentOf('blind-transfer-unanswered'), 'anna')
  assert.equal(agentOf('attended-transfer'), 'boris')
  assert.equal(agentOf('attended-transfer-cancelled'), 'anna')
  assert.equal(agentOf('parked-picked-up'), 'boris')
})

/** Asterisk's threads race: the phone that consults may be told in its new bridge after the dial it began. */
function withLateConsultant(
  story: ReturnType<typeof fixtureStory>,
  until: (event: ChannelEvent) => boolean,
): ReturnType<typeof fixtureStory> {
  const isDial = ({ event }: (typeof story)[number]): boolean => event.type === 'dial-begin'
  const first = story.findIndex(isDial)
  const dial = story.findIndex((each, index) => index > first && isDial(each))
  const isMove = ({ type }: ChannelEvent): boolean =>
    type === 'bridge-enter' || type === 'bridge-leave'
  // The last moves before the dial of the consultation: out of one bridge, into another.
  const moves = story
    .slice(first, dial)
    .filter(({ event }) => isMove(event))
    .slice(-2)
  assert.deepEqual(moves.map(({ event }) => event.type).sort(), ['bridge-enter', 'bridge-leave'])
  const rest = story.filter((each) => !moves.includes(each))
  const at = rest.findIndex(({ event }, index) => index > dial - moves.length && until(event))
  const { time } = rest[at - 1]!
  return rest.toSpliced(at, 0, ...moves.map(({ event }) => ({ event, time })))
}

for (const source of ['ami', 'ari'] as const) {
  for (const version of ['16', '22'] as const) {
    for (const name of ['attended-transfer', 'attended-transfer-cancelled']) {
      for (const [when, until] of [
        ['right after the dial', () => true],
        ['when the colleague answers', ({ type }: ChannelEvent) => type === 'dial-end'],
      ] as const) {
        test(`CTL-4 ${name} on ${version} by ${source}: the agent is told in the consultation ${when}`, () => {
          const story = fixtureStory(source, version, name)
          const agents = { 101: 'anna', 102: 'boris' }
          const folded = (told: typeof story) => {
            const events = hearAll(openChannels(source), told)
            const own = events.filter(({ uniqueId }) => uniqueId === events[0]!.uniqueId)
            const call = fold(
              own.map((event) => ({ event, agents })),
              { country: 'RU', clockShiftMs: 0 },
            )!
            return {
              agentId: call.agentId,
              state: call.state,
              holds: call.holdSeconds > 0,
              legs: call.legs.map(({ extension, result }) => `${extension} ${result}`),
            }
          }
          assert.deepEqual(folded(withLateConsultant(story, until)), folded(story))
        })
      }
    }
  }
}

test('CALL-14 a consultation rings at its own time in the customer’s call', () => {
  const events = hearAll(openChannels('ari'), fixtureStory('ari', '22', 'attended-transfer'))
  const [call, consultation] = foldCalls(events).values()
  const [first, second] = call!.legs
  assert.equal(second!.rangAt!.getTime(), consultation!.legs[0]!.rangAt!.getTime())
  assert.ok(second!.answeredAt!.getTime() > consultation!.legs[0]!.answeredAt!.getTime())
  assert.equal(first!.endedAt!.getTime(), second!.answeredAt!.getTime())
})

// ---- click-to-call --------------------------------------------------------------

const NOW = new Date('2026-11-21T12:00:00Z')
const TIME = { at: NOW, atKnown: false, arrivedAt: NOW }

test('CTL-2 a click-to-call is outgoing from its first event on, and one call', () => {
  for (const version of VERSIONS) {
    for (const [source, name, channelId] of [
      ['ami', 'originate-ami', 'ringside-1795228934.1'],
      ['ari', 'originate-ami', 'ringside-1795228934.1'],
      ['ari', 'originate-ari', 'ringside-1795228934.3'],
    ] as const) {
      const channels = openChannels(source)
      const first = channels.expect({ channelId, extension: '101', number: '79035557788' }, TIME)
      assert.deepEqual(
        first.map(({ type, uniqueId }) => `${type} ${uniqueId}`),
        [`started ${channelId}`],
      )
      const events = hearAll(channels, fixtureStory(source, version, name))
      assert.deepEqual(
        events.map(({ type }) => type),
        ['answered', 'ended'],
      )
      assert.deepEqual(inWords([...first, ...events]), ['outgoing 101>79035557788 answered: '])
    }
  }
})

test('CTL-2 a click-to-call that the agent’s phone does not take ends, as one that was refused', () => {
  const dial = { channelId: 'ringside-1795228934.2', extension: '101', number: '79035557788' }
  const taken = openChannels('ami')
  const started = taken.expect(dial, TIME)
  const events = hearAll(taken, fixtureStory('ami', '22', 'originate-ami-unanswered'))
  assert.deepEqual(inWords([...started, ...events]), ['outgoing 101>79035557788 unanswered: '])

  const refused = openChannels('ami')
  const news = [...refused.expect(dial, TIME), ...refused.abandon(dial.channelId, TIME)]
  assert.deepEqual(inWords(news), ['outgoing 101>79035557788 unanswered: '])
  assert.deepEqual(refused.abandon(dial.channelId, TIME), [])
})

// ---- for control ----------------------------------------------------------------

test('CTL-1 the parts of a call are its live channels', () => {
  const story = fixtureStory('ami', '22', 'parked-picked-up')
  const channels = openChannels('ami')
  const seen = new Set<string>()
  for (const { event, time } of story) {
    channels.hear(event, time)
    const [id] = channels.liveIds()
    const parts = id === undefined ? null : channels.partsOf(id)
    if (parts === null) continue
    const agents = [...parts.agents].map(([extension, { state }]) => `${extension} ${state}`)
    const parked = parts.parked === null ? '' : ` in ${parts.parked.space}`
    seen.add(`${parts.customer?.channelName.replace(/-.*/, '')} ${agents.join(' ')}${parked}`)
  }
  assert.deepEqual(
    [...seen],
    [
      'PJSIP/trunk ',
      'PJSIP/trunk 101 other',
      'PJSIP/trunk 101 ringing',
      'PJSIP/trunk 101 talking',
      'PJSIP/trunk 101 other in 701',
      'PJSIP/trunk 101 other 102 talking',
      'PJSIP/trunk 102 talking',
      'PJSIP/trunk 102 other',
    ],
  )
  assert.equal(channels.partsOf('nothing'), null)
})

test('CTL-4 who consults is known while the consultation goes on', () => {
  const channels = openChannels('ami')
  const consulting = new Set<string | null>()
  let id: string | undefined
  for (const { event, time } of fixtureStory('ami', '22', 'attended-transfer')) {
    channels.hear(event, time)
    id ??= channels.liveIds()[0]
    consulting.add(channels.partsOf(id ?? '')?.consulting ?? null)
  }
  assert.deepEqual([...consulting], [null, '101'])
})
