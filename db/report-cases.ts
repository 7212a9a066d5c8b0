import { type RawBuilder, sql } from 'kysely'
import {
  type CaseFact,
  type CaseFigure,
  type CaseQuestion,
  type Condition,
  type Counted,
  countedBy,
  countingInRow,
  countingInTotal,
  counts,
  isCountedApart,
  type ResolutionTarget,
} from './report-figures.ts'
import { type GroupKey, groupBy, toGroupKey } from './report-filter.ts'
import { type CountedFacts, factsOf, type RowsOf, type RunQuery } from './report-parts.ts'

/** A row's figures, and what it gives to the total: a day counts a case that another day counted. */
export interface CaseCounts {
  readonly key: GroupKey
  readonly counts: Readonly<Record<string, number>>
  readonly inTotal: Readonly<Record<string, number>>
  /** The sum of the resolution times. */
  readonly resolutionSeconds: number
  readonly resolutionInTotal: number
}

/**
 * Counts the cases of a report in one scan: its rows, and what they give to the total. Each fact is looked at once,
 * and marked with its kind and with which conditions hold for it; facts that are marked alike are counted together,
 * and figures are made of them afterwards. `limit all`: of what comes out of a query of its own PostgreSQL expects few
 * different values, and each of its workers groups them in memory.
 */
export async function countCases(run: RunQuery, question: CaseQuestion): Promise<CaseCounts[]> {
  const { cut, figures } = question
  const ways = waysOf(question)
  const marks = marksOf(ways)
  const isTimed = figures.includes('resolved')
  const rows = await run(marked(factsOf('caseFacts', question), marks, isTimed), 'asPlanned')
  const groups = Map.groupBy(rows, (row) => JSON.stringify(toGroupKey(cut, row)))
  return [...groups.values()].map((group) =>
    addUp(toGroupKey(cut, group[0]!), { ways, marks, rows: group }),
  )
}

interface MarkedFacts extends Readonly<Record<string, unknown>> {
  readonly mark: number
  readonly facts: number
  readonly seconds: number | null
}

function marked(
  { facts, columns }: CountedFacts,
  marks: Marks,
  isTimed: boolean,
): RawBuilder<MarkedFacts> {
  const lasted = isTimed
    ? sql`case fact.kind when 'closed' then ${RESOLUTION} end`
    : sql`null::interval`
  const found = sql`select ${sql.join([...columns, sql`${markOf(marks)} as mark`, sql`${lasted} as lasted`])}
    from ${facts}`
  return sql`
    select ${sql.join([...columns, sql`mark`])}, count(*) as facts,
      date_part('epoch', sum(lasted)) as seconds
    from (${found} where ${isMarked(marks)} limit all) as marked
    ${groupBy(columns.length + 1)}
  `
}

/** A figure as it is counted in a row, in the total, or in both alike. */
interface Way {
  readonly figure: CaseFigure
  readonly inRow: boolean
  readonly inTotal: boolean
  readonly counted: readonly Counted[]
}

function waysOf({ filter, cut, figures, target }: CaseQuestion): readonly Way[] {
  const total = countingInTotal(filter)
  return figures.flatMap((figure): Way[] => {
    const counted = countedBy(figure, countingInRow(figure, { filter, cut }), target)
    const isAlike = counted.every(([, ...conditions]) => conditions.length === 0)
    if (isAlike || !isCountedApart(figure, cut))
      return [{ figure, inRow: true, inTotal: true, counted }]
    return [
      { figure, inRow: true, inTotal: false, counted },
      { figure, inRow: false, inTotal: true, counted: countedBy(figure, total, target) },
    ]
  })
}

/** By kind, from the most frequent to the rarest: the conditions whose bits are set where they hold. */
type Marks = ReadonlyMap<CaseFact, readonly Condition[]>

/** Texts are compared until one is the same. */
const KINDS: readonly CaseFact[] = ['handled', 'opened', 'closed', 'responded', 'reopened']
/** The bits of a mark that say which kind a fact is of, as its number from one. */
const KIND_BITS = 3

function marksOf(ways: readonly Way[]): Marks {
  const all = ways.flatMap(({ counted }) => counted)
  const kinds = KINDS.filter((kind) => all.some(([own]) => own === kind))
  return new Map(
    kinds.map((kind) => {
      const conditions = all.flatMap(([own, ...each]) => (own === kind ? each : []))
      return [kind, [...new Map(conditions.map((each) => [each.name, each])).values()]]
    }),
  )
}

/** A number: the kind of a fact, and a bit for each condition that holds. */
function markOf(marks: Marks): RawBuilder<number> {
  const cases = [...marks].map(([kind, conditions]) => {
    const bits = conditions.map(
      ({ holds }, bit) =>
        sql`case when ${holds} then ${sql.lit(2 ** (KIND_BITS + bit))} else 0 end`,
    )
    return sql`when ${sql.lit(kind)} then ${sql.join([sql.lit(KINDS.indexOf(kind) + 1), ...bits], sql` + `)}`
  })
  return sql`case fact.kind ${sql.join(cases, sql` `)} else 0 end`
}

/** What is closed can be read without all the others; of several kinds the mark says it. */
function isMarked(marks: Marks): RawBuilder<boolean> {
  return marks.size > 2
    ? sql`true`
    : sql`fact.kind in (${sql.join([...marks.keys()].map((kind) => sql.lit(kind)))})`
}

function isCountedBy([kind, ...conditions]: Counted, mark: number, marks: Marks): boolean {
  if ((mark & (2 ** KIND_BITS - 1)) !== KINDS.indexOf(kind) + 1) return false
  const names = marks.get(kind)!.map(({ name }) => name)
  return conditions.every(({ name }) => (mark & (2 ** (KIND_BITS + names.indexOf(name)))) !== 0)
}

function addUp(
  key: GroupKey,
  { ways, marks, rows }: { ways: readonly Way[]; marks: Marks; rows: readonly MarkedFacts[] },
): CaseCounts {
  const added = (where: 'inRow' | 'inTotal', column: 'facts' | 'seconds') =>
    Object.fromEntries(
      ways
        .filter((way) => way[where])
        .map(({ figure, counted }): [string, number] => {
          const own = rows.filter(({ mark }) =>
            counted.some((each) => isCountedBy(each, mark, marks)),
          )
          return [figure, own.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)]
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
  const spreads = await run(spread(factsOf('caseFacts', rows), isResolved), 'asPlanned')
  return spreads.flatMap((row) => {
    const { median, ninetieth } = row
    return median === null ? [] : [{ key: toGroupKey(rows.cut, row), median, ninetieth }]
  })
}

/**
 * PostgreSQL computes both at once; the drivers do not all read arrays. First each row gets its times: to sort facts by
 * the names of queues takes three times as long.
 */
function spread(
  { facts, columns }: CountedFacts,
  isResolved: RawBuilder<boolean>,
): RawBuilder<Record<string, unknown> & { median: number; ninetieth: number }> {
  return sql`
    select ${sql.join([...columns, sql`quantiles[1] as median`, sql`quantiles[2] as ninetieth`])}
    from (
      select ${sql.join([...columns, sql`array_agg(date_part('epoch', ${RESOLUTION})) as times`])}
      from ${facts} where ${isResolved} ${groupBy(columns.length)}
    ) as own
    cross join lateral (
      select percentile_cont(array[0.5, 0.9]) within group (order by seconds) as quantiles
      from unnest(own.times) as time (seconds)
    ) as spread
  `
}

const NO_TARGET: ResolutionTarget = { isMissed: () => sql`false` }
