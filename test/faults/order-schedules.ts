import type { CallEvent, Source } from '../../server/calls/call.ts'
import { permutations, shuffled } from '../support/random.ts'
import type { RecordedCall } from './order-calls.ts'

/** What had been between the two before the call. */
export type Past = 'nothing' | 'a missed call' | 'a conversation'

/** What is told of a call, whatever the order. */
export interface Plot {
  readonly call: RecordedCall
  readonly sources: readonly Source[]
  readonly isRecorded: boolean
  readonly past: Past
  /** Which called leg's id the dialplan sends with the answer and the end (CALL-3); null: the call's. */
  readonly legId: string | null
}

/** A plot, and the order in which its events come. */
export interface Schedule {
  readonly plot: Plot
  /** Places in the plot's events; one that is there twice comes twice. */
  readonly order: readonly number[]
  /** From here on everything comes so much later; null: nothing does. */
  readonly lateFrom: number | null
  readonly lateMs: number
}

/** So long that the call was closed meanwhile (CALL-12). */
export const SILENCE_MS = 5 * 60 * 60 * 1000

/** The events of a plot as they happened. */
export function eventsOf({ call, sources, isRecorded, legId }: Plot): readonly CallEvent[] {
  const hasPbx = sources.some((source) => source !== 'webhook')
  const told = sources.flatMap((source) => call.sources.get(source) ?? [])
  const own = told.map((event) => {
    if (event.source !== 'webhook') return event
    const isOfLeg = legId !== null && (event.type === 'answered' || event.type === 'ended')
    const uniqueId = isOfLeg ? legId : event.uniqueId
    // As the intake does while the PBX itself says who rings (CALL-1).
    if (event.type === 'ringing' && hasPbx) return { ...event, uniqueId, makesLegs: false }
    return { ...event, uniqueId }
  })
  own.sort((a, b) => a.arrivedAt.getTime() - b.arrivedAt.getTime())
  return isRecorded && call.recorded !== null ? [...own, call.recorded] : own
}

/** The same once each, in order and in time. */
export function inOrderOf({ plot, order }: Schedule): Schedule {
  const kept = [...new Set(order)].sort((a, b) => a - b)
  return { plot, order: kept, lateFrom: null, lateMs: 0 }
}

export function plainOf(plot: Plot): Schedule {
  return { plot, order: eventsOf(plot).map((_, at) => at), lateFrom: null, lateMs: 0 }
}

/** The events as they come: what another one came before cannot have come earlier than that. */
export function arrivalsOf(schedule: Schedule): readonly CallEvent[] {
  const { plot, order, lateFrom, lateMs } = schedule
  const events = eventsOf(plot)
  let last = Number.NEGATIVE_INFINITY
  return order.map((at, place) => {
    const event = events[at]!
    // AMI's times are those of arrival: its events were stamped then, wherever they waited since.
    if (event.source === 'ami') return event
    const late = lateFrom !== null && place >= lateFrom ? lateMs : 0
    last = Math.max(last, event.arrivedAt.getTime() + late)
    const arrivedAt = new Date(last)
    return event.atKnown ? { ...event, arrivedAt } : { ...event, arrivedAt, at: arrivedAt }
  })
}

/** Every order of whatever at most so many events tell. */
export function* allOrders(calls: readonly RecordedCall[], atMost: number): Generator<Schedule> {
  for (const plot of plainPlots(calls)) {
    const schedule = plainOf(plot)
    if (schedule.order.length > atMost) continue
    for (const order of permutations(schedule.order)) yield { ...schedule, order }
  }
}

/** Each call by each set of its sources, with and without its recording. */
export function* plainPlots(calls: readonly RecordedCall[]): Generator<Plot> {
  for (const call of calls) {
    for (const sources of subsetsOf([...call.sources.keys()])) {
      for (const isRecorded of call.recorded === null ? [false] : [false, true]) {
        yield { call, sources, isRecorded, past: 'nothing', legId: null }
      }
    }
  }
}

function subsetsOf(sources: readonly Source[]): Source[][] {
  const subsets: Source[][] = [[]]
  for (const source of sources) subsets.push(...subsets.map((each) => [...each, source]))
  return subsets.filter((each) => each.length > 0)
}

/** Any number of schedules, the same for the same random numbers. */
export function createSchedules(
  calls: readonly RecordedCall[],
  random: () => number,
): () => Schedule {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  // What several sources told is what can go wrong in the most ways.
  const several = calls.filter(({ sources }) => sources.size > 1)
  return () => {
    const call = pick(random() < 0.7 ? several : calls)
    const sources = pick(subsetsOf([...call.sources.keys()]))
    const isJoined = sources.length > 1 && sources.includes('webhook') && call.legIds.length > 0
    const plot: Plot = {
      call,
      sources,
      isRecorded: call.recorded !== null && random() < 0.5,
      past: random() < 0.5 ? 'nothing' : pick(['a missed call', 'a conversation']),
      legId: isJoined && random() < 0.25 ? pick(call.legIds) : null,
    }
    return scheduleOf(plot, random)
  }
}

function scheduleOf(plot: Plot, random: () => number): Schedule {
  const { order: plain } = plainOf(plot)
  const share = random() < 0.5 ? 0 : random()
  const twice = plain.flatMap((at) => (random() < share ? [at, at] : [at]))
  const order = mixed(twice, random)
  const chance = random()
  if (chance > 0.4) return { plot, order, lateFrom: null, lateMs: 0 }
  const lateFrom = 1 + Math.floor(random() * (order.length - 1))
  const silent = { plot, order, lateFrom, lateMs: SILENCE_MS }
  if (chance < 0.08 && isPossible(silent)) return silent
  return { plot, order, lateFrom, lateMs: Math.floor(random() * 20 * 60_000) }
}

function mixed(order: readonly number[], random: () => number): readonly number[] {
  const chance = random()
  if (chance < 0.5) return shuffled(order, random)
  if (chance < 0.6) return order.toReversed()
  // Some come after all others, or somewhere else than where they belong.
  const result = [...order]
  for (let moves = 1 + Math.floor(random() * 3); moves > 0; moves -= 1) {
    const [moved] = result.splice(Math.floor(random() * result.length), 1)
    result.splice(chance < 0.8 ? result.length : Math.floor(random() * result.length), 0, moved!)
  }
  return result
}

/** In one line, so that people can follow it. */
export function inWords(schedule: Schedule): string {
  const { plot, order, lateFrom, lateMs } = schedule
  const events = eventsOf(plot)
  const told = order.map((at, place) => {
    const { source, type } = events[at]!
    const late = place === lateFrom ? `(${Math.round(lateMs / 1000)} s later) ` : ''
    return `${late}${at}:${source} ${type}`
  })
  const leg = plot.legId === null ? '' : `, the dialplan knows it by its leg ${plot.legId}`
  return `${plot.call.name} after ${plot.past}${leg}: ${told.join(', ')}`
}

/** Simpler schedules that may still come out differently, the simplest first. */
export function simplerThan(schedule: Schedule): readonly Schedule[] {
  const { plot, order } = schedule
  const without = (place: number): Schedule => ({
    ...schedule,
    order: order.toSpliced(place, 1),
    lateFrom:
      schedule.lateFrom !== null && place < schedule.lateFrom
        ? schedule.lateFrom - 1
        : schedule.lateFrom,
  })
  const swaps = order.flatMap((at, place) => {
    const next = order[place + 1]
    if (next === undefined || next >= at) return []
    return [{ ...schedule, order: order.toSpliced(place, 2, next, at) }]
  })
  return [
    ...(plot.past === 'nothing'
      ? []
      : [{ ...schedule, plot: { ...plot, past: 'nothing' as const } }]),
    ...(schedule.lateFrom === null ? [] : [{ ...schedule, lateFrom: null, lateMs: 0 }]),
    ...(order.length > 1 ? order.map((_, place) => without(place)) : []),
    ...swaps,
  ].filter(isPossible)
}

/** What is late is late after something; of a call that was closed meanwhile the end comes late. */
function isPossible({ plot, order, lateFrom, lateMs }: Schedule): boolean {
  if (lateFrom === null) return true
  const events = eventsOf(plot)
  const tells = (places: readonly number[], isMeant: (event: CallEvent) => boolean): boolean =>
    places.some((at) => isMeant(events[at]!))
  const hasBegun = tells(order.slice(0, lateFrom), ({ type }) => type !== 'recorded')
  const isWhole = lateMs !== SILENCE_MS || tells(order, ({ type }) => type === 'ended')
  return lateFrom < order.length && hasBegun && isWhole
}
