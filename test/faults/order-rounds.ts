import type { Open } from '../support/database.ts'
import { createRandom } from '../support/random.ts'
import { loadRecordedCalls, type RecordedCall } from './order-calls.ts'
import { createOrderCheck, type Difference, difference, foldedEnd } from './order-check.ts'
import { openOrderLine } from './order-line.ts'
import { allOrders, createSchedules, inOrderOf, inWords, type Schedule } from './order-schedules.ts'

export interface OrderRounds {
  readonly open: Open
  readonly seed: number
  /** Random schedules. */
  readonly schedules: number
  /** Every order of calls of at most so many events; 0: none. */
  readonly permutations: number
  /** So many are played at the same time. */
  readonly atOnce: number
  readonly say: (line: string) => void
}

export interface Ordered {
  readonly played: number
  readonly events: number
  /** How many ends of events in order the others were compared with. */
  readonly judgedBy: number
  readonly seconds: number
  /** Schedules that end otherwise than in order; the first of them as short as they get. */
  readonly differences: readonly string[]
}

/** A server's tables do not grow without end: after so many schedules another one goes on. */
const LIFE = 20_000
const SHRUNK = 3
const ENOUGH = 50

/** A server hears recorded calls in all kinds of orders; how each ended is compared. */
export async function orderRounds(options: OrderRounds): Promise<Ordered> {
  const { open, atOnce, say } = options
  const random = createRandom(options.seed)
  const queue = schedulesOf(await loadRecordedCalls(), options, random)
  const check = createOrderCheck(random)
  const differences: string[] = []
  const from = performance.now()
  const seconds = (): number => (performance.now() - from) / 1000
  let [played, events] = [0, 0]
  let batch = take(queue, atOnce)
  while (batch.length > 0 && differences.length < ENOUGH) {
    await using line = await openOrderLine(open)
    for (
      const last = played + LIFE;
      played < last && batch.length > 0;
      batch = take(queue, atOnce)
    ) {
      for (const found of await check.check(line, batch)) {
        const shortest: Difference =
          differences.length < SHRUNK ? await check.shrink(line, found) : found
        differences.push(`${inWords(shortest.schedule)}: ${shortest.words}`)
        // At once: a run may be cut off.
        say(`  ${differences.at(-1)}`)
      }
      played += batch.length
      say(`  ${played} schedules, ${differences.length} differences, ${seconds().toFixed(0)} s`)
      if (differences.length >= ENOUGH) break
    }
    events += line.events()
  }
  return { played, events, judgedBy: check.judgedBy(), seconds: seconds(), differences }
}

/** The fold by itself, without a server: so many schedules that a server would take days for them. */
export async function foldRounds(
  options: Pick<OrderRounds, 'seed' | 'schedules' | 'permutations'>,
): Promise<Pick<Ordered, 'played' | 'differences'>> {
  const queue = schedulesOf(await loadRecordedCalls(), options, createRandom(options.seed))
  const ends = new Map<string, string>()
  const differences: string[] = []
  let played = 0
  for (const schedule of queue) {
    const plain = inOrderOf(schedule)
    const key = [plain.plot.call.name, plain.plot.sources, plain.plot.isRecorded].join()
    const end = ends.get(key) ?? foldedEnd(plain)
    ends.set(key, end)
    const words = difference(end, foldedEnd(schedule))
    if (words !== null) differences.push(`${inWords(schedule)}: ${words}`)
    played += 1
  }
  return { played, differences }
}

function* schedulesOf(
  calls: readonly RecordedCall[],
  { permutations, schedules }: Pick<OrderRounds, 'schedules' | 'permutations'>,
  random: () => number,
): Generator<Schedule, undefined> {
  yield* allOrders(calls, permutations)
  const next = createSchedules(calls, random)
  for (let made = 0; made < schedules; made += 1) yield next()
}

function take<T>(from: Iterator<T, undefined>, atMost: number): T[] {
  const taken: T[] = []
  for (let next = from.next(); !next.done; next = from.next()) {
    taken.push(next.value)
    if (taken.length === atMost) break
  }
  return taken
}
