import { type RawBuilder, sql } from 'kysely'
import type { Direction } from '../server/calls/call.ts'

/** Which facts a report counts. An agent's are those that are attributed to them. */
export interface ReportFilter {
  readonly from: Date
  /** Not in it any more. */
  readonly to: Date
  /** null: all; null among them: nobody's. */
  readonly agentIds: readonly (string | null)[] | null
  /** null: all; null among them: without a queue. */
  readonly queues: readonly (string | null)[] | null
  readonly direction: Direction | null
  /** Undefined: all; null: not known. */
  readonly outcome?: string | null | undefined
}

/**
 * What rows stand for. Local days and hours are instants, so that PostgreSQL's own time zones are never
 * asked.
 */
export type Cut =
  | { readonly type: 'none' | 'agent' | 'queue' | 'channel' }
  | { readonly type: 'day' | 'hour'; readonly cells: readonly TimeCell[] }

/** A row that stands for a time: a day is one span, Mondays from 9 to 10 are one a week. */
export interface TimeCell {
  readonly cell: number
  readonly spans: readonly TimeSpan[]
}

/** From one instant until before another. */
export interface TimeSpan {
  readonly from: Date
  readonly to: Date
}

/** Of which group a row is; the keys that the cut does not have are missing. */
export interface GroupKey {
  /** The number of the day's or the hour's cell. */
  readonly cell?: number
  readonly agentId?: string | null
  readonly queue?: string | null
  readonly direction?: Direction
  readonly outcome?: 'answered' | 'missed' | 'unanswered' | null
}

type Condition = RawBuilder<boolean>

/** In which time: beside the spans of a row, the period would be taken for what finds most. */
interface Within {
  readonly from: RawBuilder<unknown>
  readonly to: RawBuilder<unknown>
}

/** The condition of a filter on `fact`. */
function matches(
  { agentIds, queues, direction, outcome }: ReportFilter,
  within: Within,
): Condition {
  const conditions = [
    sql<boolean>`fact.at >= ${within.from} and fact.at < ${within.to}`,
    ...(direction === null ? [] : [sql<boolean>`fact.direction = ${direction}`]),
    ...(agentIds === null ? [] : [isOneOf(sql.ref('fact.agentId'), agentIds)]),
    ...(queues === null ? [] : [isOneOf(sql.ref('fact.queue'), queues)]),
    ...(outcome === undefined ? [] : [isOneOf(sql.ref('fact.outcome'), [outcome])]),
  ]
  return sql`${sql.join(conditions, sql` and `)}`
}

/** The column is one of these; null stands for the null in it. */
export function isOneOf(column: RawBuilder<unknown>, values: readonly (string | null)[]) {
  const known = values.filter((value) => value !== null)
  const isKnown = known.length === 0 ? sql`false` : sql`${column} in (${sql.join(known)})`
  return values.includes(null)
    ? sql<boolean>`(${isKnown} or ${column} is null)`
    : sql<boolean>`(${isKnown})`
}

export type FactTable = 'caseFacts' | 'callFacts'

/**
 * The facts to be counted, as `fact`; with cells, each with the `cell` that it is in, and with when its span
 * begins and ends.
 */
export function facts(
  table: FactTable,
  filter: ReportFilter,
  cells: readonly TimeCell[] = [],
): RawBuilder<unknown> {
  const columns = cells.length === 0 ? sql`fact.*` : sql`fact.*, ${placeOf(cells)}`
  const period = { from: sql`${filter.from}::timestamptz`, to: sql`${filter.to}::timestamptz` }
  return sql`(
    select ${columns} from ${sql.table(table)} as fact where ${isCounted(table, filter, period)}
  ) as fact`
}

/** Those of some spans of time, as `fact`; `begins` and `ends`: arrays. */
export function factsWithin(
  table: FactTable,
  filter: ReportFilter,
  { begins, ends }: { readonly begins: RawBuilder<unknown>; readonly ends: RawBuilder<unknown> },
): RawBuilder<unknown> {
  const within = { from: sql`span.begins`, to: sql`span.ends` }
  return sql`unnest(${begins}, ${ends}) as span (begins, ends)
    join ${sql.table(table)} as fact on ${isCounted(table, filter, within)}`
}

/** The cell of what is in none. A null would have the array read from its beginning each time. */
const NO_CELL = -1

/** That a fact is in one of the cells. */
export const IS_IN_CELL = sql<boolean>`fact.cell <> ${sql.lit(NO_CELL)}`

/** When the span begins and ends that a fact is in. */
export const SPAN = { from: sql<Date>`fact.span_from`, to: sql<Date>`fact.span_to` }

/**
 * In which span a fact is, is found by halving: among a year's hours in 0.05 µs, while to read the facts of each hour by
 * an index takes 0.4 µs for each fact. Between spans, and after them, is no cell.
 */
function placeOf(cells: readonly TimeCell[]): RawBuilder<unknown> {
  const spans = cells
    .flatMap(({ cell, spans: own }) => own.map((span) => ({ ...span, cell })))
    .sort((a, b) => a.from.getTime() - b.from.getTime())
  const begins = spans.flatMap(({ from, to, cell }, index) => {
    const isGap = spans[index + 1]?.from.getTime() !== to.getTime()
    return [{ at: from, cell }, ...(isGap ? [{ at: to, cell: NO_CELL }] : [])]
  })
  const instants = instantsOf(begins.map(({ at }) => at))
  const numbers = numbersOf(begins.map(({ cell }) => cell))
  const span = sql`width_bucket(fact.at, ${instants})`
  return sql`${numbers}[${span}] as cell,
    ${instants}[${span}] as span_from, ${instants}[${span} + 1] as span_to`
}

/** The drivers know no arrays of these; as text PostgreSQL reads them once for a query. */
export function instantsOf(instants: readonly Date[]): RawBuilder<unknown> {
  return sql`(${`{${instants.map((each) => each.toISOString()).join(',')}}`}::timestamptz[])`
}

export function numbersOf(numbers: readonly number[]): RawBuilder<unknown> {
  return sql`(${`{${numbers.join(',')}}`}::integer[])`
}

/** Cases of calls are cases of incoming and outgoing calls; internal calls have no facts of their own. */
function isCounted(table: FactTable, filter: ReportFilter, within: Within): Condition {
  const isMatching = matches(filter, within)
  return table === 'callFacts' ? isMatching : sql`${isMatching} and fact.direction <> 'internal'`
}

const COLUMNS = {
  none: [],
  agent: ['agentId'],
  queue: ['queue'],
  channel: ['direction', 'outcome', 'queue'],
  day: ['cell'],
  hour: ['cell'],
} as const satisfies Record<Cut['type'], readonly (keyof GroupKey)[]>

/** By what the rows of a cut are grouped, as the first columns of a selection. */
export function groupColumns(cut: Cut): readonly RawBuilder<unknown>[] {
  return COLUMNS[cut.type].map((column) => sql`${sql.ref(column)}`)
}

/** Reads the group of a row. */
export function toGroupKey(cut: Cut, row: Readonly<Record<string, unknown>>): GroupKey {
  return Object.fromEntries(COLUMNS[cut.type].map((column) => [column, row[column]]))
}

/** Groups by the first columns of a selection; nothing where all is one row. */
export function groupBy(columns: number): RawBuilder<unknown> {
  const places = Array.from({ length: columns }, (_, index) => sql.lit(index + 1))
  return columns === 0 ? sql`` : sql`group by ${sql.join(places)}`
}
