import {
  type CaseCounts,
  countCases,
  type ResolutionSpread,
  spreadResolution,
} from '../../db/report-cases.ts'
import type { CaseFigure, CaseQuestion } from '../../db/report-figures.ts'
import type { GroupKey } from '../../db/report-filter.ts'
import type { RunQuery } from '../../db/report-parts.ts'

export type Values = Readonly<Record<string, number | null>>

/** The values of a report's rows and of the whole, by the columns' keys. */
export interface ReportValues {
  readonly rows: readonly { readonly key: GroupKey; readonly values: Values }[]
  readonly total: Values
}

/** Which counts a column is made of; what is behind it is what the first one counts. */
const MADE_OF: Readonly<Record<string, readonly [CaseFigure, ...CaseFigure[]]>> = {
  newTotal: ['newTotal'],
  newUser: ['newUser'],
  reopened: ['reopened'],
  newAndReopened: ['newAndReopened'],
  handled: ['handled'],
  responded: ['responded'],
  totalResponses: ['totalResponses'],
  responsesForResolution: ['totalResponses'],
  closed: ['closed'],
  resolved: ['resolved'],
  resolutionSeconds: ['resolved'],
  resolutionMedian: ['resolved'],
  resolution90: ['resolved'],
  slaResolutionViolated: ['slaResolutionViolated'],
  slaResolutionKept: ['resolved', 'slaResolutionViolated'],
}

/** What a column of cases counts or is computed of; null where it does not apply to calls. */
export function caseFigureBehind(column: string): CaseFigure | null {
  return MADE_OF[column]?.[0] ?? null
}

/** The columns of a report on cases (REP-1 to REP-6). */
export async function caseValues(
  run: RunQuery,
  columns: readonly string[],
  question: Omit<CaseQuestion, 'figures'>,
): Promise<ReportValues> {
  const figures = [...new Set(columns.flatMap((column) => MADE_OF[column] ?? []))]
  const whole = { filter: question.filter, cut: { type: 'none' } as const }
  const isSpread = columns.includes('resolutionMedian')
  const hasRows = question.cut.type !== 'none'
  // What cannot be shared begins first.
  const [[spread], spreads, counted] = await Promise.all([
    isSpread ? spreadResolution(run, whole) : [],
    isSpread && hasRows ? spreadResolution(run, question) : [],
    countCases(run, { ...question, figures }),
  ])
  const spreadByKey = new Map(spreads.map((each) => [JSON.stringify(each.key), each]))
  const byKey = Map.groupBy(counted, ({ key }) => JSON.stringify(key))
  return {
    rows: [...byKey].map(([key, own]) => ({
      key: own[0]!.key,
      values: toValues(
        columns,
        added(figures, own, 'counts'),
        own.reduce((sum, each) => sum + each.resolutionSeconds, 0),
        spreadByKey.get(key),
      ),
    })),
    total: toValues(
      columns,
      added(figures, counted, 'inTotal'),
      counted.reduce((sum, each) => sum + each.resolutionInTotal, 0),
      spread,
    ),
  }
}

function added(
  figures: readonly CaseFigure[],
  counted: readonly CaseCounts[],
  where: 'counts' | 'inTotal',
) {
  return Object.fromEntries(
    figures.map((figure) => [
      figure,
      counted.reduce((sum, each) => sum + (each[where][figure] ?? 0), 0),
    ]),
  )
}

function toValues(
  columns: readonly string[],
  counts: Readonly<Record<string, number>>,
  resolutionSeconds: number,
  spread: ResolutionSpread | undefined,
): Values {
  const resolved = counts.resolved ?? 0
  const valueIn = (column: string): number | null => {
    switch (column) {
      case 'resolutionSeconds':
        return resolved === 0 ? null : resolutionSeconds / resolved
      case 'resolutionMedian':
        return spread?.median ?? null
      case 'resolution90':
        return spread?.ninetieth ?? null
      case 'slaResolutionKept':
        return resolved === 0 ? null : 1 - (counts.slaResolutionViolated ?? 0) / resolved
      default: {
        const figure = caseFigureBehind(column)
        return figure === null ? null : (counts[figure] ?? 0)
      }
    }
  }
  return Object.fromEntries(columns.map((column) => [column, valueIn(column)]))
}
