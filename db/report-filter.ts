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

interface Within {
  readonly from: RawBuilder<unknown>
  readonly to: RawBuilder<unknown>
}

/** The condition of a filter on `fact`. */
function matches(filter: ReportFilter, { from, to }: Within): Condition {
  const { agentIds, queues, direction, outcome } = filter
  const conditions = [
    sql<boolean>`fact.at >= ${from} and fact.at < ${to}`,
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

/** The drivers know no arrays of instants; as text PostgreSQL reads them once for a query. */
export function instants(bounds: readonly Date[]): RawBuilder<readonly Date[]> {
  return sql`${`{${bounds.map((each) => each.toISOString()).join(',')}}`}::timestamptz[]`
}

export type FactTable = 'caseFacts' | 'callFacts'

/** The facts to be counted, as `fact`. */
export function facts(table: FactTable, filter: ReportFilter): RawBuilder<unknown> {
  const { from, to } = filter
  const whole = { from: sql`${from}::timestamptz`, to: sql`${to}::timestamptz` }
  return sql`(select fact.* from ${sql.table(table)} as fact where ${isCounted(table, filter, whole)}) as fact`
}

/** Where the span begins and ends that a fact of `factsWithin` is in. */
export const SPAN = { from: sql<Date>`span.begins`, to: sql<Date>`span.ends` }

/** Those of some spans of time, as `fact`; `limits`: when the spans begin, and when they end, as arrays. */
export function factsWithin(
  table: FactTable,
  filter: ReportFilter,
  limits: readonly [from: RawBuilder<unknown>, to: RawBuilder<unknown>],
): RawBuilder<unknown> {
  return sql`unnest(${sql.join(limits)}) as span (begins, ends)
    join ${sql.table(table)} as fact on ${isCounted(table, filter, SPAN)}`
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
export function groupColumns(
  cut: Exclude<Cut, { cells: unknown }>,
): readonly RawBuilder<unknown>[] {
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
