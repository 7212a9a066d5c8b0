/** From a figure to the question for what is behind it. */
import type { ReportGroupView, ReportView } from '../../server/http/report-schemas.ts'
import { t } from '../i18n/t.ts'
import type { Behind } from './behind.ts'
import { narrow } from './choice.ts'
import { addDays } from './days.ts'
import type { FigureAt } from './report-table.ts'
import { figureName, groupText, type Names } from './words.ts'

/** `question`: what the report was asked for; null where the server cannot be asked for this figure. */
export function behindOf(
  report: ReportView,
  question: URLSearchParams,
  at: FigureAt,
  names: Names,
): Behind | null {
  const query = questionFor(report, question, at)
  if (query === null) return null
  query.set('figure', at.key)
  query.set('by', report.by)
  return {
    path: `/api/reports/${report.report}/behind?${query}`,
    figure: figureName(at.key),
    of: nameOf(report, at, names),
    isComputed: report.columns.some(({ key, unit }) => key === at.key && unit !== 'count'),
    isOfCalls: report.report === 'calls',
    tz: report.tz,
  }
}

function questionFor(
  report: ReportView,
  question: URLSearchParams,
  { of, until }: FigureAt,
): URLSearchParams | null {
  const query = new URLSearchParams(question)
  if (of === 'previous') {
    query.set('from', report.previousFrom)
    query.set('to', report.previousTo)
  }
  if (typeof of === 'string') return query
  const own = narrow(query, of)
  if (until?.date !== undefined) own?.set('to', addDays(until.date, 1))
  return own
}

function nameOf({ by }: ReportView, { of, until }: FigureAt, names: Names): string {
  if (typeof of === 'string') return t(of === 'total' ? 'reports.total' : 'reports.previous')
  const name = (group: ReportGroupView) => groupText(group, by, names)
  return [...new Set([name(of), name(until ?? of)])].join(' – ')
}
