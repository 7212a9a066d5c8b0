/** What the reports show: their columns, how a report is grouped when nobody says, what adds up. */

export const REPORT_NAMES = [
  'workload',
  'peak-load',
  'channels',
  'time-metrics',
  'sla',
  'leaderboard',
  'calls',
] as const
export type ReportName = (typeof REPORT_NAMES)[number]

export type Grouping = 'day' | 'hour-of-week' | 'hour' | 'channel' | 'agent' | 'queue' | 'none'
export type Unit = 'count' | 'seconds' | 'ratio'

export interface Column {
  readonly key: string
  readonly unit: Unit
  /** False: does not apply to calls (REP-4); its value is null. */
  readonly applies: boolean
  /** Rows of parts (days, agents) add up to the whole. */
  readonly adds: boolean
}

const COUNTS = [
  'newTotal',
  'newUser',
  'reopened',
  'newAndReopened',
  'handled',
  'responded',
  'closed',
  'totalResponses',
  'responsesForResolution',
  'resolved',
  'slaResolutionViolated',
  'incoming',
  'answered',
  'missed',
  'abandoned',
  'outgoing',
  'outgoingAnswered',
  'unanswered',
  'calledBack',
] as const
const RATIOS = ['slaResolutionKept', 'serviceLevel', 'calledBackRatio'] as const
/** REP-4, REP-5: of written cases; shown, and said not to count calls. */
const NOT_OF_CALLS: Readonly<Record<string, Unit>> = {
  firstResponse: 'seconds',
  response: 'seconds',
  writing: 'seconds',
  slaFirstViolated: 'count',
  slaResponseViolated: 'count',
}

const RESOLUTION = ['resolutionSeconds', 'resolutionMedian', 'resolution90'] as const
const timesOf = (...names: readonly string[]) =>
  names.flatMap((name) => [`${name}Seconds`, `${name}Median`, `${name}90`])

const KEYS: Readonly<Record<ReportName, readonly string[]>> = {
  workload: ['newTotal', 'newUser', 'reopened', 'handled', 'responded', 'closed'],
  'peak-load': ['newAndReopened', 'handled'],
  channels: ['newAndReopened', 'handled', 'closed'],
  'time-metrics': [
    ...['firstResponse', 'response', 'writing', 'responsesForResolution', 'resolved'],
    ...RESOLUTION,
  ],
  sla: [
    ...['slaFirstViolated', 'slaResponseViolated', 'slaResolutionViolated'],
    ...['resolved', 'slaResolutionKept'],
  ],
  leaderboard: [
    ...['newTotal', 'newUser', 'reopened', 'handled', 'responded', 'totalResponses'],
    ...['responsesForResolution', 'closed', 'firstResponse', 'response', 'writing'],
    ...['resolutionSeconds', 'slaFirstViolated', 'slaResponseViolated', 'slaResolutionViolated'],
  ],
  calls: [
    ...['incoming', 'answered', 'missed', 'abandoned', 'outgoing', 'outgoingAnswered'],
    ...['unanswered', ...timesOf('ring', 'wait', 'talk', 'hold'), 'serviceLevel'],
    ...['calledBack', 'calledBackRatio', ...timesOf('callback')],
  ],
}

const DEFAULT_GROUPING: Readonly<Record<ReportName, Grouping>> = {
  workload: 'day',
  'peak-load': 'hour-of-week',
  channels: 'channel',
  'time-metrics': 'day',
  sla: 'day',
  leaderboard: 'agent',
  calls: 'day',
}

/** How a report is grouped when nobody says. */
export function defaultGrouping(report: ReportName): Grouping {
  return DEFAULT_GROUPING[report]
}

export function columnsOf(report: ReportName, by: Grouping): readonly Column[] {
  return KEYS[report].map((key) => ({
    key,
    unit: unitOf(key),
    applies: appliesToCalls(key),
    adds: adds(key, by),
  }))
}

/** False for what only written messages have: first response, response and writing times. */
function appliesToCalls(key: string): boolean {
  return !(key in NOT_OF_CALLS)
}

function unitOf(key: string): Unit {
  if (isOneOf(COUNTS, key)) return 'count'
  if (isOneOf(RATIOS, key)) return 'ratio'
  return NOT_OF_CALLS[key] ?? 'seconds'
}

/** A day's row counts a case that another day counted too: `handled` on Monday and on Tuesday. */
const ONCE_A_DAY = [
  'reopened',
  'newAndReopened',
  'handled',
  'responded',
  'closed',
  'resolved',
  'slaResolutionViolated',
] as const

/**
 * Whether the rows' figures add up to the total. An agent's `handled` counts the cases that they
 * handled, others among them; an hour's counts each hour in which something was done.
 */
function adds(key: string, by: Grouping): boolean {
  if (!isOneOf(COUNTS, key)) return false
  switch (by) {
    case 'day':
      return !isOneOf(ONCE_A_DAY, key)
    case 'hour':
    case 'hour-of-week':
    case 'agent':
      return key !== 'handled'
    case 'channel':
    case 'queue':
    case 'none':
      return true
  }
}

function isOneOf(list: readonly string[], key: string): boolean {
  return list.includes(key)
}
