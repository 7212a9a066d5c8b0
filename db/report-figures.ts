import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import {
  type Cut,
  facts,
  type GroupKey,
  groupBy,
  groupColumns,
  instants,
  isOneOf,
  type ReportFilter,
  toGroupKey,
} from './report-filter.ts'

/** What is counted of cases (REP-1 to REP-6). */
export type CaseFigure =
  | 'newTotal'
  | 'newUser'
  | 'reopened'
  | 'newAndReopened'
  | 'handled'
  | 'responded'
  | 'totalResponses'
  | 'closed'
  | 'resolved'
  | 'slaResolutionViolated'

/** What the resolution SLA asks for. */
export interface ResolutionTarget {
  /** Whether a case took too long, as SQL. */
  isMissed(opened: RawBuilder<Date>, closed: RawBuilder<Date>): RawBuilder<boolean>
}

/** What facts of cases are counted how. */
export interface CaseQuestion {
  readonly filter: ReportFilter
  readonly cut: Cut
  readonly figures: readonly CaseFigure[]
  readonly target: ResolutionTarget
}

/** A row's figures, and what it gives to the total: a day counts a case that another day counted. */
export interface CaseCounts {
  readonly key: GroupKey
  readonly counts: Readonly<Record<string, number>>
  readonly inTotal: Readonly<Record<string, number>>
  /** The sum of the resolution times. */
  readonly resolutionSeconds: number
  readonly resolutionInTotal: number
}

type Instant = RawBuilder<unknown>

/** In which time a case counts once, and by whom it is handled. */
export interface Counting {
  readonly from: Instant
  readonly to: Instant
  readonly handledBy: 'anybody' | 'oneAgent' | readonly (string | null)[]
}

/** The facts that a figure counts: what is behind it is listed by the same condition. */
export function counts(
  figure: CaseFigure,
  counting: Counting,
  target: ResolutionTarget,
): RawBuilder<boolean> {
  const { from, to } = counting
  const isFirst = sql`(fact.previous_at is null or fact.previous_at < ${from})`
  const isLast = sql`(fact.next_at is null or fact.next_at >= ${to})`
  const resolved = sql`fact.kind = 'closed' and ${isLast} and fact.at <> fact.opened_at`
  const reopened = sql`fact.kind = 'reopened' and ${isFirst} and fact.opened_at < ${from}`
  switch (figure) {
    case 'newTotal':
      return sql`fact.kind = 'opened'`
    case 'newUser':
      return sql`fact.kind = 'opened' and fact.direction = 'incoming'`
    case 'reopened':
      return sql`${reopened}`
    case 'newAndReopened':
      return sql`(fact.kind = 'opened' or ${reopened})`
    case 'handled':
      return sql`fact.kind = 'handled' and ${isFirstHandling(counting, isFirst)}`
    case 'responded':
      return sql`fact.kind = 'responded' and ${isFirst}`
    case 'totalResponses':
      return sql`fact.kind = 'responded'`
    case 'closed':
      return sql`fact.kind = 'closed' and ${isLast} and fact.has_record`
    case 'resolved':
      return sql`${resolved}`
    case 'slaResolutionViolated':
      return sql`${resolved} and ${target.isMissed(sql`fact.opened_at`, sql`fact.at`)}`
  }
}

/** The kinds of facts that figures count: what is closed can be read without all the others. */
function kindsOf(figures: readonly CaseFigure[]): readonly CaseFact[] {
  return [...new Set(figures.flatMap((figure) => KINDS[figure]))]
}

type CaseFact = 'opened' | 'reopened' | 'handled' | 'responded' | 'closed'

const KINDS: Readonly<Record<CaseFigure, readonly CaseFact[]>> = {
  newTotal: ['opened'],
  newUser: ['opened'],
  reopened: ['reopened'],
  newAndReopened: ['opened', 'reopened'],
  handled: ['handled'],
  responded: ['responded'],
  totalResponses: ['responded'],
  closed: ['closed'],
  resolved: ['closed'],
  slaResolutionViolated: ['closed'],
}

/** Of several agents the first counts a case; what the others did before is looked up. */
function isFirstHandling({ from, handledBy }: Counting, isFirst: RawBuilder<unknown>) {
  if (handledBy === 'anybody') return isFirst
  const isFirstOwn = sql`(fact.previous_own_at is null or fact.previous_own_at < ${from})`
  if (handledBy === 'oneAgent') return isFirstOwn
  return sql`${isFirstOwn} and (${isFirst} or not exists (
    select from case_facts as earlier
    where earlier.case_id = fact.case_id and earlier.kind = 'handled' and earlier.at >= ${from}
      and (earlier.at, earlier.id) < (fact.at, fact.id)
      and ${isOneOf(sql.ref('earlier.agentId'), handledBy)}
  ))`
}

/** How the total of a report counts. */
export function countingInTotal({ from, to, agentIds }: ReportFilter): Counting {
  const period = { from: sql`${from}::timestamptz`, to: sql`${to}::timestamptz` }
  if (agentIds === null) return { ...period, handledBy: 'anybody' }
  return { ...period, handledBy: agentIds.length === 1 ? 'oneAgent' : agentIds }
}

/** How a row counts: a day as if it were the period; an hour does so for what is handled. */
export function countingInRow(figure: CaseFigure, { filter, cut }: RowsOf): Counting {
  const inTotal = countingInTotal(filter)
  if (cut.type === 'agent') return { ...inTotal, handledBy: 'oneAgent' }
  if (!('bounds' in cut)) return inTotal
  if (cut.type === 'hour' && figure !== 'handled') return inTotal
  const bounds = instants(cut.bounds)
  return {
    ...inTotal,
    from: sql`(${bounds})[fact.bucket]`,
    to: sql`(${bounds})[fact.bucket + 1]`,
  }
}

type RowsOf = Pick<CaseQuestion, 'filter' | 'cut'>

/** Counts the cases of a report in one scan: its rows, and what they give to the total. */
export async function countCases(db: Db, question: CaseQuestion): Promise<CaseCounts[]> {
  const { filter, cut, figures, target } = question
  const columns = groupColumns(cut)
  const row = (figure: CaseFigure) => counts(figure, countingInRow(figure, question), target)
  const total = (figure: CaseFigure) => counts(figure, countingInTotal(filter), target)
  const times = figures.includes('resolved')
    ? [
        sql`${resolutionSum(row('resolved'))} as rowsum`,
        sql`${resolutionSum(total('resolved'))} as allsum`,
      ]
    : []
  const { rows } = await sql<Record<string, unknown>>`
    select ${sql.join([
      ...columns,
      ...figures.map((each, i) => sql`count(*) filter (where ${row(each)}) as ${sql.ref(`r${i}`)}`),
      ...figures.map(
        (each, i) => sql`count(*) filter (where ${total(each)}) as ${sql.ref(`t${i}`)}`,
      ),
      ...times,
    ])}
    from ${facts('caseFacts', filter, cut)}
    where ${isOneOf(sql.ref('fact.kind'), kindsOf(figures))} ${groupBy(columns.length)}
  `.execute(db)
  const named = (row: Readonly<Record<string, unknown>>, letter: string) =>
    Object.fromEntries(figures.map((figure, i) => [figure, Number(row[`${letter}${i}`])]))
  return rows.map((row) => ({
    key: toGroupKey(cut, row),
    counts: named(row, 'r'),
    inTotal: named(row, 't'),
    resolutionSeconds: Number(row.rowsum ?? 0),
    resolutionInTotal: Number(row.allsum ?? 0),
  }))
}

/** From opening to closing; a PBX whose clock is ahead may say that the call ended after it. */
const RESOLUTION = sql`(greatest(fact.at, fact.opened_at) - fact.opened_at)`

function resolutionSum(isResolved: RawBuilder<boolean>): RawBuilder<number> {
  return sql`date_part('epoch', sum(${RESOLUTION}) filter (where ${isResolved}))`
}

/** The median and the 90th percentile of the resolution times. */
export interface ResolutionSpread {
  readonly key: GroupKey
  readonly median: number
  readonly ninetieth: number
}

/** Of each row; of the whole with the cut `none`. */
export async function spreadResolution(db: Db, question: RowsOf): Promise<ResolutionSpread[]> {
  const { filter, cut } = question
  const columns = groupColumns(cut)
  const isResolved = counts('resolved', countingInRow('resolved', question), NO_TARGET)
  const quantiles = sql`percentile_cont(array[0.5, 0.9]) within group (
    order by date_part('epoch', ${RESOLUTION})
  )`
  // PostgreSQL computes both at once; the drivers do not all read arrays.
  const { rows } = await sql<
    Record<string, unknown> & Pick<ResolutionSpread, 'median' | 'ninetieth'>
  >`
    select ${sql.join([
      ...columns,
      sql`(${quantiles})[1] as median`,
      sql`(${quantiles})[2] as ninetieth`,
    ])}
    from ${facts('caseFacts', filter, cut)} where ${isResolved} ${groupBy(columns.length)}
  `.execute(db)
  return rows.flatMap((row) => {
    const { median, ninetieth } = row
    return median === null ? [] : [{ key: toGroupKey(cut, row), median, ninetieth }]
  })
}

const NO_TARGET: ResolutionTarget = { isMissed: () => sql`false` }
