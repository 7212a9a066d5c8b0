import type { Db } from '../../db/database.ts'
import {
  type CaseCounts,
  type CaseFigure,
  type CaseQuestion,
  countCases,
  type ResolutionSpread,
  spreadResolution,
} from '../../db/report-figures.ts'
import type { GroupKey } from '../../db/report-filter.ts'

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
  db: Db,
  columns: readonly string[],
  question: Omit<CaseQuestion, 'figures'>,
): Promise<ReportValues> {
  const figures = [...new Set(columns.flatMap((column) => MADE_OF[column] ?? []))]
  const whole = { filter: question.filter, cut: { type: 'none' } as const }
  const isSpread = columns.includes('resolutionMedian')
  const hasRows = question.cut.type !== 'none'
  const [counted, spreads, [spread]] = await Promise.all([
    countCases(db, { ...question, figures }),
    isSpread && hasRows ? spreadResolution(db, question) : [],
    isSpread ? spreadResolution(db, whole) : [],
  ])
  const spreadByKey = new Map(spreads.map((each) => [JSON.stringify(each.key), each]))
  return {
    rows: counted.map(({ key, counts, resolutionSeconds }) => ({
      key,
      values: toValues(columns, counts, resolutionSeconds, spreadByKey.get(JSON.stringify(key))),
    })),
    total: toValues(
      columns,
      added(figures, counted),
      counted.reduce((sum, each) => sum + each.resolutionInTotal, 0),
      spread,
    ),
  }
}

function added(figures: readonly CaseFigure[], counted: readonly CaseCounts[]) {
  return Object.fromEntries(
    figures.map((figure) => [
      figure,
      counted.reduce((sum, each) => sum + (each.inTotal[figure] ?? 0), 0),
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
