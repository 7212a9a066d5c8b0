/** Figures, periods and rows as people read them. */
import type {
  GroupingView,
  ReportColumnView,
  ReportGroupView,
} from '../../server/http/report-schemas.ts'
import { plain } from '../format.ts'
import type { ReportsKey } from '../i18n/reports/keys.ts'
import { type AnyKey, currentLocale, t } from '../i18n/t.ts'
import { hours, weekdays } from './charts/week.ts'
import { nameKey } from './figures.ts'

type Unit = ReportColumnView['unit']

const NONE = '–'

export function figureName(key: string): string {
  const name = nameKey(key)
  return name === null ? plain(key) : t(name)
}

/** `1,204`, `2 min 5 sec`, `87.5%`; a dash where there is no value. */
export function figureText(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return NONE
  if (unit === 'seconds') return durationText(value)
  const style = unit === 'ratio' ? 'percent' : 'decimal'
  return new Intl.NumberFormat(currentLocale(), { style, maximumFractionDigits: 1 }).format(value)
}

/** Nothing is behind a count of nothing; calls are behind a share of 0 % and a time of 0 seconds. */
export function canBeOpened(value: number | null | undefined, unit: Unit): boolean {
  return value != null && (value !== 0 || unit !== 'count')
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** The two largest units that are not nothing: `3 days 4 hr`, `2 min 5 sec`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = Math.max(
    0,
    UNITS.findIndex(([, size]) => whole >= size),
  )
  const start = whole < 1 ? UNITS.length - 1 : first
  let rest = whole
  return UNITS.slice(start, start + 2)
    .map(([unit, size], index): string | null => {
      const value = Math.floor(rest / size)
      rest -= value * size
      if (index > 0 && value === 0) return null
      const style = { style: 'unit', unit, unitDisplay: 'short' } as const
      return new Intl.NumberFormat(currentLocale(), style).format(value)
    })
    .filter((part) => part !== null)
    .join(' ')
}

/** Working time: `24 hr`, which are no day. */
export function workingTimeText(seconds: number): string {
  const [unit, size] = seconds < 3600 ? (['minute', 60] as const) : (['hour', 3600] as const)
  const style = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(currentLocale(), style).format(seconds / size)
}

export interface Change {
  /** 1: more than before. */
  readonly sign: -1 | 0 | 1
  /** `+12%`, `+3 pts`; empty where there is nothing to reckon with. */
  readonly text: string
  /** The same as a sentence. */
  readonly sentence: string
}

/** How a figure differs from the one of the period before; null where one of them is not there. */
export function changeOf(
  value: number | null | undefined,
  before: number | null | undefined,
  unit: Unit,
): Change | null {
  if (value == null || before == null) return null
  const old = figureText(before, unit)
  if (value === before) return { sign: 0, text: '', sentence: t('reports.same') }
  const sign = value > before ? 1 : -1
  if (unit === 'ratio') {
    const points = number(Math.abs(value - before) * 100)
    const key = sign === 1 ? 'reports.pointsUp' : 'reports.pointsDown'
    return {
      sign,
      // The sign stands before the number in texts of either direction.
      text: t('reports.points', { points: `${sign === 1 ? '+' : '−'}${points}` }),
      sentence: t(key, { points, value: old }),
    }
  }
  if (before === 0) return { sign, text: '', sentence: t('reports.noneBefore') }
  const ratio = Math.abs(value - before) / before
  const digits = ratio < 0.1 ? 1 : 0
  const share = new Intl.NumberFormat(currentLocale(), {
    style: 'percent',
    maximumFractionDigits: digits,
  }).format(ratio)
  const key = sign === 1 ? 'reports.more' : 'reports.less'
  return {
    sign,
    text: `${sign === 1 ? '+' : '−'}${share}`,
    sentence: t(key, { share, value: old }),
  }
}

function number(value: number): string {
  return new Intl.NumberFormat(currentLocale(), { maximumFractionDigits: 1 }).format(value)
}

/** `Mar 1 – 31, 2026`; `to` is not in it any more. */
export function periodText(from: string, to: string, tz: string): string {
  const format = new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium', timeZone: tz })
  const last = new Date(Date.parse(to) - 1)
  return format.formatRange(new Date(from), last)
}

const GROUP: Readonly<Record<GroupingView, ReportsKey>> = {
  day: 'reports.groupDay',
  'hour-of-week': 'reports.groupWeekHour',
  hour: 'reports.groupHour',
  channel: 'reports.groupChannel',
  agent: 'reports.groupAgent',
  queue: 'reports.groupQueue',
  none: 'reports.total',
}

/** The title of the first column. */
export function groupingText(by: GroupingView): string {
  return t(GROUP[by])
}

/** Agents by id, those who have left among them. */
export type Names = ReadonlyMap<string, string>

export function agentText(id: string | null, names: Names): string {
  if (id === null) return t('reports.nobody')
  return plain(names.get(id) ?? '') || t('reports.goneAgent')
}

export function queueText(queue: string | null): string {
  return plain(queue ?? '') || t('reports.noQueue')
}

/** What a row is about. */
export function groupText(group: ReportGroupView, by: GroupingView, names: Names): string {
  switch (by) {
    case 'day':
      return dayText(group.date ?? '')
    case 'hour-of-week':
      return t('charts.hourOfDay', {
        day: weekdays().find(({ weekday }) => weekday === group.weekday)?.long ?? '',
        hour: hourText(group.hour ?? 0),
      })
    case 'hour':
      return hourText(group.hour ?? 0)
    case 'channel':
      return channelText(group)
    case 'agent':
      return agentText(group.agentId ?? null, names)
    case 'queue':
      return queueText(group.queue ?? null)
    case 'none':
      return t('reports.total')
  }
}

/** `Sun, Mar 1`: the year stands above the table. */
export function dayText(day: string): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(currentLocale(), options).format(new Date(day))
}

function hourText(hour: number): string {
  return hours()[hour]?.title ?? ''
}

/** `Incoming · Missed · support`. */
function channelText({ direction, outcome, queue }: ReportGroupView): string {
  const way: AnyKey = direction === 'outgoing' ? 'reports.outgoing' : 'reports.incoming'
  return [
    direction === 'internal' ? t('call.internal') : t(way),
    outcome ? t(`outcome.${outcome}`) : null,
    queue === undefined ? null : queueText(queue),
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

/** When something was, in the time zone of the report. */
export function instantText(iso: string, tz: string): string {
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: tz } as const
  return new Intl.DateTimeFormat(currentLocale(), options).format(new Date(iso))
}
