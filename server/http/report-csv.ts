import { type Cell, toCsv } from './csv.ts'
import type {
  GroupingView,
  ReportColumnView,
  ReportGroupView,
  ReportValuesView,
  ReportView,
} from './report-schemas.ts'

const DOES_NOT_APPLY = 'does not apply to calls'

/** The names of a report's agents by their ids. */
export type AgentNames = ReadonlyMap<string, string>

/**
 * A report as a file for spreadsheets: a header, its rows, the total and the period before. The columns
 * have the keys of the JSON, so that a file reads alike in every language; times are in the report's zone.
 */
export function toReportCsv(report: ReportView, names: AgentNames): string {
  const { by, columns, rows, total, previous, tz } = report
  const local = localTimes(tz)
  const groupColumns = GROUP_COLUMNS[by]
  const line = (
    kind: string,
    from: string,
    to: string,
    group: Cell[],
    values: ReportValuesView,
  ) => [
    kind,
    local(from),
    local(to),
    tz,
    ...group,
    ...columns.map((column) => figure(column, values)),
  ]
  const none = groupColumns.map(() => null)
  return toCsv([
    ['row', 'from', 'to', 'tz', ...groupColumns, ...columns.map(({ key }) => key)],
    ...rows.map(({ group, values }) =>
      line(by, report.from, report.to, groupCells(by, group, names), values),
    ),
    line('total', report.from, report.to, none, total),
    line('previous', report.previousFrom, report.previousTo, none, previous),
  ])
}

/** `ringside-leaderboard-2026-03-01-2026-03-31.csv`: the first and the last day of the period. */
export function reportFileName({ report, from, to, tz }: ReportView): string {
  const local = localTimes(tz)
  const last = new Date(Date.parse(to) - 1).toISOString()
  return `ringside-${report}-${local(from).slice(0, 10)}-${local(last).slice(0, 10)}.csv`
}

const GROUP_COLUMNS: Record<GroupingView, readonly string[]> = {
  day: ['date'],
  'hour-of-week': ['weekday', 'hour'],
  hour: ['hour'],
  channel: ['direction', 'outcome', 'queue'],
  agent: ['agent', 'agentId'],
  queue: ['queue'],
  none: [],
}

function groupCells(by: GroupingView, group: ReportGroupView, names: AgentNames): Cell[] {
  if (by === 'agent') return agentCells(group.agentId ?? null, names)
  return GROUP_COLUMNS[by].map((key) => group[key as keyof ReportGroupView] ?? null)
}

function agentCells(id: string | null, names: AgentNames): Cell[] {
  return id === null ? ['nobody', null] : [names.get(id) ?? id, id]
}

function figure({ key, applies }: ReportColumnView, values: ReportValuesView): Cell {
  return applies ? (values[key] ?? null) : DOES_NOT_APPLY
}

/** `2026-03-01 00:00:00`, which spreadsheets know as a time. */
function localTimes(timeZone: string): (instant: string) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return (instant) => {
    const parts = format.formatToParts(new Date(instant))
    const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? ''
    const date = `${part('year')}-${part('month')}-${part('day')}`
    return `${date} ${part('hour')}:${part('minute')}:${part('second')}`
  }
}
