import type { Db } from '../../db/database.ts'
import type { ResolutionTarget } from '../../db/report-figures.ts'
import type { ReportFilter } from '../../db/report-filter.ts'
import { type RunQuery, runQuery } from '../../db/report-parts.ts'
import type { Settings } from '../../db/settings.ts'
import { isWorkedLonger, spanOfFacts } from '../../db/working-time.ts'
import type { ReportView } from '../http/report-schemas.ts'
import { createTurns } from '../turns.ts'
import { callValues } from './call-values.ts'
import { caseValues, type ReportValues, type Values } from './case-values.ts'
import { columnsOf, type Grouping, type ReportName } from './columns.ts'
import { inOrder, type Rows, rowsOf } from './grouping.ts'
import { type Period, previousPeriod } from './period.ts'
import { workingClockOf } from './working-time.ts'

/** What a report is asked for. */
export interface ReportQuestion {
  readonly report: ReportName
  readonly by: Grouping
  readonly period: Period
  /** null: all; null among them: nobody. */
  readonly agentIds: readonly (string | null)[] | null
  /** null: all; null among them: without a queue. */
  readonly queues: readonly (string | null)[] | null
  readonly direction: 'incoming' | 'outgoing' | null
}

/** A report: its rows, the whole, and the whole of the period before. */
export async function makeReport(
  db: Db,
  question: ReportQuestion,
  settings: Settings,
): Promise<ReportView> {
  const { report, by, period } = question
  const previous = previousPeriod(period)
  const rows = rowsOf(by, period)
  const run = createRun(db)
  // Its clock covers the period before, too.
  const target = await targetOf(db, question, settings)
  const [values, before] = await Promise.all([
    valuesOf(run, question, rows, settings, target),
    valuesOf(run, { ...question, period: previous }, rowsOf('none', previous), settings, target),
  ])
  const columns = [...columnsOf(report, by)]
  return {
    report,
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    tz: period.tz,
    by,
    previousFrom: previous.from.toISOString(),
    previousTo: previous.to.toISOString(),
    targets: {
      serviceLevelSeconds: settings.serviceLevelSeconds,
      resolutionSeconds: settings.sla.resolutionSeconds,
    },
    columns,
    rows: by === 'none' ? [] : toRows(rows, values, nothingOf(columns)),
    total: values.total,
    previous: before.total,
  }
}

/** The connections that a report may take: webhooks come in beside it. */
const AT_ONCE = 4

function createRun(db: Db): RunQuery {
  const turns = createTurns(AT_ONCE)
  return async (query, manner) => {
    const done = await turns.take()
    return runQuery(db, query, manner).finally(done)
  }
}

async function valuesOf(
  run: RunQuery,
  question: ReportQuestion,
  { cut }: Rows,
  settings: Settings,
  target: ResolutionTarget,
): Promise<ReportValues> {
  const filter = filterOf(question)
  if (question.report === 'calls')
    return callValues(run, { filter, cut, inTimeSeconds: settings.serviceLevelSeconds })
  const columns = columnsOf(question.report, question.by).map(({ key }) => key)
  return caseValues(run, columns, { filter, cut, target })
}

/** Which facts a report counts. */
export function filterOf(question: ReportQuestion): ReportFilter {
  const { period, agentIds, queues, direction } = question
  return { from: period.from, to: period.to, agentIds, queues, direction }
}

/** What the resolution SLA asks for; its clock covers every case that the period may close. */
export async function targetOf(
  db: Db,
  { report, period }: ReportQuestion,
  { sla, workingHours }: Settings,
): Promise<ResolutionTarget> {
  const isAsked = report === 'sla' || report === 'leaderboard'
  const span = isAsked ? await spanOfFacts(db) : null
  // Not until the end of the period: it may be centuries away.
  const until = span === null || span.last > period.to ? period.to : span.last
  const clock = workingClockOf(workingHours, span?.first ?? period.from, until)
  return {
    isMissed: (opened, closed) => isWorkedLonger(opened, closed, sla.resolutionSeconds, clock),
  }
}

function toRows(rows: Rows, values: ReportValues, nothing: Values): ReportView['rows'] {
  const found = values.rows.map(({ key, values: own }) => ({
    group: rows.groupOf(key),
    values: own,
  }))
  if (rows.groups === null)
    return found.filter((row) => hasSomething(row.values)).sort((a, b) => inOrder(a.group, b.group))
  const byGroup = new Map(found.map((row) => [row.group, row]))
  return rows.groups.map((group) => byGroup.get(group) ?? { group, values: nothing })
}

function hasSomething(values: Values): boolean {
  return Object.values(values).some((value) => value !== null && value !== 0)
}

/** The values of a row in which nothing happened. */
function nothingOf(columns: ReportView['columns']): Values {
  return Object.fromEntries(
    columns.map(({ key, unit, applies }) => [key, applies && unit === 'count' ? 0 : null]),
  )
}
