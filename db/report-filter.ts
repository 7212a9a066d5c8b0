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
 * What rows stand for. Local days and hours are instants: bucket n is from `bounds[n - 1]` to
 * `bounds[n]`, so that PostgreSQL's own time zones are never asked.
 */
export type Cut =
  | { readonly type: 'none' | 'agent' | 'queue' | 'channel' }
  | { readonly type: 'day'; readonly bounds: readonly Date[] }
  /** Rows are of hours that are alike: `cells[n - 1]` says to which one bucket n belongs. */
  | { readonly type: 'hour'; readonly bounds: readonly Date[]; readonly cells: readonly number[] }

/** Of which group a row is; the keys that the cut does not have are missing. */
export interface GroupKey {
  /** The number of the day's bucket, or the hour's cell. */
  readonly cell?: number
  readonly agentId?: string | null
  readonly queue?: string | null
  readonly direction?: Direction
  readonly outcome?: 'answered' | 'missed' | 'unanswered' | null
}

type Condition = RawBuilder<boolean>

/** From one instant until before another. */
interface Span {
  readonly from: RawBuilder<unknown>
  readonly to: RawBuilder<unknown>
}

/** The condition of a filter on `fact`. */
function matches(filter: ReportFilter, { from, to }: Span): Condition {
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

/** The number of the bucket that `fact.at` is in. */
function bucketOf(bounds: readonly Date[]): RawBuilder<number> {
  return sql`width_bucket(fact.at, ${instants(bounds)})`
}

/**
 * The facts to be counted, as `fact`. Of a column that comes out of a union PostgreSQL expects few
 * different values; of the bucket itself as many as there are instants, and then it neither groups in
 * memory nor lets workers share the scan (the plans of PostgreSQL 15, three million facts).
 */
export function facts(table: 'caseFacts' | 'callFacts', filter: ReportFilter, cut: Cut) {
  const name = sql.table(table)
  const { from, to } = filter
  const whole = { from: sql`${from}::timestamptz`, to: sql`${to}::timestamptz` }
  // Cases of calls are cases of incoming and outgoing calls; internal calls have no facts of their own.
  const isOfCalls = table === 'caseFacts' ? sql`fact.direction <> 'internal'` : sql`true`
  const chosen = sql`from ${name} as fact where ${matches(filter, whole)} and ${isOfCalls}`
  if (!('bounds' in cut)) return sql`(select fact.* ${chosen}) as fact`
  return sql`(
    select fact.*, ${bucketOf(cut.bounds)} as bucket ${chosen}
    union all select fact.*, 0 from ${name} as fact where false
  ) as fact`
}

/** Joins the calls of a filter that are within a time of their own, as `fact`. */
export function callsWithin(span: Span, filter: ReportFilter): RawBuilder<unknown> {
  return sql`call_facts as fact on ${matches(filter, span)}`
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
  if (cut.type === 'day') return [sql`fact.bucket as cell`]
  if (cut.type === 'hour')
    return [sql`(${`{${cut.cells.join(',')}}`}::integer[])[fact.bucket] as cell`]
  return COLUMNS[cut.type].map((column) => sql`${sql.ref(`fact.${column}`)}`)
}

/** The same columns, of a selection that was made by them. */
export function groupNames(cut: Cut): readonly RawBuilder<unknown>[] {
  return COLUMNS[cut.type].map((column) => sql`${sql.ref(column)}`)
}

/** Reads the group of a row that was selected by `groupColumns`. */
export function toGroupKey(cut: Cut, row: Readonly<Record<string, unknown>>): GroupKey {
  return Object.fromEntries(COLUMNS[cut.type].map((column) => [column, row[column]]))
}

/** Groups by the first columns of a selection; nothing where all is one row. */
export function groupBy(columns: number): RawBuilder<unknown> {
  const places = Array.from({ length: columns }, (_, index) => sql.lit(index + 1))
  return columns === 0 ? sql`` : sql`group by ${sql.join(places)}`
}
