import type * as v from 'valibot'
import { listAgentsById } from '../../db/agents.ts'
import type { Db } from '../../db/database.ts'
import type { Settings } from '../../db/settings.ts'
import { type FieldError, RingsideError } from '../errors.ts'
import { columnsOf, defaultGrouping, REPORT_NAMES, type ReportName } from '../reports/columns.ts'
import { readPeriod } from '../reports/period.ts'
import type { ReportQuestion } from '../reports/report.ts'
import type { reportQuery } from './report-schemas.ts'
import { badInput } from './route.ts'

type Asked = Omit<v.InferOutput<typeof reportQuery>, 'format'>

/** The report of this name; there are seven. */
export function readReportName(name: string): ReportName {
  const found = REPORT_NAMES.find((each) => each === name)
  if (found !== undefined) return found
  throw new RingsideError(
    'not-found',
    `there is no report "${shorten(name)}", expected one of ${REPORT_NAMES.join(', ')}`,
  )
}

/** Reads what a report is asked for; every wrong parameter is named. */
export async function readAsked(
  db: Db,
  report: ReportName,
  asked: Asked,
  { now, settings }: { readonly now: Date; readonly settings: Settings },
): Promise<ReportQuestion> {
  const read = readPeriod(asked, { now, tz: settings.workingHours.tz })
  const agentIds = asked.agentId?.map((id) => (id === 'nobody' ? null : id)) ?? null
  const strangers = await findStrangers(db, agentIds ?? [])
  if ('errors' in read) throw badInput([...read.errors, ...strangers])
  if (strangers.length > 0) throw badInput(strangers)
  return {
    report,
    by: asked.by ?? defaultGrouping(report),
    period: read.period,
    agentIds,
    queues: asked.queue?.map((queue) => (queue === '' ? null : queue)) ?? null,
    direction: asked.direction ?? null,
  }
}

/** A figure of the report; others have nothing behind them. */
export function readFigure(report: ReportName, figure: string): string {
  const keys = columnsOf(report, defaultGrouping(report)).map(({ key }) => key)
  if (keys.includes(figure)) return figure
  const message = `is "${shorten(figure)}", expected one of ${keys.join(', ')}`
  throw badInput([{ path: 'figure', message }])
}

/** An agent who has left is known; a report on somebody mistyped would be empty and look right. */
async function findStrangers(db: Db, ids: readonly (string | null)[]): Promise<FieldError[]> {
  const asked = ids.filter((id) => id !== null)
  const known = await listAgentsById(db, asked)
  return asked
    .filter((id) => !known.has(id))
    .map((id) => ({
      path: 'agentId',
      message: `is "${shorten(id)}", expected the id of an agent or nobody`,
    }))
}

function shorten(text: string): string {
  return text.slice(0, 100).replace(/\p{Cc}/gu, '\ufffd')
}
