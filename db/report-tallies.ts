import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import {
  CALL_DURATIONS,
  type CallDuration,
  type CallFigure,
  figuresOf,
  MEASURED,
  traitsOf,
} from './report-calls.ts'
import {
  type Cut,
  callsWithin,
  facts,
  type GroupKey,
  groupColumns,
  groupNames,
  instants,
  type ReportFilter,
  toGroupKey,
} from './report-filter.ts'
import { inOneProcess, partsOf, partsOfCells, type TimeCell } from './report-parts.ts'

/** Which calls are counted how. */
export interface CallQuestion {
  readonly filter: ReportFilter
  readonly cut: Cut
  /** What the service level asks for. */
  readonly inTimeSeconds: number
  /** How many processes of PostgreSQL share the work. */
  readonly processes: number
}

/** A row's calls, or some of them: several tallies may have the same key. */
export interface CallTally {
  readonly key: GroupKey
  readonly counts: ReadonlyMap<CallFigure | 'inTime', number>
  /** How many calls had a duration of so many seconds. */
  readonly durations: ReadonlyMap<CallDuration, ReadonlyMap<number, number>>
}

/** Counts calls, and their durations by length, from which means and percentiles are exact. */
export async function tallyCalls(db: Db, question: CallQuestion): Promise<CallTally[]> {
  const { cut } = question
  const tallies = await Promise.all(
    queriesOf(question).map(async (query) => {
      const { rows } = await inOneProcess(db, (tx) => query.execute(tx))
      const byKey = Map.groupBy(rows, (row) => JSON.stringify(toGroupKey(cut, row)))
      return [...byKey.values()].map((own) => toTally(toGroupKey(cut, own[0]!), own))
    }),
  )
  return tallies.flat()
}

/** A query for each process. */
function queriesOf(question: CallQuestion): RawBuilder<Row>[] {
  const { filter, cut, processes } = question
  if ('bounds' in cut)
    return partsOfCells(filter, cut, processes).map((cells) => tallyCells(cells, question))
  return partsOf(filter, processes).map((part) => {
    const calls = facts('callFacts', part, cut)
    return grouped(groupNames(cut), [...groupColumns(cut), ...columnsOf(question)], calls)
  })
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
 * One scan that groups by all sets at once, of what comes out of a union: of that PostgreSQL expects few different
 * values, and groups it in memory (a year of a million calls: one process 0.8 s; a scan for each duration
 * 1.1 s, a row for each duration of a call 1.3 s). What a row has is handed over as texts: a year by days
 * has half a million lengths.
 */
function grouped(
  names: readonly RawBuilder<unknown>[],
  columns: readonly RawBuilder<unknown>[],
  calls: RawBuilder<unknown>,
): RawBuilder<Row> {
  const found = sql`select ${sql.join(columns)} from ${calls}`
  const sets = SETS.map(
    (set) => sql`(${sql.join([...names, ...set.map((each) => sql.ref(each))])})`,
  )
  const own = sql.join([...names, sql`sets`])
  return sql<Row>`
    select ${own}, array_agg(one)::text as ones, array_agg(two)::text as twos,
      array_agg(calls)::text as calls
    from (
      select ${sql.join([...names, sql`grouping(${FIRSTS}) as sets`])},
        coalesce(${FIRSTS}) as one, coalesce(traits, callback) as two, count(*) as calls
      from (${found} union all ${found} where false) as call
      group by grouping sets (${sql.join(sets)})
    ) as lengths
    group by ${own}
  `
}

/**
 * One row after the other: its groups fit into the processor's own memory (a year by days: 0.9 s, at once 1.4 s).
 */
function tallyCells(cells: readonly TimeCell[], question: CallQuestion): RawBuilder<Row> {
  const spans = cells.flatMap((each) => each.spans)
  const firsts: number[] = []
  let place = 1
  for (const each of cells) {
    firsts.push(place)
    place += each.spans.length
  }
  const lasts = [...firsts.slice(1), place].map((next) => next - 1)
  const own = (limits: readonly Date[]) => sql`(${instants(limits)})[cell.first:cell.last]`
  const calls = sql`unnest(
      ${own(spans.map(({ from }) => from))}, ${own(spans.map(({ to }) => to))}
    ) as span (begins, ends)
    join ${callsWithin({ from: sql`span.begins`, to: sql`span.ends` }, question.filter)}`
  return sql<Row>`
    select cell.cell, row.* from unnest(
      ${integers(cells.map(({ cell }) => cell))}, ${integers(firsts)}, ${integers(lasts)}
    ) as cell (cell, first, last)
    cross join lateral (${grouped([], columnsOf(question), calls)}) as row
  `
}

function columnsOf({ inTimeSeconds }: CallQuestion): readonly RawBuilder<unknown>[] {
  const durations = CALL_DURATIONS.map((each) => sql`${MEASURED[each]} as ${sql.ref(each)}`)
  return [...durations, sql`${traitsOf(inTimeSeconds)} as traits`]
}

function integers(numbers: readonly number[]): RawBuilder<readonly number[]> {
  return sql`${`{${numbers.join(',')}}`}::integer[]`
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
