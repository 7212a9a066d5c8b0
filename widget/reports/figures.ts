/** What the figures mean to whoever reads them: the names of rows, which way is better, which stand together. */
import type {
  GroupingView,
  ReportColumnView,
  ReportNameView,
} from '../../server/http/report-schemas.ts'
import { enReports } from '../i18n/reports/en-reports.ts'
import type { ReportsKey } from '../i18n/reports/keys.ts'

/** The rows of each report where nobody chose others. */
export const USUAL_ROWS: Readonly<Record<ReportNameView, Exclude<GroupingView, 'none'>>> = {
  workload: 'day',
  'peak-load': 'hour-of-week',
  channels: 'channel',
  'time-metrics': 'day',
  sla: 'day',
  leaderboard: 'agent',
  calls: 'day',
}

/** The figure that the picture of each report shows at first. */
export const PICTURED: Readonly<Record<ReportNameView, string>> = {
  workload: 'newTotal',
  'peak-load': 'newAndReopened',
  channels: 'newAndReopened',
  'time-metrics': 'resolutionSeconds',
  sla: 'slaResolutionViolated',
  leaderboard: 'closed',
  calls: 'incoming',
}

/** The key of a figure's name; null: one of a later version, which is shown by its key. */
export function nameKey(key: string): ReportsKey | null {
  const name = `reports.figure.${key}`
  return Object.hasOwn(enReports, name) ? (name as ReportsKey) : null
}

const LESS_IS_BETTER =
  /^(missed|abandoned|slaResolutionViolated|resolution(Seconds|Median|90)|(wait|callback)(Seconds|Median|90))$/
const MORE_IS_BETTER = /^(slaResolutionKept|serviceLevel|calledBackRatio)$/

/** 1: more is better; -1: less is; 0: neither means anything by itself. */
export function betterWay(key: string): -1 | 0 | 1 {
  if (LESS_IS_BETTER.test(key)) return -1
  return MORE_IS_BETTER.test(key) ? 1 : 0
}

/** Times of calls, each as an average, a median and what 90 % are within. */
export const TIMES = ['ring', 'wait', 'talk', 'hold', 'callback'] as const
export const MEASURES = ['Seconds', 'Median', '90'] as const

const TIME = new RegExp(`^(${TIMES.join('|')})(${MEASURES.join('|')})$`)

/** The times of calls are too many to stand beside the numbers. */
export function isTime(key: string): boolean {
  return TIME.test(key)
}

export const SETS = ['counts', 'averages', 'medians', 'ninetieths'] as const
export type SetName = (typeof SETS)[number]
const ENDS: Readonly<Record<Exclude<SetName, 'counts'>, string>> = {
  averages: 'Seconds',
  medians: 'Median',
  ninetieths: '90',
}

/** The columns of a table: all, or of the report on calls those that were chosen. */
export function columnsOf(
  report: ReportNameView,
  columns: readonly ReportColumnView[],
  set: SetName,
): readonly ReportColumnView[] {
  // What says nothing about calls does not stand in the way of what does.
  if (report !== 'calls') return [...columns].sort((a, b) => Number(b.applies) - Number(a.applies))
  if (set === 'counts') return columns.filter(({ key }) => !isTime(key))
  return columns.filter(({ key }) => isTime(key) && key.endsWith(ENDS[set]))
}
