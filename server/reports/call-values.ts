import type { Db } from '../../db/database.ts'
import {
  CALL_DURATIONS,
  CALL_FIGURES,
  type CallDuration,
  type CallFigure,
  type CallQuestion,
  countCalls,
  countDurations,
} from '../../db/report-calls.ts'
import type { ReportValues, Values } from './case-values.ts'
import { type Counted, spreadOf } from './percentile.ts'

/** What a column of calls counts or is computed of. */
export function callFigureBehind(column: string): CallFigure | CallDuration | null {
  if (column === 'serviceLevel') return 'incoming'
  if (column === 'calledBackRatio') return 'missed'
  const name = column.replace(/(Seconds|Median|90)$/, '')
  return [...CALL_FIGURES, ...CALL_DURATIONS].find((each) => each === name) ?? null
}

/** The columns of the report on calls (REP-7). */
export async function callValues(
  db: Db,
  question: CallQuestion & { readonly inTimeSeconds: number },
): Promise<ReportValues> {
  const [counts, durations] = await Promise.all([
    countCalls(db, question),
    countDurations(db, question),
  ])
  const byKey = Map.groupBy(durations, ({ key }) => JSON.stringify(key))
  const whole = [...CALL_FIGURES, 'inTime'].map((figure): [string, number] => [
    figure,
    counts.reduce((sum, each) => sum + (each.counts[figure] ?? 0), 0),
  ])
  return {
    rows: counts.map((each) => ({
      key: each.key,
      values: toValues(each.counts, byDuration(byKey.get(JSON.stringify(each.key)) ?? [])),
    })),
    total: toValues(Object.fromEntries(whole), byDuration(durations)),
  }
}

/** The durations of several rows, taken together. */
function byDuration(
  durations: readonly { readonly duration: CallDuration; readonly counted: Counted }[],
): ReadonlyMap<CallDuration, Counted> {
  const together = new Map<CallDuration, Map<number, number>>()
  for (const { duration, counted } of durations) {
    const sums = together.get(duration) ?? new Map<number, number>()
    for (const [seconds, calls] of counted) sums.set(seconds, (sums.get(seconds) ?? 0) + calls)
    together.set(duration, sums)
  }
  return together
}

function toValues(
  counts: Readonly<Record<string, number>>,
  durations: ReadonlyMap<CallDuration, Counted>,
): Values {
  const { inTime = 0, incoming = 0, missed = 0, calledBack = 0, ...others } = counts
  const times = CALL_DURATIONS.flatMap((duration): [string, number | null][] => {
    const { mean, median, ninetieth } = spreadOf(durations.get(duration) ?? new Map())
    return [
      [`${duration}Seconds`, mean],
      [`${duration}Median`, median],
      [`${duration}90`, ninetieth],
    ]
  })
  return {
    ...others,
    incoming,
    missed,
    calledBack,
    ...Object.fromEntries(times),
    serviceLevel: incoming === 0 ? null : inTime / incoming,
    calledBackRatio: missed === 0 ? null : calledBack / missed,
  }
}
