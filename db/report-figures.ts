import { type RawBuilder, sql } from 'kysely'
import { type Cut, isOneOf, type ReportFilter, SPAN } from './report-filter.ts'
import type { RowsOf } from './report-parts.ts'

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
export interface CaseQuestion extends RowsOf {
  readonly figures: readonly CaseFigure[]
  readonly target: ResolutionTarget
}

type Instant = RawBuilder<unknown>

/** In which time a case counts once, and by whom it is handled. */
export interface Counting {
  /** What conditions of it are named by. */
  readonly of: string
  readonly from: Instant
  readonly to: Instant
  readonly handledBy: 'anybody' | 'oneAgent' | readonly (string | null)[]
}

export type CaseFact = 'opened' | 'reopened' | 'handled' | 'responded' | 'closed'

/** What a fact must be to be counted. The same name is the same condition. */
export interface Condition {
  readonly name: string
  readonly holds: RawBuilder<boolean>
}

/** The facts of a kind that count: all for which every condition holds. */
export type Counted = readonly [CaseFact, ...Condition[]]

/** The facts that a figure counts. */
export function countedBy(
  figure: CaseFigure,
  counting: Counting,
  target: ResolutionTarget,
): readonly Counted[] {
  const { of, from, to } = counting
  const isFirst = {
    name: `first of ${of}`,
    holds: sql<boolean>`(fact.previous_at is null or fact.previous_at < ${from})`,
  }
  const isLast = {
    name: `last of ${of}`,
    holds: sql<boolean>`(fact.next_at is null or fact.next_at >= ${to})`,
  }
  const isOpenedBefore = {
    name: `opened before ${of}`,
    holds: sql<boolean>`fact.opened_at < ${from}`,
  }
  switch (figure) {
    case 'newTotal':
      return [['opened']]
    case 'newUser':
      return [['opened', BY_USER]]
    case 'reopened':
      return [['reopened', isFirst, isOpenedBefore]]
    case 'newAndReopened':
      return [['opened'], ['reopened', isFirst, isOpenedBefore]]
    case 'handled':
      return [['handled', isFirstHandling(counting, isFirst)]]
    case 'responded':
      return [['responded', isFirst]]
    case 'totalResponses':
      return [['responded']]
    case 'closed':
      return [['closed', isLast, WITH_RECORD]]
    case 'resolved':
      return [['closed', isLast, LATER]]
    case 'slaResolutionViolated': {
      const isMissed = target.isMissed(sql`fact.opened_at`, sql`fact.at`)
      return [['closed', isLast, LATER, { name: 'missed', holds: isMissed }]]
    }
  }
}

const BY_USER = { name: 'by user', holds: sql<boolean>`fact.direction = 'incoming'` }
const WITH_RECORD = { name: 'with record', holds: sql<boolean>`fact.has_record` }
const LATER = { name: 'later', holds: sql<boolean>`fact.at <> fact.opened_at` }

/** The facts that a figure counts, as a condition: what is behind it is listed by it. */
export function counts(
  figure: CaseFigure,
  counting: Counting,
  target: ResolutionTarget,
): RawBuilder<boolean> {
  const kinds = countedBy(figure, counting, target).map(([kind, ...conditions]) =>
    sql.join(
      [sql`fact.kind = ${sql.lit(kind)}`, ...conditions.map(({ holds }) => holds)],
      sql` and `,
    ),
  )
  return sql`(${sql.join(kinds, sql` or `)})`
}

/** Of several agents the first counts a case; what the others did before is looked up. */
function isFirstHandling({ of, from, handledBy }: Counting, isFirst: Condition): Condition {
  if (handledBy === 'anybody') return isFirst
  const isFirstOwn = sql<boolean>`(fact.previous_own_at is null or fact.previous_own_at < ${from})`
  if (handledBy === 'oneAgent') return { name: `own first of ${of}`, holds: isFirstOwn }
  const holds = sql<boolean>`${isFirstOwn} and (${isFirst.holds} or not exists (
    select from case_facts as earlier
    where earlier.case_id = fact.case_id and earlier.kind = 'handled' and earlier.at >= ${from}
      and (earlier.at, earlier.id) < (fact.at, fact.id)
      and ${isOneOf(sql.ref('earlier.agentId'), handledBy)}
  ))`
  return { name: `first among agents of ${of}`, holds }
}

/** How the total of a report counts. */
export function countingInTotal({ from, to, agentIds }: ReportFilter): Counting {
  const period = {
    of: 'the period',
    from: sql`${from}::timestamptz`,
    to: sql`${to}::timestamptz`,
  }
  if (agentIds === null) return { ...period, handledBy: 'anybody' }
  return { ...period, handledBy: agentIds.length === 1 ? 'oneAgent' : agentIds }
}

/** How a row counts: a day as if it were the period; an hour does so for what is handled. */
export function countingInRow(figure: CaseFigure, { filter, cut }: RowsOf): Counting {
  const inTotal = countingInTotal(filter)
  if (!isCountedApart(figure, cut)) return inTotal
  return 'cells' in cut
    ? { ...inTotal, of: 'the row', ...SPAN }
    : { ...inTotal, handledBy: 'oneAgent' }
}

/** Whether a row counts otherwise than the total does. */
export function isCountedApart(figure: CaseFigure, cut: Cut): boolean {
  return (
    cut.type === 'day' || (figure === 'handled' && (cut.type === 'agent' || cut.type === 'hour'))
  )
}
