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
import { facts, type ReportFilter } from './report-filter.ts'

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

/** Some hours of a period: the buckets among its bounds. */
export interface HourCells {
  readonly bounds: readonly Date[]
  readonly buckets: readonly number[]
}

/** The facts that a figure of cases counts, newest first; those of some hours as their rows count them. */
export async function listCaseFactsBehind(
  db: Db,
  asked: Pick<CaseQuestion, 'filter' | 'target'> & {
    readonly figure: CaseFigure
    readonly cells: HourCells | null
  },
  page: BehindPage,
): Promise<FactBehind[]> {
  const { filter, figure, cells, target } = asked
  const cut = cutOf(cells)
  const counting = cells === null ? countingInTotal(filter) : countingInRow(figure, { filter, cut })
  const { rows } = await sql<FactBehind>`
    select fact.id::text as id, fact.at, fact.agent_id, fact.case_id, fact.call_id
    from ${facts('caseFacts', filter, cut)}
    where ${counts(figure, counting, target)} and ${isInCells(cells)} and ${isAfter(page, sql`bigint`)}
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
    readonly cells: HourCells | null
  },
  page: BehindPage,
): Promise<FactBehind[]> {
  const { filter, figure, cells } = asked
  const { rows } = await sql<FactBehind>`
    select fact.call_id as id, fact.at, fact.agent_id, fact.call_id, message.case_id
    from ${facts('callFacts', filter, cutOf(cells))}
    left join messages as message on message.call_id = fact.call_id
    where ${countsCall(figure)} and ${isInCells(cells)} and ${isAfter(page, sql`text`, sql`fact.call_id`)}
    order by fact.at desc, fact.call_id desc limit ${page.limit}
  `.execute(db)
  return rows
}

function cutOf(cells: HourCells | null) {
  return cells === null
    ? { type: 'none' as const }
    : { type: 'hour' as const, bounds: cells.bounds, cells: [] }
}

function isInCells(cells: HourCells | null): RawBuilder<boolean> {
  if (cells === null) return sql`true`
  if (cells.buckets.length === 0) return sql`false`
  return sql`fact.bucket in (${sql.join(cells.buckets)})`
}

function isAfter(
  { after }: BehindPage,
  type: RawBuilder<unknown>,
  id: RawBuilder<unknown> = sql`fact.id`,
): RawBuilder<boolean> {
  if (after === null) return sql`true`
  return sql`(fact.at, ${id}) < (${after.at}::timestamptz, ${after.id}::text::${type})`
}
