import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import {
  type Cut,
  type FactTable,
  facts,
  factsWithin,
  groupColumns,
  instants,
  type ReportFilter,
  type TimeCell,
} from './report-filter.ts'

/** Has PostgreSQL run a query of a report; several wait for each other where they would be too many. */
export type RunQuery = <Row>(query: RawBuilder<Row>, manner: Manner) => Promise<readonly Row[]>

/** By one process, as one of several queries that share the work; or as PostgreSQL plans it. */
export type Manner = 'byOneProcess' | 'asPlanned'

/** Which facts are counted in which rows. */
export interface RowsOf {
  readonly filter: ReportFilter
  readonly cut: Cut
}

/** Facts of some rows, as `fact`. */
export interface PartOfFacts {
  readonly facts: RawBuilder<unknown>
  /** By what a query of them groups; nothing where all of them are of one row. */
  readonly columns: readonly RawBuilder<unknown>[]
}

/** Of each row its `cell`, where rows stand for times. */
export type QueryOfPart<Row> = (part: PartOfFacts) => RawBuilder<Row>

/** What is shorter is counted at once. */
const SHORT_MS = 7 * 86_400_000

/** As many share the work on a report. */
const PARTS = 4

/**
 * Queries that together look at all facts of a report, and may run at the same time. A row that does not stand
 * for a time comes out in parts, which add up; unless `isWhole`: then it is counted at once.
 */
export function queriesOf<Row>(
  table: FactTable,
  { filter, cut }: RowsOf,
  query: QueryOfPart<Row>,
  isWhole = false,
): RawBuilder<Row>[] {
  const parts = isShort(filter) || (isWhole && !('cells' in cut)) ? 1 : PARTS
  if (!('cells' in cut)) {
    const columns = groupColumns(cut)
    return partsOf(filter, parts).map((part) => query({ facts: facts(table, part), columns }))
  }
  // Nights and days alike to each.
  return Array.from({ length: parts }, (_, part) => {
    const cells = cut.cells.filter((_each, index) => index % parts === part)
    return byCells(
      cells,
      (limits) => ({ facts: factsWithin(table, filter, limits), columns: [] }),
      query,
    )
  })
}

function isShort({ from, to }: ReportFilter): boolean {
  return to.getTime() - from.getTime() <= SHORT_MS
}

function partsOf(filter: ReportFilter, count: number): readonly ReportFilter[] {
  const [start, end] = [filter.from.getTime(), filter.to.getTime()]
  const limitAt = (index: number) => new Date(start + Math.floor(((end - start) * index) / count))
  return Array.from({ length: count }, (_, index) => ({
    ...filter,
    from: limitAt(index),
    to: limitAt(index + 1),
  }))
}

/**
 * One row after the other, each by its own spans: its groups fit into the processor's own memory, and no fact
 * has to be looked up among a year's hours.
 */
function byCells<Row>(
  cells: readonly TimeCell[],
  partWithin: (limits: Parameters<typeof factsWithin>[2]) => PartOfFacts,
  query: QueryOfPart<Row>,
): RawBuilder<Row> {
  const spans = cells.flatMap((each) => each.spans)
  const firsts: number[] = []
  let place = 1
  for (const each of cells) {
    firsts.push(place)
    place += each.spans.length
  }
  const lasts = [...firsts.slice(1), place].map((next) => next - 1)
  const own = (limits: readonly Date[]) => sql`(${instants(limits)})[cell.first:cell.last]`
  const limits = [own(spans.map(({ from }) => from)), own(spans.map(({ to }) => to))] as const
  return sql<Row>`
    select cell.cell, row.* from unnest(
      ${integers(cells.map(({ cell }) => cell))}, ${integers(firsts)}, ${integers(lasts)}
    ) as cell (cell, first, last)
    cross join lateral (${query(partWithin(limits))}) as row
  `
}

function integers(numbers: readonly number[]): RawBuilder<readonly number[]> {
  return sql`${`{${numbers.join(',')}}`}::integer[]`
}

/** Runs a query of a report. A plan for any period would look up each fact of a year by its time. */
export function runQuery<Row>(
  db: Db,
  query: RawBuilder<Row>,
  manner: Manner,
): Promise<readonly Row[]> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`.execute(tx)
    if (manner === 'byOneProcess') await byOneProcess(tx)
    return (await query.execute(tx)).rows
  })
}

/**
 * Workers of PostgreSQL would find the same groups several times. To compile a part takes longer than it saves;
 * its groups are to stay in memory, without sorting texts; and its facts lie together: page by page they are
 * read sooner than one by one.
 */
async function byOneProcess(tx: Db): Promise<void> {
  await sql`select set_config('jit', 'off', true), set_config('enable_sort', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('enable_indexscan', 'off', true),
    set_config('work_mem', greatest(
      pg_size_bytes(current_setting('work_mem')) / 1024, ${WORK_MEM_KB}::integer)::text, true)
  `.execute(tx)
}

const WORK_MEM_KB = 32 * 1024
