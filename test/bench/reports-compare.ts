import assert from 'node:assert/strict'
import type { ReportView } from '../../server/http/report-schemas.ts'
import { columnsOf } from '../../server/reports/columns.ts'
import { type Tally, type Truth, tallyOf } from './reports-truth.ts'

/** How many values of a report were compared; throws at the first that is not the truth. */
export function compareReport(report: ReportView, truth: Truth, before: Truth): number {
  const { report: name, by } = report
  const at = `${name} by ${by}`
  const { tallies } = truth
  const rows = by === 'none' ? new Map<string, Tally>() : tallies.get(by)
  assert.ok(rows, `${at}: nobody counted its rows`)
  const keys = columnsOf(name, by).map(({ key }) => key)
  const counted = [...rows].filter(([, tally]) => keys.some((key) => valueIn(key, tally)))
  const found = new Map(report.rows.map(({ group, values }) => [rowName(by, group), values]))
  for (const [row] of counted) assert.ok(found.has(row), `${at}: no row ${row}`)
  let compared = 0
  const check = (where: string, values: Record<string, number | null>, tally: Tally) => {
    for (const key of keys) {
      assertSame(`${at}: ${key} ${where}`, values[key] ?? null, valueIn(key, tally))
      compared += 1
    }
  }
  check('in total', report.total, tallyOf(truth, 'none', ''))
  check('before', report.previous, tallyOf(before, 'none', ''))
  for (const [row, values] of found) check(`of ${row}`, values, tallyOf(truth, by, row))
  return compared
}

/** Means and percentiles are sums and differences of numbers with fractions. */
function assertSame(what: string, found: number | null, expected: number | null): void {
  const isSame =
    found === expected ||
    (found !== null && expected !== null && Math.abs(found - expected) <= 1e-9 * expected + 1e-6)
  assert.ok(isSame, `${what}: the report says ${found}, the generator counted ${expected}`)
}

/** As the truth calls its rows. */
function rowName(by: ReportView['by'], group: ReportView['rows'][number]['group']): string {
  switch (by) {
    case 'none':
      return ''
    case 'day':
      return String(group.date)
    case 'hour':
      return String(group.hour)
    case 'hour-of-week':
      return `${group.weekday} ${group.hour}`
    case 'agent':
      return String(group.agentId)
    case 'queue':
      return String(group.queue)
    case 'channel':
      return `${group.direction} ${group.outcome} ${group.queue}`
  }
}

const COUNTED_AS: Readonly<Record<string, string>> = { responsesForResolution: 'totalResponses' }
const NOT_OF_CALLS = /^(firstResponse|response|writing|slaFirstViolated|slaResponseViolated)$/

/** The value of a column. */
function valueIn(key: string, { counts, durations }: Tally): number | null {
  const count = (figure: string): number => counts.get(figure) ?? 0
  if (NOT_OF_CALLS.test(key)) return null
  if (key === 'slaResolutionKept')
    return ratio(count('resolved') - count('slaResolutionViolated'), count('resolved'))
  if (key === 'serviceLevel') return ratio(count('inTime'), count('incoming'))
  if (key === 'calledBackRatio') return ratio(count('calledBack'), count('missed'))
  const duration = /^(resolution|ring|wait|talk|hold|callback)(Seconds|Median|90)$/.exec(key)
  if (duration === null) return count(COUNTED_AS[key] ?? key)
  const [, name, what] = duration
  const seconds = durations.get(name === 'resolution' ? 'resolved' : name!) ?? []
  if (what === 'Seconds') return ratio(sum(seconds), seconds.length)
  return between(seconds, what === 'Median' ? 0.5 : 0.9)
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function between(seconds: readonly number[], share: number): number | null {
  if (seconds.length === 0) return null
  const sorted = sortedOf(seconds)
  const rank = share * (sorted.length - 1)
  const below = sorted[Math.floor(rank)]!
  return below + (sorted[Math.ceil(rank)]! - below) * (rank % 1)
}

/** A list is asked for its median and its 90th percentile, in several reports. */
const sortedLists = new WeakMap<readonly number[], Float64Array>()

function sortedOf(seconds: readonly number[]): Float64Array {
  const sorted = sortedLists.get(seconds) ?? Float64Array.from(seconds).sort()
  sortedLists.set(seconds, sorted)
  return sorted
}
