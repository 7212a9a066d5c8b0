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
 * for that by any clock, which is seen at once.
 */
export function isWorkedLonger(
  from: RawBuilder<Date>,
  to: RawBuilder<Date>,
  seconds: number,
  clock: WorkingClock,
): RawBuilder<boolean> {
  return sql<boolean>`(case when ${to} - ${from} <= make_interval(secs => ${seconds}::float8) then false
    else ${workingSeconds(from, to, clock)} > ${seconds}::float8 end)`
}

/**
 * What the clock shows at an instant. The bucket is written twice: with a subquery that finds it once
 * PostgreSQL 15 did not work in parallel (a million spans, three processes: 0.7 s; subquery: 3.3 s).
 */
function shownAt(at: RawBuilder<Date>, clock: WorkingClock): RawBuilder<number> {
  const epochs = clock.at.map((instant) => instant.getTime() / 1000)
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
