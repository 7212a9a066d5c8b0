import {
  CALL_DURATIONS,
  CALL_FIGURES,
  type CallDuration,
  type CallFigure,
} from '../../db/report-calls.ts'
import type { RunQuery } from '../../db/report-parts.ts'
import { type CallQuestion, type CallTally, tallyCalls } from '../../db/report-tallies.ts'
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
export async function callValues(run: RunQuery, question: CallQuestion): Promise<ReportValues> {
  const tallies = await tallyCalls(run, question)
  const byKey = Map.groupBy(tallies, ({ key }) => JSON.stringify(key))
  return {
    rows: [...byKey.values()].map((own) => ({ key: own[0]!.key, values: toValues(own) })),
    total: toValues(tallies),
  }
}

/** The values of several tallies, taken together. */
function toValues(tallies: readonly CallTally[]): Values {
  const countOf = (figure: CallFigure | 'inTime'): number =>
    tallies.reduce((sum, { counts }) => sum + (counts.get(figure) ?? 0), 0)
  const [incoming, missed] = [countOf('incoming'), countOf('missed')]
  const times = CALL_DURATIONS.flatMap((duration): [string, number | null][] => {
    const { mean, median, ninetieth } = spreadOf(durationOf(duration, tallies))
    return [
      [`${duration}Seconds`, mean],
      [`${duration}Median`, median],
      [`${duration}90`, ninetieth],
    ]
  })
  return {
    ...Object.fromEntries(CALL_FIGURES.map((figure) => [figure, countOf(figure)])),
    ...Object.fromEntries(times),
    serviceLevel: incoming === 0 ? null : countOf('inTime') / incoming,
    calledBackRatio: missed === 0 ? null : countOf('calledBack') / missed,
  }
}

function durationOf(duration: CallDuration, tallies: readonly CallTally[]): Counted {
  const [first = new Map<number, number>(), ...others] = tallies.flatMap(
    ({ durations }) => durations.get(duration) ?? [],
  )
  if (others.length === 0) return first
  const together = new Map(first)
  for (const lengths of others) {
    for (const [seconds, calls] of lengths)
      together.set(seconds, (together.get(seconds) ?? 0) + calls)
  }
  return together
}
