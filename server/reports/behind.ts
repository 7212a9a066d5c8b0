import { loadCalls } from '../../db/calls.ts'
import { loadCases } from '../../db/cases.ts'
import type { Db } from '../../db/database.ts'
import {
  type BehindPage,
  type FactBehind,
  listCallsBehind,
  listCaseFactsBehind,
} from '../../db/report-behind.ts'
import type { TimeSpan } from '../../db/report-filter.ts'
import type { Settings } from '../../db/settings.ts'
import type { Call } from '../calls/call.ts'
import type { Case } from '../cases/case-view.ts'
import { callFigureBehind } from './call-values.ts'
import { caseFigureBehind } from './case-values.ts'
import { filterOf, type ReportQuestion, targetOf } from './report.ts'
import { bucketsOf } from './zone.ts'

/** What is behind which figure: of the whole report, or, with the group's parts, of one row. */
export interface BehindQuestion extends ReportQuestion {
  readonly figure: string
  readonly hour?: number | undefined
  readonly weekday?: number | undefined
  /** null: not known yet. */
  readonly outcome?: string | null | undefined
}

/** One thing behind a figure; `id` and `at` say where a page ended. */
export interface BehindItem extends Pick<FactBehind, 'id' | 'at' | 'agentId'> {
  readonly case: Case | null
  readonly call: Call | null
}

/** A page of what a figure counts or is computed of, newest first: a count is as long as its list. */
export async function listBehind(
  db: Db,
  question: BehindQuestion,
  settings: Settings,
  page: BehindPage,
): Promise<BehindItem[]> {
  const facts = await listFacts(db, question, settings, page)
  const ids = (key: 'caseId' | 'callId') => [
    ...new Set(facts.map((fact) => fact[key]).filter((id) => id !== null)),
  ]
  const [cases, calls] = await Promise.all([
    loadCases(db, ids('caseId')),
    loadCalls(db, ids('callId')),
  ])
  const caseById = new Map(cases.map((each) => [each.id, each]))
  const callById = new Map(calls.map((each) => [each.id, each]))
  return facts.map(({ id, at, agentId, caseId, callId }) => ({
    id,
    at,
    agentId,
    case: caseById.get(caseId ?? '') ?? null,
    call: callById.get(callId ?? '') ?? null,
  }))
}

async function listFacts(
  db: Db,
  question: BehindQuestion,
  settings: Settings,
  page: BehindPage,
): Promise<FactBehind[]> {
  const filter = { ...filterOf(question), outcome: question.outcome }
  const hours = hoursOf(question)
  if (question.report === 'calls') {
    const figure = callFigureBehind(question.figure)
    return figure === null ? [] : listCallsBehind(db, { filter, figure, hours }, page)
  }
  const figure = caseFigureBehind(question.figure)
  if (figure === null) return []
  const target = await targetOf(db, question, settings)
  return listCaseFactsBehind(db, { filter, figure, hours, target }, page)
}

/** The hours of the period that a row by hour stands for; null: all of the period. */
function hoursOf({ period, hour, weekday }: BehindQuestion): readonly TimeSpan[] | null {
  if (hour === undefined && weekday === undefined) return null
  return bucketsOf(period, 'hour').filter(
    ({ label }) =>
      (hour === undefined || label.hour === hour) &&
      (weekday === undefined || label.weekday === weekday),
  )
}
