import assert from 'node:assert/strict'
import test from 'node:test'
import type { CallEvent, FoldedCall } from '../../server/calls/call.ts'
import type { EventTime, OpenCall } from '../../server/sources/channel-event.ts'
import type { Heard } from '../../server/sources/link.ts'
import { putBack } from '../../server/sources/put-back.ts'
import { snapshotAfter } from '../support/pbx-model.ts'
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

const TRACES = [
  'incoming-answered',
  'incoming-answered-enc',
  'incoming-missed',
  'incoming-queue-answered',
  'incoming-queue-answered-enc',
  'incoming-queue-abandoned',
  'outgoing-answered',
  'outgoing-unanswered',
  'hold-resume',
]
const GAPS = [0, 5, 400, 1000, 2500, 5000, 12_000, 60_000]

function toOpen(events: readonly CallEvent[]): OpenCall[] {
  return [...foldCalls(events)]
    .filter(([, { state }]) => state !== 'ended')
    .map(([uniqueId, call]) => ({
      uniqueId,
      direction: call.direction,
      from: call.from.raw,
      to: call.to.raw,
      queue: call.queue,
      startedAt: call.startedAt,
      answered: call.answeredAt !== null,
      held: call.state === 'held',
      legs: call.legs.map(({ extension, result, endedAt }) => ({
        extension,
        state: endedAt !== null ? 'over' : result === 'ringing' ? 'ringing' : 'talking',
      })),
    }))
}

/** Nothing is heard from the event `cut` on for so long; then the lists are read, which takes a while. */
function withGap(
  source: PbxSource,
  story: Story,
  gap: { cut: number; ms: number; readMs: number; isRestarted: boolean },
): { before: CallEvent[]; events: CallEvent[]; truth: CallEvent[]; isTelling: boolean } {
  let order = 0
  const nextOrder = (): number => (order += 1)
  const before = story.slice(0, gap.cut)
  const from = story[gap.cut]?.time.at.getTime() ?? 0
  const after = (ms: number) =>
    story.slice(gap.cut).filter(({ time }) => time.at.getTime() > from + ms)
  const kept = after(gap.ms)
  const rest = after(gap.ms + gap.readMs)
  const first = openChannels(source, { nextOrder })
  const heard = hearAll(first, before)
  const meanwhile = kept.slice(0, kept.length - rest.length)
  const now = meanwhile[0]?.time.at ?? new Date(from + gap.ms + gap.readMs)
  const time: EventTime = { at: now, atKnown: false, arrivedAt: now }
  const channels = gap.isRestarted ? openChannels(source, { nextOrder }) : first
  const snapshot = snapshotAfter(story.slice(0, story.length - rest.length))
  const restored = channels.restore(putBack(snapshot, toHeard(meanwhile)), toOpen(heard), time)
  const news = hearAll(channels, kept)
  assert.deepEqual(channels.liveIds(), [])
  const ended = new Set(
    story.flatMap(({ event }, index) =>
      index >= story.length - rest.length
        ? []
        : event.type === 'dial-end' && event.status !== 'answer'
          ? [event.destId]
          : event.type === 'hangup-request'
            ? [event.channelId]
            : [],
    ),
  )
  const truth = truthAt(source, story, story.length - rest.length)
  return {
    before: [...heard, ...restored],
    events: [...heard, ...restored, ...news],
    truth,
    // For some milliseconds the lists show channels that are not dialled yet, or not any more.
    isTelling: snapshot.channels.every(({ id, state }) => state !== 'down' && !ended.has(id)),
  }
}

function toHeard(story: Story): Heard[] {
  return story.map(({ event, time }) => ({ events: [event], time, raw: {} }))
}

const truths = new WeakMap<Story, Map<number, CallEvent[]>>()

/** What somebody tells who heard everything until then. */
function truthAt(source: PbxSource, story: Story, length: number): CallEvent[] {
  const known = truths.get(story) ?? new Map<number, CallEvent[]>()
  truths.set(story, known)
  const truth = known.get(length) ?? hearAll(openChannels(source), story.slice(0, length))
  known.set(length, truth)
  return truth
}

/** Who rings and who talks: the pop-ups that are there. */
function nowOf(events: readonly CallEvent[]): string[] {
  return [...foldCalls(events)].flatMap(([id, call]) =>
    call.state === 'ended'
      ? []
      : [
          `${id} ${call.direction} ${call.from.raw}`,
          ...call.legs
            .filter(({ endedAt }) => endedAt === null)
            .map(({ extension, result }) => `${id} ${extension} ${result}`),
        ],
  )
}

/** Who talked in the parts of the call that were listened to. */
function heardTalking(call: FoldedCall, from: number, to: number): string[] {
  return call.legs
    .filter(
      ({ answeredAt, endedAt }) =>
        answeredAt !== null && !(answeredAt.getTime() >= from && endedAt!.getTime() <= to),
    )
    .map(({ extension }) => extension)
}

for (const source of ['ami', 'ari'] as const) {
  for (const version of ['16', '22']) {
    for (const name of TRACES) {
      test(`HOLD-4 ${source} ${version}/${name}: a link that is away for a while, at any moment`, () => {
        assertAnyGap(source, traceStory(source, version, name))
      })
    }
  }
}

function assertAnyGap(source: PbxSource, story: Story): void {
  const [expected] = [...foldCalls(hearAll(openChannels(source), story)).values()]
  assert.ok(expected)
  for (let cut = 0; cut < story.length; cut += 1) {
    for (const ms of GAPS) {
      for (const isRestarted of [false, true]) {
        const gap = { cut, ms, readMs: 0, isRestarted }
        const { before, events, truth, isTelling } = withGap(source, story, gap)
        const from = story[cut]!.time.at.getTime()
        const about = `cut ${cut} (${story[cut]!.event.type}), ${ms} ms, restarted ${isRestarted}`
        if (isTelling) assert.deepEqual(nowOf(before).sort(), nowOf(truth).sort(), about)
        assertSame(events, expected, { from, to: from + ms }, about)
      }
    }
  }
}

for (const source of ['ami', 'ari'] as const) {
  for (const version of ['16', '22']) {
    for (const name of TRACES) {
      test(`HOLD-5 ${source} ${version}/${name}: what ends while the state is read was there`, () => {
        const story = traceStory(source, version, name)
        const [expected] = [...foldCalls(hearAll(openChannels(source), story)).values()]
        assert.ok(expected)
        for (const { cut, ms, readMs, isRestarted } of listReadings(story)) {
          const from = story[cut]!.time.at.getTime()
          const about = `cut ${cut}, ${ms} ms, read in ${readMs} ms, restarted ${isRestarted}`
          const { events } = withGap(source, story, { cut, ms, readMs, isRestarted })
          // Whose dialplan has come to its end does not show any more which number was dialled.
          const told = [...foldCalls(events).values()].map(({ to }) => to)
          const to = told.find(({ raw }) => /^10[1-6]$/.test(raw)) ?? expected.to
          assertSame(events, { ...expected, to }, { from, to: from + ms }, about)
        }
      })
    }
  }
}

function* listReadings(story: Story) {
  for (let cut = 0; cut < story.length; cut += 1) {
    for (const ms of GAPS) {
      for (const readMs of [30, 500, 3000]) {
        for (const isRestarted of [false, true]) yield { cut, ms, readMs, isRestarted }
      }
    }
  }
}

function assertSame(
  events: readonly CallEvent[],
  expected: FoldedCall,
  gap: { from: number; to: number },
  about: string,
): void {
  const calls = [...foldCalls(events).values()]
  assert.ok(calls.length <= 1, `${about}: ${calls.length} calls`)
  const [call] = calls
  if (call === undefined) {
    // All of it fell into the gap.
    assert.ok(expected.startedAt.getTime() >= gap.from - 50, `${about}: no call`)
    assert.ok(expected.endedAt!.getTime() <= gap.to, `${about}: no call`)
    return
  }
  assert.equal(call.state, 'ended', about)
  assert.equal(call.direction, expected.direction, about)
  assert.equal(call.from.raw, expected.from.raw, about)
  assert.equal(call.to.raw, expected.to.raw, about)
  const talked = heardTalking(expected, gap.from, gap.to)
  const answered = call.legs.filter(({ answeredAt }) => answeredAt !== null)
  assert.deepEqual(
    answered.map(({ extension }) => extension),
    talked,
    about,
  )
  if (expected.answeredAt === null) assert.equal(call.outcome, expected.outcome, about)
  else if (talked.length > 0) assert.equal(call.outcome, 'answered', about)
  assertInOrder([call.startedAt, call.answeredAt, call.endedAt], about)
  for (const leg of call.legs) {
    assertInOrder([leg.rangAt, leg.answeredAt, leg.endedAt], about)
    assert.ok(
      expected.legs.some(({ extension }) => extension === leg.extension),
      `${about}: ${leg.extension}`,
    )
  }
}

function assertInOrder(times: readonly (Date | null)[], about: string): void {
  const known = times.flatMap((time) => time?.getTime() ?? [])
  assert.deepEqual(known, known.toSorted(), about)
}

// ---- calls that move ----------------------------------------------------------

for (const version of ['22', '11']) {
  for (const source of version === '11' ? (['ami'] as const) : (['ami', 'ari'] as const)) {
    for (const name of listFixtures(version)) {
      test(`HOLD-4 ${source} ${version}/${name}: some events lost at any moment, no ghost call`, () => {
        const story = fixtureStory(source, version, name)
        const expected = foldCalls(hearAll(openChannels(source), story))
        for (let cut = 0; cut < story.length; cut += 1) {
          for (const [lost, read] of LOST_AND_READ) {
            for (const isRestarted of [false, true]) {
              const about = `cut ${cut}, ${lost} lost, ${read} while read, restarted ${isRestarted}`
              const events = withLost(source, story, { cut, lost, read, isRestarted })
              assertNoGhost(events, expected, { about, hasLinkedIds: version !== '11' })
            }
          }
        }
      })
    }
  }
}

/** How many events nobody hears, and how many come while the state is read. */
const LOST_AND_READ = [0, 3, 12, 60].flatMap((lost) => [0, 6].map((read) => [lost, read] as const))

function withLost(
  source: PbxSource,
  story: Story,
  gap: { cut: number; lost: number; read: number; isRestarted: boolean },
): CallEvent[] {
  const { cut, lost, read, isRestarted } = gap
  let order = 0
  const nextOrder = (): number => (order += 1)
  const first = openChannels(source, { nextOrder })
  const heard = hearAll(first, story.slice(0, cut))
  const past = story.slice(0, cut + lost + read)
  const { time } = past.at(-1) ?? story[0]!
  const channels = isRestarted ? openChannels(source, { nextOrder }) : first
  const state = putBack(snapshotAfter(past), toHeard(past.slice(cut + lost)))
  const restored = channels.restore(state, toOpen(heard), time)
  const news = hearAll(channels, story.slice(cut + lost))
  assert.deepEqual(channels.liveIds(), [], `cut ${cut}, ${lost} lost`)
  return [...heard, ...restored, ...news]
}

function assertNoGhost(
  events: readonly CallEvent[],
  expected: ReadonlyMap<string, FoldedCall>,
  { about, hasLinkedIds }: { about: string; hasLinkedIds: boolean },
): void {
  for (const [id, call] of foldCalls(events)) {
    assert.equal(call.state, 'ended', `${about}: ${id}`)
    // Without linked ids a customer whose call was missed and who was moved is a caller.
    if (!hasLinkedIds) continue
    const same = expected.get(id)
    if (same === undefined) assert.equal(call.direction, 'internal', `${about}: ${id}`)
    else {
      const parties = ({ direction, from, to }: FoldedCall): string =>
        `${direction} ${from.raw}>${to.raw}`
      assert.equal(parties(call), parties(same), `${about}: ${id}`)
    }
  }
}

const LEFT_ALONE = {
  id: '1.1',
  name: 'PJSIP/trunk-000000aa',
  state: 'up',
  callerNumber: '79160000001',
  callerName: null,
  connectedNumber: '102',
  context: 'incoming',
  exten: 'h',
  linkedId: null,
  application: 'System',
  createdAt: new Date(0),
} as const

for (const [what, alone, name] of [
  ['after the PBX was killed', [], 'incoming-queue-answered'],
  ['after the PBX was killed', [], 'outgoing-answered'],
  ['while the last one’s dialplan ends', [LEFT_ALONE], 'incoming-queue-answered'],
  ['while the last one’s dialplan ends', [LEFT_ALONE], 'outgoing-answered'],
] as const) {
  test(`HOLD-5 ${name}: an agent who talks again ${what} is in a new call, and not in the last one`, () => {
    for (const source of ['ari', 'ami'] as const) {
      const story = traceStory(source, '22', name)
      const talks = story.findIndex(
        ({ event }, index) =>
          index > 0 &&
          event.type === 'bridge-enter' &&
          snapshotAfter(story.slice(0, index + 1)).bridges.some(
            ({ channelIds }) => channelIds.length === 2,
          ),
      )
      const { channels, bridges } = snapshotAfter(story.slice(0, talks + 1))
      const inside = bridges.flatMap(({ channelIds }) => channelIds)
      const talking = channels.filter(({ id }) => inside.includes(id)).map((each) => each.name)
      const [, extension = ''] = /PJSIP\/(10\d)-/.exec(talking.join()) ?? []
      const before: OpenCall = {
        uniqueId: '1.1',
        direction: 'incoming',
        from: '79160000001',
        to: '74951000200',
        queue: 'support',
        startedAt: new Date(0),
        answered: true,
        held: false,
        legs: [{ extension, state: 'talking' }],
      }
      const at = story[talks]!.time.at
      const time: EventTime = { at, atKnown: false, arrivedAt: at }
      const snapshot = { channels: [...alone, ...channels], bridges }
      const told = openChannels(source).restore(snapshot, [before], time)
      const words = told.map(({ type, uniqueId }) => `${type} ${uniqueId}`)
      const started = told.filter(({ type }) => type === 'started').map(({ uniqueId }) => uniqueId)
      assert.equal(started.length, 1, `${source}: ${words}`)
      assert.notEqual(started[0], before.uniqueId)
      assert.equal(words.includes(`ended ${before.uniqueId}`), alone.length === 0, `${words}`)
      assert.ok(told.some(({ type, uniqueId }) => type === 'answered' && uniqueId === started[0]))
    }
  })
}

for (const source of ['ami', 'ari'] as const) {
  for (const version of ['16', '22']) {
    for (const name of ['outgoing-answered', 'outgoing-unanswered']) {
      test(`HOLD-5 ${source} ${version}/${name}: nothing heard until only the phone is left, in the end of its dialplan`, async () => {
        const story = await traceStory(source, version, name)
        const [expected] = [...foldCalls(hearAll(openChannels(source), story)).values()]
        const alone = story.findIndex(
          ({ event }, index) =>
            event.type === 'hangup' &&
            snapshotAfter(story.slice(0, index + 1)).channels.length === 1,
        )
        assert.ok(alone > 0)
        const at = story[alone]!.time.at
        const channels = openChannels(source)
        const snapshot = snapshotAfter(story.slice(0, alone + 1))
        const told = [
          ...channels.restore(snapshot, [], { at, atKnown: false, arrivedAt: at }),
          ...hearAll(channels, story.slice(alone + 1)),
        ]
        const known = { ...toOpen(told.slice(0, 1))[0]!, isOver: true }
        const again = openChannels(source)
        const more = [
          ...again.restore(snapshot, [known], { at, atKnown: false, arrivedAt: at }),
          ...hearAll(again, story.slice(alone + 1)),
        ]
        assert.deepEqual(more, [], 'a call that is known to have ended is not told again')
        const calls = [...foldCalls(told).values()]
        const partsOf = ({ state, direction, from, to, outcome }: FoldedCall) => [
          ...[state, direction, from.raw, to.raw, outcome],
        ]
        assert.deepEqual(calls.map(partsOf), [partsOf(expected!)])
        assert.deepEqual(channels.liveIds(), [])
      })
    }
  }
}
