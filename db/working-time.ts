import { type RawBuilder, sql } from 'kysely'
import type { WorkingClock } from '../server/reports/working-time.ts'

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

/** What the clock shows at an instant. */
function shownAt(at: RawBuilder<Date>, { at: instants, seconds, runs }: WorkingClock) {
  const epochs = instants.map((instant) => instant.getTime() / 1000)
  const bases = epochs.map((epoch, index) => seconds[index]! - (runs[index] ? epoch : 0))
  const slopes = runs.map(Number)
  return sql<number>`(
    select coalesce((${toFloats(bases)})[i] + (${toFloats(slopes)})[i] * epoch, 0)
    from (select epoch, width_bucket(epoch, ${toFloats(epochs)}) as i
      from (select date_part('epoch', ${at}) as epoch) as instant) as place
  )`
}

/** The parameter is an array for the planner: a constant, not a text to be read for each row. */
function toFloats(numbers: readonly number[]) {
  return sql`${`{${numbers.join(',')}}`}::float8[]`
}
