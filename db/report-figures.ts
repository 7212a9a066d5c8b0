import { type RawBuilder, sql } from 'kysely'
import {
  type Cut,
  type GroupKey,
  groupBy,
  isOneOf,
  type ReportFilter,
  SPAN,
  toGroupKey,
} from './report-filter.ts'
import { type PartOfFacts, queriesOf, type RowsOf, type RunQuery } from './report-parts.ts'

/** What is counted of cases (REP-1 to REP-6). */
export type CaseFigure =
  | 'newTotal'
  | 'newUser'
  | 'reopened'
  | 'newAndReopened'
  | 'handled'
  | 'responded'
  | 'totalResponses'
  | 'closed'
  | 'resolved'
  | 'slaResolutionViolated'

/** What the resolution SLA asks for. */
export interface ResolutionTarget {
  /** Whether a case took too long, as SQL. */
  isMissed(opened: RawBuilder<Date>, closed: RawBuilder<Date>): RawBuilder<boolean>
}

/** What facts of cases are counted how. */
export interface CaseQuestion extends RowsOf {
  readonly figures: readonly CaseFigure[]
  readonly target: ResolutionTarget
}

/** A row's figures, and what it gives to the total: a day counts a case that another day counted. */
export interface CaseCounts {
  readonly key: GroupKey
  readonly counts: Readonly<Record<string, number>>
  readonly inTotal: Readonly<Record<string, number>>
  /** The sum of the resolution times. */
  readonly resolutionSeconds: number
  readonly resolutionInTotal: number
}

type Instant = RawBuilder<unknown>

/** In which time a case counts once, and by whom it is handled. */
export interface Counting {
  readonly from: Instant
  readonly to: Instant
  readonly handledBy: 'anybody' | 'oneAgent' | readonly (string | null)[]
}

type CaseFact = 'opened' | 'reopened' | 'handled' | 'responded' | 'closed'
/** Which facts of a kind count; null: all of them. */
type Condition = RawBuilder<boolean> | null

/** The facts that a figure counts, by their kinds. */
function countedBy(
  figure: CaseFigure,
  counting: Counting,
  target: ResolutionTarget,
): readonly (readonly [CaseFact, Condition])[] {
  const { from, to } = counting
  const isFirst = sql<boolean>`(fact.previous_at is null or fact.previous_at < ${from})`
  const isLast = sql`(fact.next_at is null or fact.next_at >= ${to})`
  const isResolved = sql<boolean>`${isLast} and fact.at <> fact.opened_at`
  const isReopened = sql<boolean>`${isFirst} and fact.opened_at < ${from}`
  switch (figure) {
    case 'newTotal':
      return [['opened', null]]
    case 'newUser':
      return [['opened', sql`fact.direction = 'incoming'`]]
    case 'reopened':
      return [['reopened', isReopened]]
    case 'newAndReopened':
      return [
        ['opened', null],
        ['reopened', isReopened],
      ]
    case 'handled':
      return [['handled', isFirstHandling(counting, isFirst)]]
    case 'responded':
      return [['responded', isFirst]]
    case 'totalResponses':
      return [['responded', null]]
    case 'closed':
      return [['closed', sql`${isLast} and fact.has_record`]]
    case 'resolved':
      return [['closed', isResolved]]
    case 'slaResolutionViolated': {
      const isMissed = target.isMissed(sql`fact.opened_at`, sql`fact.at`)
      return [['closed', sql`${isResolved} and ${isMissed}`]]
    }
  }
}

/** The facts that a figure counts, as a condition: what is behind it is listed by it. */
export function counts(
  figure: CaseFigure,
  counting: Counting,
  target: ResolutionTarget,
): RawBuilder<boolean> {
  const kinds = countedBy(figure, counting, target).map(([kind, condition]) =>
    condition === null
      ? sql`fact.kind = ${sql.lit(kind)}`
      : sql`fact.kind = ${sql.lit(kind)} and ${condition}`,
  )
  return sql`(${sql.join(kinds, sql` or `)})`
}

/** Of several agents the first counts a case; what the others did before is looked up. */
function isFirstHandling(
  { from, handledBy }: Counting,
  isFirst: RawBuilder<boolean>,
): RawBuilder<boolean> {
  if (handledBy === 'anybody') return isFirst
  const isFirstOwn = sql<boolean>`(fact.previous_own_at is null or fact.previous_own_at < ${from})`
  if (handledBy === 'oneAgent') return isFirstOwn
  return sql<boolean>`${isFirstOwn} and (${isFirst} or not exists (
    select from case_facts as earlier
    where earlier.case_id = fact.case_id and earlier.kind = 'handled' and earlier.at >= ${from}
      and (earlier.at, earlier.id) < (fact.at, fact.id)
      and ${isOneOf(sql.ref('earlier.agentId'), handledBy)}
  ))`
}

/** How the total of a report counts. */
export function countingInTotal({ from, to, agentIds }: ReportFilter): Counting {
  const period = { from: sql`${from}::timestamptz`, to: sql`${to}::timestamptz` }
  if (agentIds === null) return { ...period, handledBy: 'anybody' }
  return { ...period, handledBy: agentIds.length === 1 ? 'oneAgent' : agentIds }
}

/** How a row counts: a day as if it were the period; an hour does so for what is handled. */
export function countingInRow(figure: CaseFigure, { filter, cut }: RowsOf): Counting {
  const inTotal = countingInTotal(filter)
  if (!isCountedApart(figure, cut)) return inTotal
  return 'cells' in cut ? { ...inTotal, ...SPAN } : { ...inTotal, handledBy: 'oneAgent' }
}

/** Whether a row counts otherwise than the total does. */
function isCountedApart(figure: CaseFigure, cut: Cut): boolean {
  return (
    cut.type === 'day' || (figure === 'handled' && (cut.type === 'agent' || cut.type === 'hour'))
  )
}

/**
 * Counts the cases of a report in one scan: its rows, and what they give to the total; a row may come in
 * parts, which add up. Each fact is looked at once, by the conditions of its kind alone, and marked with
 * what it counts for; facts that are marked alike are counted together. Marks come out of a union: of such
 * a column PostgreSQL expects few different values, and groups in memory.
 */
export async function countCases(run: RunQuery, question: CaseQuestion): Promise<CaseCounts[]> {
  const marks = marksOf(question)
  const isTimed = question.figures.includes('resolved')
  const queries = queriesOf('caseFacts', question, (part) => marked(part, marks, isTimed), true)
  const counted = await Promise.all(
    queries.map(async (query) => {
      const rows = await run(query, 'cells' in question.cut ? 'byOneProcess' : 'asPlanned')
      const groups = Map.groupBy(rows, (row) => JSON.stringify(toGroupKey(question.cut, row)))
      return [...groups.values()].map((group) =>
        addMarked(toGroupKey(question.cut, group[0]!), group, marks),
      )
    }),
  )
  return counted.flat()
}

function marked(
  { facts, columns }: PartOfFacts,
  marks: readonly Mark[],
  isTimed: boolean,
): RawBuilder<Record<string, unknown>> {
  const lasted = isTimed
    ? sql`case fact.kind when 'closed' then ${RESOLUTION} end`
    : sql`null::interval`
  const found = sql`select ${sql.join([...columns, sql`${markOf(marks)} as mark`, sql`${lasted} as lasted`])}
    from ${facts}`
  return sql`
    select ${sql.join([...columns, sql`mark`])}, count(*) as facts,
      date_part('epoch', sum(lasted)) as seconds
    from (${found} where ${isMarked(marks)} union all ${found} where false) as marked
    ${groupBy(columns.length + 1)}
  `
}

/** A bit of a fact's mark: it counts for a figure in its row, in the total, or in both. */
interface Mark {
  readonly figure: CaseFigure
  readonly inRow: boolean
  readonly inTotal: boolean
  readonly kinds: readonly (readonly [CaseFact, Condition])[]
}

function marksOf({ filter, cut, figures, target }: CaseQuestion): readonly Mark[] {
  const total = countingInTotal(filter)
  return figures.flatMap((figure): Mark[] => {
    const row = countingInRow(figure, { filter, cut })
    const inRow = { figure, inRow: true, kinds: countedBy(figure, row, target) }
    const isAlike = inRow.kinds.every(([, condition]) => condition === null)
    if (isAlike || !isCountedApart(figure, cut)) return [{ ...inRow, inTotal: true }]
    return [
      { ...inRow, inTotal: false },
      { figure, inRow: false, inTotal: true, kinds: countedBy(figure, total, target) },
    ]
  })
}

/** What a fact counts for, as a number of bits. */
function markOf(marks: readonly Mark[]): RawBuilder<number> {
  const cases = kindsOf(marks).map((kind) => {
    const bits = marks.flatMap(({ kinds }, bit) =>
      kinds
        .filter(([own]) => own === kind)
        .map(([, condition]) => {
          const value = sql.lit(2 ** bit)
          return condition === null ? value : sql`case when ${condition} then ${value} else 0 end`
        }),
    )
    return sql`when ${sql.lit(kind)} then ${sql.join(bits, sql` + `)}`
  })
  return sql`case fact.kind ${sql.join(cases, sql` `)} else 0 end`
}

/** What is closed can be read without all the others; of several kinds the mark says it. */
function isMarked(marks: readonly Mark[]): RawBuilder<boolean> {
  const kinds = kindsOf(marks)
  return kinds.length > 2
    ? sql`true`
    : sql`fact.kind in (${sql.join(kinds.map((kind) => sql.lit(kind)))})`
}

/** From the most frequent to the rarest: texts are compared until one is the same. */
const KINDS: readonly CaseFact[] = ['handled', 'opened', 'closed', 'responded', 'reopened']

/** The kinds of facts that count at all. */
function kindsOf(marks: readonly Mark[]): readonly CaseFact[] {
  const found = new Set(marks.flatMap(({ kinds }) => kinds.map(([kind]) => kind)))
  return KINDS.filter((kind) => found.has(kind))
}

function addMarked(
  key: GroupKey,
  rows: readonly Readonly<Record<string, unknown>>[],
  marks: readonly Mark[],
): CaseCounts {
  const added = (where: 'inRow' | 'inTotal', column: string) =>
    Object.fromEntries(
      marks.flatMap((mark, bit): [string, number][] => {
        if (!mark[where]) return []
        const marked = rows.filter((row) => (Number(row.mark) & (2 ** bit)) !== 0)
        return [[mark.figure, marked.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)]]
      }),
    )
  return {
    key,
    counts: added('inRow', 'facts'),
    inTotal: added('inTotal', 'facts'),
    resolutionSeconds: added('inRow', 'seconds').resolved ?? 0,
    resolutionInTotal: added('inTotal', 'seconds').resolved ?? 0,
  }
}

/** From opening to closing; a PBX whose clock is ahead may say that the call ended after it. */
const RESOLUTION = sql`(greatest(fact.at, fact.opened_at) - fact.opened_at)`

/** The median and the 90th percentile of the resolution times. */
export interface ResolutionSpread {
  readonly key: GroupKey
  readonly median: number
  readonly ninetieth: number
}

/** Of each row; of the whole with the cut `none`. */
export async function spreadResolution(run: RunQuery, rows: RowsOf): Promise<ResolutionSpread[]> {
  const isResolved = counts('resolved', countingInRow('resolved', rows), NO_TARGET)
  const queries = queriesOf('caseFacts', rows, (part) => spread(part, isResolved), true)
  const spreads = await Promise.all(queries.map((query) => run(query, 'asPlanned')))
  return spreads.flat().flatMap((row) => {
    const { median, ninetieth } = row
    return median === null ? [] : [{ key: toGroupKey(rows.cut, row), median, ninetieth }]
  })
}

/** PostgreSQL computes both at once; the drivers do not all read arrays. */
function spread(
  { facts, columns }: PartOfFacts,
  isResolved: RawBuilder<boolean>,
): RawBuilder<Record<string, unknown> & { median: number; ninetieth: number }> {
  const quantiles = sql`percentile_cont(array[0.5, 0.9]) within group (
    order by date_part('epoch', ${RESOLUTION})
  )`
  return sql`
    select ${sql.join([
      ...columns,
      sql`(${quantiles})[1] as median`,
      sql`(${quantiles})[2] as ninetieth`,
    ])}
    from ${facts} where ${isResolved} ${groupBy(columns.length)}
  `
}

const NO_TARGET: ResolutionTarget = { isMissed: () => sql`false` }
