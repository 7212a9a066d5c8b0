import type { Cut, GroupKey } from '../../db/report-filter.ts'
import type { ReportGroupView } from '../http/report-schemas.ts'
import type { Grouping } from './columns.ts'
import type { Period } from './period.ts'
import { bucketsOf, type HourLabel } from './zone.ts'

/** How a report's rows are made: what the database groups by, and what a group is called. */
export interface Rows {
  readonly cut: Cut
  /** Those that are there even when empty, in order; null: those that have something. */
  readonly groups: readonly ReportGroupView[] | null
  /** Two rows of the database are one row of the report where this is the same. */
  readonly groupOf: (key: GroupKey) => ReportGroupView
}

export function rowsOf(by: Grouping, period: Period): Rows {
  switch (by) {
    case 'day':
      return dayRows(period)
    case 'hour':
      return hourRows(period, ({ hour }) => ({ hour }))
    case 'hour-of-week':
      return hourRows(period, ({ hour, weekday }) => ({ hour, weekday }))
    case 'channel':
    case 'agent':
    case 'queue':
      return { cut: { type: by }, groups: null, groupOf: (key) => key }
    case 'none':
      return { cut: { type: 'none' }, groups: [], groupOf: () => ({}) }
  }
}

function dayRows(period: Period): Rows {
  const days = bucketsOf(period, 'day')
  const groups = days.map(({ label }) => ({ date: label.date }))
  return {
    cut: { type: 'day', cells: days.map((day, cell) => ({ cell, spans: [day] })) },
    groups,
    groupOf: ({ cell = -1 }) => groups[cell]!,
  }
}

function hourRows(period: Period, groupOf: (label: HourLabel) => ReportGroupView): Rows {
  const byCell = Map.groupBy(bucketsOf(period, 'hour'), ({ label }) => cellOf(label, groupOf))
  const cells = [...byCell].sort(([a], [b]) => a - b).map(([cell, spans]) => ({ cell, spans }))
  const groups = new Map(cells.map(({ cell, spans }) => [cell, groupOf(spans[0]!.label)]))
  return {
    cut: { type: 'hour', cells },
    groups: [...groups.values()],
    groupOf: ({ cell = -1 }) => groups.get(cell)!,
  }
}

function cellOf(label: HourLabel, groupOf: (label: HourLabel) => ReportGroupView): number {
  const { hour = 0, weekday = 0 } = groupOf(label)
  return weekday * 24 + hour
}

/** Rows that are there because they have something: by direction, outcome, queue, agent; nobody last. */
export function inOrder(a: ReportGroupView, b: ReportGroupView): number {
  return (
    compare(a.direction, b.direction) ||
    compare(a.outcome, b.outcome) ||
    compare(a.queue, b.queue) ||
    compare(a.agentId, b.agentId)
  )
}

function compare(a: string | null | undefined, b: string | null | undefined): number {
  if (a === b) return 0
  if (a === null || a === undefined) return 1
  if (b === null || b === undefined) return -1
  return a < b ? -1 : 1
}
