/** A server that answers reports: figures that look like chance and are the same every time. */

import type {
  BehindItemView,
  ReportGroupView,
  ReportView,
} from '../../server/http/report-schemas.ts'
import type { Grouping, ReportName } from '../../server/reports/columns.ts'
import { columnsOf, defaultGrouping } from '../../server/reports/columns.ts'
import { addDays } from '../../widget/reports/days.ts'
import { answered, at, callView, caseView, ME, phoneView, type World } from './fake-server.ts'

export const SUPERVISOR = { ...ME, role: 'supervisor' as const }
const REPORTS: readonly ReportName[] = [
  'workload',
  'peak-load',
  'channels',
  'time-metrics',
  'sla',
  'leaderboard',
  'calls',
]
export const HOSTILE = '=HYPERLINK("http://x")\u202Egnp.<img src=x onerror=alert(1)>'
const QUEUES = ['support', 'sales', HOSTILE, null]
const AGENTS = [1, 2, 3, 4, 5, 6, 7].map((number) => `agent-${number}`)

/** A whole number below `most` that belongs to a text. */
export function numberOf(text: string, most: number): number {
  let hash = 7
  for (const letter of text) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003
  return (hash * 7919) % most
}

function groupsOf(by: Grouping, from: string, to: string): ReportGroupView[] {
  const range = (count: number) => [...Array(count).keys()]
  switch (by) {
    case 'day': {
      const count = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
      return range(count).map((index) => ({ date: addDays(from, index) }))
    }
    case 'hour-of-week':
      return range(168).map((index) => ({ weekday: Math.floor(index / 24) + 1, hour: index % 24 }))
    case 'hour':
      return range(24).map((hour) => ({ hour }))
    case 'agent':
      return [...AGENTS, 'agent-gone', null].map((agentId) => ({ agentId }))
    case 'queue':
      return QUEUES.map((queue) => ({ queue }))
    case 'channel':
      return QUEUES.flatMap((queue) => [
        { direction: 'incoming' as const, outcome: 'answered' as const, queue },
        { direction: 'incoming' as const, outcome: 'missed' as const, queue },
        ...(queue === null
          ? [{ direction: 'outgoing' as const, outcome: 'unanswered' as const, queue }]
          : []),
      ])
    case 'none':
      return []
  }
}

/** What the server would answer to this address. */
export function reportOf(path: string, isEmpty = false): ReportView {
  const { pathname, searchParams } = new URL(path, 'http://server')
  const report = pathname.split('/')[3] as ReportName
  const by = (searchParams.get('by') ?? defaultGrouping(report)) as Grouping
  const [from = '', to = ''] = ['from', 'to'].map(
    (key) => searchParams.get(key)?.slice(0, 10) ?? '',
  )
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
  const columns = columnsOf(report, by)
  const values = (name: string, size: number) =>
    Object.fromEntries(
      columns.map(({ key, unit, applies }) => {
        if (!applies || (isEmpty && unit !== 'count')) return [key, null]
        const some = numberOf(`${name} ${key}`, 1000) / 1000
        const isShort = report === 'calls'
        if (unit === 'seconds') return [key, Math.round(some * (isShort ? 300 : 90_000))]
        return [key, isEmpty ? 0 : unit === 'ratio' ? some : Math.round(some * size)]
      }),
    )
  const size = by === 'hour-of-week' ? 14 : 60
  return {
    report,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    tz: searchParams.get('tz') ?? 'UTC',
    by,
    previousFrom: new Date(addDays(from, -days)).toISOString(),
    previousTo: new Date(from).toISOString(),
    targets: { serviceLevelSeconds: 20, resolutionSeconds: 86_400 },
    columns: [...columns],
    rows: groupsOf(by, from, to).map((group) => ({
      group,
      values: values(JSON.stringify(group), isQuiet(group) ? 0 : size),
    })),
    total: values('total', 1400),
    previous: values('previous', 1400),
  }
}

const isQuiet = ({ hour, weekday = 1 }: ReportGroupView): boolean =>
  hour !== undefined && (hour < 8 || hour > 18 || weekday > 5)

const missed = callView({
  id: 'call-9',
  state: 'ended',
  outcome: 'missed',
  queue: 'support',
  endedAt: at(3600),
  ringSeconds: 24,
  legs: [],
})
export const ITEMS: readonly BehindItemView[] = [
  { at: at(3600), agentId: null, case: null, call: missed },
  {
    at: at(7200),
    agentId: 'agent-2',
    case: caseView(),
    call: answered({
      id: 'call-8',
      state: 'ended',
      outcome: 'answered',
      talkSeconds: 97,
      caseId: 'case-1',
    }),
  },
  { at: at(9000), agentId: 'agent-gone', case: caseView(), call: null },
  {
    at: at(90_000),
    agentId: null,
    case: caseView({
      id: 'case-3',
      number: 1051,
      subject: `Missed call from +375 29 170-16-99 ${HOSTILE}`,
      status: 'open',
      handset: 'red',
      phone: phoneView('+375 29 170-16-99'),
    }),
    call: null,
  },
]

/** What a supervisor's server answers; `answers` come before it. */
export function reportsWorld(answers: World['answers'] = {}, isEmpty = false): World {
  const own: Record<string, unknown> = {}
  for (const report of REPORTS) {
    own[`GET /api/reports/${report}`] = (_init: unknown, path: string) =>
      path.includes('format=csv') ? new Response('\ufeffday,newTotal\r\n') : reportOf(path, isEmpty)
    own[`GET /api/reports/${report}/behind`] = { items: ITEMS, next: null }
  }
  return { me: SUPERVISOR, cases: [caseView()], answers: { ...own, ...answers } }
}
