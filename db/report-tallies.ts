import { type RawBuilder, sql } from 'kysely'
import {
  CALL_DURATIONS,
  type CallDuration,
  type CallFigure,
  figuresOf,
  MEASURED,
  traitsOf,
} from './report-calls.ts'
import { type GroupKey, toGroupKey } from './report-filter.ts'
import { type CountedFacts, queriesOf, type RowsOf, type RunQuery } from './report-parts.ts'

/** Which calls are counted how. */
export interface CallQuestion extends RowsOf {
  /** What the service level asks for. */
  readonly inTimeSeconds: number
}

/** A row's calls, or some of them: several tallies may have the same key. */
export interface CallTally {
  readonly key: GroupKey
  readonly counts: ReadonlyMap<CallFigure | 'inTime', number>
  /** How many calls had a duration of so many seconds. */
  readonly durations: ReadonlyMap<CallDuration, ReadonlyMap<number, number>>
}

/** Counts calls, and their durations by length, from which means and percentiles are exact. */
export async function tallyCalls(run: RunQuery, question: CallQuestion): Promise<CallTally[]> {
  const { cut, inTimeSeconds } = question
  const tallies = await Promise.all(
    queriesOf('callFacts', question, (part) => grouped(part, inTimeSeconds)).map(async (query) => {
      const rows = await run(query, 'byOneProcess')
      const byKey = Map.groupBy(rows, (row) => JSON.stringify(toGroupKey(cut, row)))
      return [...byKey.values()].map((own) => toTally(toGroupKey(cut, own[0]!), own))
    }),
  )
  return tallies.flat()
}

/** By what calls of a row are counted together. */
const SETS = [
  ['ring', 'traits'],
  ['wait'],
  // Who was called back did not talk: there are no more pairs than of the one and the other.
  ['talk', 'callback'],
  ['hold'],
] as const
const FIRSTS = sql.join(SETS.map(([first]) => sql.ref(first)))

/** What calls of a row have in a set: its first, its second, and how many calls have both. */
interface Row extends Readonly<Record<string, unknown>> {
  readonly sets: number
  readonly ones: string
  readonly twos: string
  readonly calls: string
}

/**
 * One scan that groups by all sets at once. `limit all`: of what comes out of a query of its own PostgreSQL expects
 * few different values, and groups it in memory (a year of a million calls: one process 0.8 s; a scan for each duration
 * 1.1 s, a row for each duration of a call 1.3 s). What a row has is handed over as texts: a year by days
 * has half a million lengths.
 */
function grouped({ facts, columns }: CountedFacts, inTimeSeconds: number): RawBuilder<Row> {
  const durations = CALL_DURATIONS.map((each) => sql`${MEASURED[each]} as ${sql.ref(each)}`)
  const traits = sql`${traitsOf(inTimeSeconds)} as traits`
  const found = sql`select ${sql.join([...columns, ...durations, traits])} from ${facts}`
  const sets = SETS.map(
    (set) => sql`(${sql.join([...columns, ...set.map((each) => sql.ref(each))])})`,
  )
  const own = sql.join([...columns, sql`sets`])
  return sql<Row>`
    select ${own}, array_agg(one)::text as ones, array_agg(two)::text as twos,
      array_agg(calls)::text as calls
    from (
      select ${sql.join([...columns, sql`grouping(${FIRSTS}) as sets`])},
        coalesce(${FIRSTS}) as one, coalesce(traits, callback) as two, count(*) as calls
      from (${found} limit all) as call
      group by grouping sets (${sql.join(sets)})
    ) as lengths
    group by ${own}
  `
}

function toTally(key: GroupKey, rows: readonly Row[]): CallTally {
  const counts = new Map<CallFigure | 'inTime', number>()
  const durations = new Map<CallDuration, Map<number, number>>()
  for (const row of rows) {
    const [first, second] = SETS.find((_, index) => row.sets === setBits(index))!
    const [ones, twos, calls] = [read(row.ones), read(row.twos), read(row.calls)]
    durations.set(first, lengthsOf(ones, calls))
    if (second === 'callback') durations.set(second, lengthsOf(twos, calls))
    if (second !== 'traits') continue
    for (const [index, traits] of twos.entries()) {
      for (const figure of figuresOf(traits!))
        counts.set(figure, (counts.get(figure) ?? 0) + calls[index]!)
    }
  }
  return { key, counts, durations }
}

/** As PostgreSQL's `grouping` says it: a bit for each set, the last one's the lowest, but for this one. */
function setBits(index: number): number {
  return 2 ** SETS.length - 1 - 2 ** (SETS.length - 1 - index)
}

function lengthsOf(
  seconds: readonly (number | null)[],
  calls: readonly (number | null)[],
): Map<number, number> {
  const lengths = new Map<number, number>()
  for (const [index, length] of seconds.entries()) {
    if (length !== null) lengths.set(length, (lengths.get(length) ?? 0) + calls[index]!)
  }
  return lengths
}

/** The drivers do not all read arrays. */
function read(array: string): readonly (number | null)[] {
  return JSON.parse(`[${array.slice(1, -1).replaceAll('NULL', 'null')}]`)
}
