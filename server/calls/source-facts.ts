import type { CallEvent, Direction, EndedEvent, LegResult } from './call.ts'
import { inOrder, namesRingingSet } from './order.ts'

/** One extension's part as one source tells it. */
export interface LegFact {
  readonly extension: string
  rangAt: Date | null
  answeredAt: Date | null
  endedAt: Date | null
  result: LegResult
}

/** What the events of one source, taken by themselves, say about a call. */
export interface SourceFacts {
  readonly direction: Direction | null
  readonly from: string
  readonly to: string
  readonly queue: string | null
  /** Whether the source was there from the start; what it missed, another one may have heard. */
  readonly heardStart: boolean
  readonly startedAt: Date
  readonly ringingAt: Date | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
  readonly lastAt: Date
  readonly legs: readonly LegFact[]
  readonly holds: readonly Hold[]
  readonly failed: boolean
  readonly extra: Readonly<Record<string, string>>
}

export interface Hold {
  readonly from: Date
  readonly to: Date | null
}

/** Folds the events of one source; null where they tell nothing of the call itself. */
export function foldSource(events: readonly CallEvent[]): SourceFacts | null {
  const ordered = inOrder(events).filter(
    (event) => event.type !== 'recorded' && event.type !== 'closed',
  )
  const first = ordered[0]
  if (first === undefined) return null
  const end = endOf(ordered)
  const times = endTimes(ordered, end)
  const course = followCourse(ordered, times)
  const start = ordered.find((event) => event.type === 'started')
  return {
    ...partiesOf(ordered),
    heardStart: start !== undefined,
    startedAt: start?.at ?? earliest(ordered),
    ringingAt: course.ringingAt,
    answeredAt: course.answeredAt,
    endedAt: times.endedAt,
    lastAt: latest(ordered),
    legs: course.legs,
    holds: course.holds,
    failed: end?.failure != null,
    extra: Object.assign({}, ...ordered.map((event) => event.extra)),
  }
}

/**
 * The end that counts: the first one that nothing happened after. Where only dubious times say
 * that something came later, the call stays ended: a state never goes back.
 */
function endOf(ordered: readonly CallEvent[]): EndedEvent | null {
  const ends = ordered.filter((event) => event.type === 'ended')
  const activity = ordered.filter((event) => event.type !== 'ended' && event.atKnown)
  const lastActivity = activity.length === 0 ? Number.NEGATIVE_INFINITY : latest(activity).getTime()
  return ends.find((end) => end.at.getTime() >= lastActivity) ?? ends.at(-1) ?? null
}

interface Times {
  /** Null where the answer tells its own time. */
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
}

/**
 * `call_duration` serves only where the answer or the end told no time of its own (CALL-3): queues
 * count waiting in it.
 */
function endTimes(ordered: readonly CallEvent[], end: EndedEvent | null): Times {
  if (end === null) return { answeredAt: null, endedAt: null }
  const answer = ordered.find((event) => event.type === 'answered')
  const inQueue = ordered.some((event) => event.type === 'ringing' && event.queue !== null)
  const duration = inQueue ? null : end.durationSeconds
  if (answer === undefined || duration === null || answer.atKnown === end.atKnown) {
    return { answeredAt: null, endedAt: end.at }
  }
  return answer.atKnown
    ? { answeredAt: null, endedAt: new Date(answer.at.getTime() + duration * 1000) }
    : { answeredAt: new Date(end.at.getTime() - duration * 1000), endedAt: end.at }
}

function partiesOf(
  ordered: readonly CallEvent[],
): Pick<SourceFacts, 'direction' | 'from' | 'to' | 'queue'> {
  let direction: Direction | null = null
  let from = ''
  let to = ''
  let rung = ''
  let queue: string | null = null
  for (const event of ordered) {
    if ('direction' in event) direction ??= event.direction
    if ('from' in event) from ||= event.from
    if (event.type === 'started') to ||= event.to
    if (event.type === 'ringing') {
      queue ??= event.queue
      rung ||= event.extensions.length === 1 ? (event.extensions[0] ?? '') : ''
    }
  }
  for (const event of ordered) {
    if (event.type === 'answered' || event.type === 'ended') to ||= rung || event.to
  }
  return { direction, from, to: to || rung, queue }
}

interface Course {
  readonly ringingAt: Date | null
  readonly answeredAt: Date | null
  readonly legs: readonly LegFact[]
  readonly holds: readonly Hold[]
}

/** Walks through the events in order: who rang, who answered, who held. */
function followCourse(ordered: readonly CallEvent[], { endedAt, ...times }: Times): Course {
  const legs: LegFact[] = []
  const holds: { from: Date; to: Date | null }[] = []
  let ringingAt: Date | null = null
  let answeredAt: Date | null = null
  for (const event of ordered) {
    const isLate = endedAt !== null && event.at > endedAt
    const at = isLate ? endedAt : event.at
    switch (event.type) {
      case 'ringing':
        ringingAt ??= at
        if (event.makesLegs !== false)
          ring(legs, event.extensions, { at, isLate, replaces: namesRingingSet(event.source) })
        break
      case 'ring-ended':
        endRinging(legs, event.extension, event.result, at)
        break
      case 'answered': {
        const own: Date = answeredAt === null ? (times.answeredAt ?? at) : at
        answeredAt ??= own
        const isAgents = event.direction !== 'outgoing' || !namesRingingSet(event.source)
        if (isAgents && event.extension !== null) {
          answer(legs, event.extension, { at: own, alone: namesRingingSet(event.source) })
        }
        break
      }
      case 'held':
        if (holds.at(-1)?.to !== null) holds.push({ from: at, to: null })
        break
      case 'resumed':
        endHold(holds, at)
        break
      case 'left':
        for (const leg of legs)
          if (leg.extension === event.extension && isTalking(leg)) leg.endedAt = at
        break
      default:
        break
    }
  }
  if (endedAt !== null) closeAll(legs, holds, endedAt)
  findElsewhere(legs)
  return { ringingAt, answeredAt, legs, holds }
}

function ring(
  legs: LegFact[],
  extensions: readonly string[],
  how: { at: Date; isLate: boolean; replaces: boolean },
): void {
  if (how.replaces) {
    for (const leg of legs) {
      if (leg.result === 'ringing' && !extensions.includes(leg.extension))
        end(leg, 'noanswer', how.at)
    }
  }
  for (const extension of extensions) {
    const own = legs.filter((leg) => leg.extension === extension)
    if (own.some((leg) => leg.result === 'ringing' || isTalking(leg))) continue
    if (how.isLate && own.length > 0) continue
    legs.push({ extension, rangAt: how.at, answeredAt: null, endedAt: null, result: 'ringing' })
  }
}

function endRinging(
  legs: readonly LegFact[],
  extension: string,
  result: LegResult,
  at: Date,
): void {
  const leg = legs.findLast((each) => each.extension === extension && each.result === 'ringing')
  if (leg === undefined) return
  end(leg, result, at)
}

/**
 * Who was cancelled because another one answered: they rang at the same time. A queue tells the
 * losers before the winner talks; who rang after that (a transfer) was given up by the caller.
 */
function findElsewhere(legs: readonly LegFact[]): void {
  for (const leg of legs) {
    if (leg.result !== 'cancelled' || leg.endedAt === null) continue
    const [rangAt, endedAt] = [leg.rangAt ?? leg.endedAt, leg.endedAt]
    const winner = legs.find(
      (each) =>
        each !== leg &&
        each.answeredAt !== null &&
        each.answeredAt >= rangAt &&
        (each.rangAt ?? rangAt) <= endedAt,
    )
    if (winner !== undefined) leg.result = 'elsewhere'
  }
}

function answer(legs: LegFact[], extension: string, how: { at: Date; alone: boolean }): void {
  if (legs.some((leg) => leg.extension === extension && isTalking(leg))) return
  const ringing = legs.findLast((leg) => leg.extension === extension && leg.result === 'ringing')
  const own = ringing ?? {
    extension,
    rangAt: null,
    answeredAt: null,
    endedAt: null,
    result: 'answered',
  }
  if (ringing === undefined) legs.push(own)
  if (how.alone) {
    for (const leg of legs) {
      if (leg === own) continue
      if (leg.result === 'ringing') end(leg, 'elsewhere', how.at)
      if (isTalking(leg)) leg.endedAt = how.at
    }
  }
  own.answeredAt = how.at
  own.result = 'answered'
}

function isTalking(leg: LegFact): boolean {
  return leg.answeredAt !== null && leg.endedAt === null
}

function end(leg: LegFact, result: LegResult, at: Date): void {
  leg.result = result
  leg.endedAt = at
}

function endHold(holds: { from: Date; to: Date | null }[], at: Date): void {
  const open = holds.at(-1)
  if (open !== undefined && open.to === null) open.to = at
}

/** The phones that still rang at the end: the caller gave up. */
function closeAll(
  legs: readonly LegFact[],
  holds: { from: Date; to: Date | null }[],
  at: Date,
): void {
  for (const leg of legs) {
    if (leg.result === 'ringing') end(leg, 'cancelled', at)
    else leg.endedAt ??= at
  }
  endHold(holds, at)
}

function earliest(events: readonly CallEvent[]): Date {
  return new Date(Math.min(...events.map((event) => event.at.getTime())))
}

function latest(events: readonly CallEvent[]): Date {
  return new Date(Math.max(...events.map((event) => event.at.getTime())))
}
