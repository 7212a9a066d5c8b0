import { fold } from '../../server/calls/reduce.ts'
import type { OrderLine } from './order-line.ts'
import {
  arrivalsOf,
  eventsOf,
  inOrderOf,
  inWords,
  type Schedule,
  simplerThan,
} from './order-schedules.ts'

/** A schedule that ends otherwise than its events in order do. */
export interface Difference {
  readonly schedule: Schedule
  /** What differs, line by line. */
  readonly words: string
}

export interface OrderCheck {
  /** Plays schedules on a server; gives those that end otherwise than in order. */
  check(line: OrderLine, schedules: readonly Schedule[]): Promise<readonly Difference[]>
  /** The shortest schedule by which such a difference still shows. */
  shrink(line: OrderLine, difference: Difference): Promise<Difference>
  /** How many ends there are by which others are judged. */
  readonly judgedBy: () => number
}

const SHRINKS = 40

/** What a schedule has to come to is asked once of the server itself, in order, and kept. */
export function createOrderCheck(random: () => number): OrderCheck {
  const ends = new Map<string, string>()

  const endOf = (schedule: Schedule): string => ends.get(keyOf(inOrderOf(schedule)))!

  const check = async (line: OrderLine, schedules: readonly Schedule[]): Promise<Difference[]> => {
    const news = new Map(
      schedules.map(inOrderOf).flatMap((each) => {
        const key = keyOf(each)
        return ends.has(key) ? [] : [[key, each] as const]
      }),
    )
    const told = await line.play([...news.values()], random)
    for (const [index, key] of [...news.keys()].entries()) ends.set(key, told[index]!)
    const found = await line.play(schedules, random)
    return schedules.flatMap((schedule, index) => {
      const words = difference(endOf(schedule), found[index]!)
      return words === null ? [] : [{ schedule, words }]
    })
  }
  return {
    check: async (line, schedules) => {
      const differences = await check(line, schedules)
      for (const schedule of schedules) assertTelling(schedule, endOf(schedule))
      return differences
    },
    shrink: async (line, first) => {
      let shortest = first
      for (let round = 0; round < SHRINKS; round += 1) {
        const found = await check(line, simplerThan(shortest.schedule))
        // Less told can also mean something else, such as that two ids are of one call.
        const simpler = found.find(({ schedule }) => isOneCall(schedule, endOf(schedule)))
        if (simpler === undefined) break
        shortest = simpler
      }
      return shortest
    },
    judgedBy: () => ends.size,
  }
}

function keyOf({ plot, order }: Schedule): string {
  const { call, sources, isRecorded, past, legId } = plot
  return [call.name, sources, isRecorded, past, legId, order].join(' ')
}

/** An end that tells of nothing, or of too much, would judge nothing. */
function assertTelling(schedule: Schedule, end: string): void {
  if (isOneCall(schedule, end)) return
  throw new Error(`in order it is not one call: ${inWords(inOrderOf(schedule))}: ${end}`)
}

/** Apart from the one before it. */
function isOneCall({ plot, order }: Schedule, end: string): boolean {
  const events = eventsOf(plot)
  const isTold = order.some((at) => events[at]!.type !== 'recorded')
  const { calls } = JSON.parse(end) as { calls: readonly unknown[] }
  return calls.length === (plot.past === 'nothing' ? 0 : 1) + (isTold ? 1 : 0)
}

/** What is otherwise, by its place; null: they are the same. */
export function difference(expected: string, found: string): string | null {
  if (expected === found) return null
  const [a, b] = [placesIn(JSON.parse(expected)), placesIn(JSON.parse(found))]
  const places = [...new Set([...a.keys(), ...b.keys()])].filter((at) => a.get(at) !== b.get(at))
  return places.map((at) => `${at} is ${b.get(at)}, expected ${a.get(at)}`).join('; ')
}

function placesIn(value: unknown, at = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[at, JSON.stringify(value)]])
  const inside = Object.entries(value).map(([name, each]) => placesIn(each, `${at}.${name}`))
  return new Map(inside.flatMap((each) => [...each]))
}

const OPTIONS = { country: 'RU', clockShiftMs: 0 }

/** The fold by itself: what a call is, as text. */
export function foldedEnd(schedule: Schedule): string {
  const heard = arrivalsOf(schedule).map((event) => ({ event, agents: {} }))
  return JSON.stringify(fold(heard, OPTIONS), null, 1)
}
