import { type RawBuilder, sql } from 'kysely'
import type { WorkingClock } from '../server/reports/working-time.ts'
import type { Db } from './database.ts'

/** From when until when there is anything to report of; no case was opened before, or closed after. */
export async function spanOfFacts(db: Db): Promise<{ first: Date; last: Date } | null> {
  const { first, last } = await db
    .selectFrom('caseFacts')
    .select((eb) => [eb.fn.min('at').as('first'), eb.fn.max('at').as('last')])
    .executeTakeFirstOrThrow()
  return first === null || last === null ? null : { first, last }
}

/**
 * Working seconds between two instants, as an expression; exact to the millisecond. The clock must cover
 * the instants: time outside it is not worked.
 */
export function workingSeconds(
  from: RawBuilder<Date>,
  to: RawBuilder<Date>,
  clock: WorkingClock,
): RawBuilder<number> {
  const shown = (at: RawBuilder<Date>): RawBuilder<number> => shownAt(at, clock)
  // Binary fractions of a second are not exact: a target that is just kept is not violated by them.
  return sql<number>`(round((${shown(to)} - ${shown(from)}) * 1000) / 1000)`
}

/**
 * Whether there are more working seconds between two instants than `seconds`. Most spans are too short
 * for that wherever they lie, or too long, which is seen at once.
 */
export function isWorkedLonger(
  from: RawBuilder<Date>,
  to: RawBuilder<Date>,
  seconds: number,
  clock: WorkingClock,
): RawBuilder<boolean> {
  const epochs = epochsOf(clock)
  if (epochs.length === 0) return sql<boolean>`false`
  const { never, always } = spansOf(seconds, clock)
  if (never === Number.POSITIVE_INFINITY) return sql<boolean>`false`
  const lasting = (span: number) => sql`make_interval(secs => ${span}::float8)`
  const instant = (epoch: number | undefined) => sql`to_timestamp(${epoch}::float8)`
  return sql<boolean>`(case when ${to} - ${from} <= ${lasting(never)} then false
    when ${to} - ${from} > ${lasting(always)} and ${from} >= ${instant(epochs[0])}
      and ${to} <= ${instant(epochs.at(-1))} then true
    else ${workingSeconds(from, to, clock)} > ${seconds}::float8 end)`
}

/**
 * How long a span is at most that never has more working seconds than these, and from how long on a span within
 * the clock always has. For an opening between two changes of the clock, the deadline is between those of the changes.
 */
function spansOf(seconds: number, clock: WorkingClock): { never: number; always: number } {
  const epochs = epochsOf(clock)
  const end = epochs.at(-1)!
  const deadlines = deadlinesOf(seconds, clock, epochs)
  let [never, always] = [deadlines[0]! - epochs[0]!, 0]
  for (let i = 0; i + 1 < epochs.length; i += 1) {
    never = Math.min(never, deadlines[i]! - epochs[i + 1]!)
    always = Math.max(always, Math.min(deadlines[i + 1]!, end) - epochs[i]!)
  }
  // A second to spare: what is near is reckoned exactly.
  return { never: Math.max(never - 1, seconds), always: always + 1 }
}

/** When so many more seconds than at each change of the clock are over. */
function deadlinesOf(seconds: number, clock: WorkingClock, epochs: readonly number[]): number[] {
  let run = 0
  return clock.seconds.map((shown) => {
    while (run < epochs.length && clock.seconds[run + 1]! <= shown + seconds) run += 2
    return run < epochs.length
      ? epochs[run]! + shown + seconds - clock.seconds[run]!
      : Number.POSITIVE_INFINITY
  })
}

function epochsOf(clock: WorkingClock): readonly number[] {
  return clock.at.map((instant) => instant.getTime() / 1000)
}

/**
 * What the clock shows at an instant. The bucket is written twice: with a subquery that finds it once
 * PostgreSQL 15 did not work in parallel (a million spans, three processes: 0.7 s; subquery: 3.3 s).
 */
function shownAt(at: RawBuilder<Date>, clock: WorkingClock): RawBuilder<number> {
  const epochs = epochsOf(clock)
  const bases = clock.seconds.map((shown, index) => shown - (isRunning(index) ? epochs[index]! : 0))
  const epoch = sql`date_part('epoch', ${at})`
  const bucket = sql`width_bucket(${epoch}, ${toFloats(epochs)})`
  // Buckets are counted from 1; 0 is before the first, where the array has nothing.
  return sql<number>`coalesce((${toFloats(bases)})[${bucket}] + (${bucket} & 1) * ${epoch}, 0)`
}

function isRunning(index: number): boolean {
  return index % 2 === 0
}

/** The parameter is an array for the planner: a constant, not a text to be read for each row. */
function toFloats(numbers: readonly number[]) {
  return sql`${`{${numbers.join(',')}}`}::float8[]`
}
