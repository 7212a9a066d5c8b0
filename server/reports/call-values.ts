import type { Db } from '../../db/database.ts'
import {
  CALL_DURATIONS,
  CALL_FIGURES,
  type CallDuration,
  type CallDurations,
  type CallFigure,
  type CallQuestion,
  countCalls,
  countDurations,
} from '../../db/report-calls.ts'
import type { ReportValues, Values } from './case-values.ts'
import { spreadOf } from './percentile.ts'

/** What a column of calls counts or is computed of. */
export function callFigureBehind(column: string): CallFigure | CallDuration | null {
  if (column === 'serviceLevel') return 'incoming'
  if (column === 'calledBackRatio') return 'missed'
  const name = column.replace(/(Seconds|Median|90)$/, '')
  return [...CALL_FIGURES, ...CALL_DURATIONS].find((each) => each === name) ?? null
}

/** Among more calls than this, medians may be off by 1.6 %, so that fewer groups are counted (PERF-6). */
const MOST_EXACT = 200_000

/** The columns of the report on calls (REP-7). */
export async function callValues(
  db: Db,
  question: CallQuestion & { readonly inTimeSeconds: number },
): Promise<ReportValues> {
  const counts = await countCalls(db, question)
  const calls = counts.reduce(
    (sum, { counts: { incoming = 0, outgoing = 0 } }) => sum + incoming + outgoing,
    0,
  )
  const durations = await countDurations(db, { ...question, onGrid: calls > MOST_EXACT })
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

interface Durations {
  readonly counted: Map<number, number>
  readonly sum: number
}

/** The durations of several rows, taken together. */
function byDuration(durations: readonly CallDurations[]): ReadonlyMap<CallDuration, Durations> {
  const together = new Map<CallDuration, Durations>()
  for (const { duration, counted, sum } of durations) {
    const known = together.get(duration) ?? { counted: new Map<number, number>(), sum: 0 }
    for (const [seconds, calls] of counted)
      known.counted.set(seconds, (known.counted.get(seconds) ?? 0) + calls)
    together.set(duration, { counted: known.counted, sum: known.sum + sum })
  }
  return together
}

function toValues(
  counts: Readonly<Record<string, number>>,
  durations: ReadonlyMap<CallDuration, Durations>,
): Values {
  const { inTime = 0, incoming = 0, missed = 0, calledBack = 0, ...others } = counts
  const times = CALL_DURATIONS.flatMap((duration): [string, number | null][] => {
    const { counted, sum } = durations.get(duration) ?? { counted: new Map(), sum: 0 }
    const { mean, median, ninetieth } = spreadOf(counted, sum)
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
