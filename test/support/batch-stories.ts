import type { CallEvent } from '../../server/calls/call.ts'
import { createTeller, DIALLED } from './call-events.ts'
import { shuffled } from './random.ts'

/** What one person's calls tell, in the order in which it comes. */
export type PersonStory = readonly CallEvent[]

/** Where a person's calls come from, and by what ids. */
export interface Line {
  readonly number: string
  /** Unique ids begin with it. */
  readonly prefix: string
}

type Calls = (line: Line, random: () => number) => CallEvent[]

/** One person after another, each with calls of a kind of their own. */
export function tellPeople(lines: readonly Line[], random: () => number): readonly PersonStory[] {
  return lines.map((line, index) => STORIES[index % STORIES.length]!(line, random))
}

/** The people's events mixed, each person's in their order. */
export function mixed(people: readonly PersonStory[], random: () => number): CallEvent[] {
  const turns = shuffled(
    people.flatMap((story, person) => story.map(() => person)),
    random,
  )
  const told = people.map(() => 0)
  return turns.map((person) => {
    const event = people[person]![told[person]!]!
    told[person]! += 1
    return event
  })
}

const STORIES: readonly Calls[] = [
  missedTwiceAndAnswered,
  missedAndCalledBack,
  queueTransferred,
  answerComesLate,
  idOfTheOtherLeg,
  twoSources,
  recordedAndDoubled,
  twoAtOnce,
]

function missedTwiceAndAnswered(line: Line): CallEvent[] {
  return [...missed(line, 1, 0), ...missed(line, 2, 100), ...answered(line, 3, 200)]
}

function missedAndCalledBack({ number, prefix }: Line): CallEvent[] {
  const back = createTeller({
    source: 'webhook',
    direction: 'outgoing',
    from: '102',
    to: number,
    uniqueId: `${prefix}.2`,
  })
  return [
    ...missed({ number, prefix }, 1, 0),
    back.started(300),
    back.answer(310, null),
    back.end(400),
    ...missed({ number, prefix }, 3, 500),
  ]
}

function queueTransferred(line: Line): CallEvent[] {
  const tell = teller(line, 1)
  return [
    tell.started(0),
    tell.ring(1, '101,102,103', 'support'),
    tell.ring(9, '102'),
    tell.answer(12, '102'),
    tell.end(60),
  ]
}

/** The end comes first, then what corrects it. */
function answerComesLate(line: Line, random: () => number): CallEvent[] {
  const tell = teller(line, 1)
  const call = [tell.started(0), tell.ring(1, '101'), tell.answer(8, '101'), tell.end(30)]
  return [...shuffled(call, random), ...missed(line, 2, 400)]
}

/** The answer and the end come under an id that nobody has heard of. */
function idOfTheOtherLeg(line: Line): CallEvent[] {
  const first = teller(line, 1)
  const other = teller(line, 2)
  return [
    first.started(0),
    first.ring(1, '103'),
    other.answer(6, '103'),
    other.end(40, { to: '103' }),
    ...missed(line, 3, 300),
  ]
}

/** What a webhook made of a channel becomes part of the call that the PBX tells of. */
function twoSources({ number, prefix }: Line): CallEvent[] {
  const webhook = createTeller({ source: 'webhook', from: number, uniqueId: `${prefix}.2` })
  const ari = createTeller({ source: 'ari', from: number, uniqueId: `${prefix}.1` })
  const channels = { channelIds: [`${prefix}.1`, `${prefix}.2`] }
  return [
    webhook.ring(1, '101'),
    webhook.end(20, { to: '101' }),
    ari.started(0, channels),
    { ...ari.ring(1, '101'), ...channels },
    ari.answer(5, '101', channels),
    ari.end(20, channels),
  ]
}

/** A recording before its call and after it; and everything twice. */
function recordedAndDoubled(line: Line): CallEvent[] {
  const tell = teller(line, 1)
  const call = answered(line, 1, 0)
  return [
    { ...tell.recorded(0, 'b'.repeat(64)) },
    ...call.flatMap((event) => [event, event]),
    tell.recorded(70, 'c'.repeat(64)),
  ]
}

/** Two calls of one person that are missed at the same time. */
function twoAtOnce(line: Line, random: () => number): CallEvent[] {
  return mixed([missed(line, 1, 0), missed(line, 2, 1)], random)
}

function missed(line: Line, nr: number, at: number): CallEvent[] {
  const tell = teller(line, nr)
  return [tell.started(at), tell.ring(at + 1, '101'), tell.end(at + 20)]
}

function answered(line: Line, nr: number, at: number): CallEvent[] {
  const tell = teller(line, nr)
  return [
    tell.started(at),
    tell.ring(at + 1, '101,102'),
    tell.answer(at + 5, '102'),
    tell.end(at + 60),
  ]
}

function teller({ number, prefix }: Line, nr: number) {
  return createTeller({
    source: 'webhook',
    from: number,
    to: DIALLED,
    uniqueId: `${prefix}.${nr}`,
  })
}
