import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import { type CallDuration, type CallFigure, countsCall } from './report-calls.ts'
import {
  type CaseFigure,
  type CaseQuestion,
  countingInRow,
  countingInTotal,
  counts,
} from './report-figures.ts'
import {
  type FactTable,
  facts,
  IS_IN_CELL,
  type ReportFilter,
  type TimeSpan,
} from './report-filter.ts'

/** What happened to a case or a call, as a figure counts it. */
export interface FactBehind {
  /** Unique within its list: together with `at` where a page ended. */
  readonly id: string
  readonly at: Date
  readonly agentId: string | null
  readonly caseId: string | null
  readonly callId: string | null
}

export interface BehindPage {
  /** The last one of the page before. */
  readonly after: Pick<FactBehind, 'at' | 'id'> | null
  readonly limit: number
}

/** The facts that a figure of cases counts, newest first; those of some hours as their rows count them. */
export async function listCaseFactsBehind(
  db: Db,
  asked: Pick<CaseQuestion, 'filter' | 'target'> & {
    readonly figure: CaseFigure
    /** Of these hours alone; null: of all the period. */
    readonly hours: readonly TimeSpan[] | null
  },
  page: BehindPage,
): Promise<FactBehind[]> {
  const { filter, figure, hours, target } = asked
  const byHour = { filter, cut: { type: 'hour', cells: [] } as const }
  const counting = hours === null ? countingInTotal(filter) : countingInRow(figure, byHour)
  const { rows } = await sql<FactBehind>`
    select fact.id::text as id, fact.at, fact.agent_id, fact.case_id, fact.call_id
    from ${factsOf('caseFacts', filter, hours)}
    where ${counts(figure, counting, target)} and ${isAfter(page, sql`bigint`)}
    order by fact.at desc, fact.id desc limit ${page.limit}
  `.execute(db)
  return rows
}

/** The calls that a figure counts or measures, newest first. */
export async function listCallsBehind(
  db: Db,
  asked: {
    readonly filter: ReportFilter
    readonly figure: CallFigure | CallDuration
    readonly hours: readonly TimeSpan[] | null
  },
  page: BehindPage,
): Promise<FactBehind[]> {
  const { filter, figure, hours } = asked
  const { rows } = await sql<FactBehind>`
    select fact.call_id as id, fact.at, fact.agent_id, fact.call_id, message.case_id
    from ${factsOf('callFacts', filter, hours)}
    left join messages as message on message.call_id = fact.call_id
    where ${countsCall(figure)} and ${isAfter(page, sql`text`, sql`fact.call_id`)}
    order by fact.at desc, fact.call_id desc limit ${page.limit}
  `.execute(db)
  return rows
}

/** With hours: those that are in one of them. */
function factsOf(table: FactTable, filter: ReportFilter, hours: readonly TimeSpan[] | null) {
  if (hours === null) return facts(table, filter)
  const cell = { cell: 0, spans: hours }
  return sql`(select fact.* from ${facts(table, filter, [cell])} where ${IS_IN_CELL}) as fact`
}

function isAfter(
  { after }: BehindPage,
  type: RawBuilder<unknown>,
  id: RawBuilder<unknown> = sql`fact.id`,
): RawBuilder<boolean> {
  if (after === null) return sql`true`
  return sql`(fact.at, ${id}) < (${after.at}::timestamptz, ${after.id}::text::${type})`
}
