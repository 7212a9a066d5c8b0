/** What somebody chose to see: as a question to the server, and as an address that can be kept and passed on. */
import type {
  GroupingView,
  ReportGroupView,
  ReportNameView,
} from '../../server/http/report-schemas.ts'
import { addDays, type Days, daysOf, isDay, isTimeZone, PERIODS, type PeriodName } from './days.ts'

export const REPORTS: readonly ReportNameView[] = [
  'workload',
  'peak-load',
  'channels',
  'time-metrics',
  'sla',
  'leaderboard',
  'calls',
]
export const GROUPINGS: readonly Exclude<GroupingView, 'none'>[] = [
  'day',
  'hour-of-week',
  'hour',
  'channel',
  'agent',
  'queue',
]
const DIRECTIONS = ['incoming', 'outgoing'] as const

export interface Choice {
  readonly report: ReportNameView
  readonly period: PeriodName
  /** Of the period `range`: the first and the last day. */
  readonly from: string
  readonly to: string
  readonly tz: string
  /** Ids; `nobody`. None: all. */
  readonly agentIds: readonly string[]
  /** Names; empty: without a queue. None: all. */
  readonly queues: readonly string[]
  readonly direction: '' | (typeof DIRECTIONS)[number]
  /** Empty: as the report has it. */
  readonly by: '' | Exclude<GroupingView, 'none'>
}

export function firstChoice(tz: string): Choice {
  return {
    report: 'workload',
    period: 'last30',
    from: '',
    to: '',
    tz,
    agentIds: [],
    queues: [],
    direction: '',
    by: '',
  }
}

/** Why the days of a range cannot be asked for; null: they can. */
export function troubleOf({
  period,
  from,
  to,
}: Choice): 'badRange' | 'longRange' | 'missing' | null {
  if (period !== 'range') return null
  if (!isDay(from) || !isDay(to)) return 'missing'
  if (to < from) return 'badRange'
  return Date.parse(to) - Date.parse(from) >= 5 * 365.25 * 86_400_000 ? 'longRange' : null
}

/** The days that are asked for. */
export function chosenDays({ period, from, to, tz }: Choice, now: number): Days {
  return period === 'range' ? { from, to: addDays(to, 1) } : daysOf(period, now, tz)
}

/** The question without its rows: `from=…&to=…&tz=…`. */
export function questionOf(choice: Choice, days: Days): URLSearchParams {
  const query = new URLSearchParams({ ...days, tz: choice.tz })
  for (const id of choice.agentIds) query.append('agentId', id)
  for (const queue of choice.queues) query.append('queue', queue)
  if (choice.direction !== '') query.set('direction', choice.direction)
  if (choice.by !== '') query.set('by', choice.by)
  return query
}

/** Narrows a question down to one row; null where the server cannot be asked for this row alone. */
export function narrow(query: URLSearchParams, group: ReportGroupView): URLSearchParams | null {
  const own = new URLSearchParams(query)
  const { date, hour, weekday, direction, outcome, queue, agentId } = group
  if (direction === 'internal') return null
  if (date !== undefined) {
    own.set('from', date)
    own.set('to', addDays(date, 1))
  }
  if (hour !== undefined) own.set('hour', String(hour))
  if (weekday !== undefined) own.set('weekday', String(weekday))
  if (direction !== undefined) own.set('direction', direction)
  if (outcome !== undefined) own.set('outcome', outcome ?? '')
  if (queue !== undefined) own.set('queue', queue ?? '')
  if (agentId !== undefined) own.set('agentId', agentId ?? 'nobody')
  return own
}

/** `workload?period=last7&tz=…`: only what is not as it is at first. */
export function toAddress(choice: Choice, usual: Choice): string {
  const query = new URLSearchParams()
  if (choice.period !== usual.period) query.set('period', choice.period)
  if (choice.period === 'range') {
    query.set('from', choice.from)
    query.set('to', choice.to)
  }
  if (choice.tz !== usual.tz) query.set('tz', choice.tz)
  for (const id of choice.agentIds) query.append('agentId', id)
  for (const queue of choice.queues) query.append('queue', queue)
  if (choice.direction !== '') query.set('direction', choice.direction)
  if (choice.by !== '') query.set('by', choice.by)
  const text = query.toString()
  return text === '' ? choice.report : `${choice.report}?${text}`
}

/** Reads an address; what is wrong in it, or not there, is as it is at first. */
export function fromAddress(text: string, usual: Choice): Choice {
  const [name = '', ...rest] = text.split('?')
  const query = new URLSearchParams(rest.join('?'))
  const of = <T extends string>(key: string, known: readonly T[]): T | undefined =>
    known.find((one) => one === query.get(key))
  const tz = query.get('tz') ?? ''
  const choice: Choice = {
    report: REPORTS.find((one) => one === name) ?? usual.report,
    period: of('period', PERIODS) ?? usual.period,
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    tz: isTimeZone(tz) ? tz : usual.tz,
    agentIds: query.getAll('agentId').slice(0, 200),
    queues: query.getAll('queue').slice(0, 200),
    direction: of('direction', DIRECTIONS) ?? '',
    by: of('by', GROUPINGS) ?? '',
  }
  return troubleOf(choice) === null ? choice : { ...choice, period: usual.period }
}
