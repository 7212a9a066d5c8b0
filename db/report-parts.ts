import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import {
  type Cut,
  type FactTable,
  facts,
  factsWithin,
  groupColumns,
  instantsOf,
  numbersOf,
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

/** Facts to be counted, as `fact`. */
export interface CountedFacts {
  readonly facts: RawBuilder<unknown>
  /** By what a query of them groups; nothing where all of them are of one row. */
  readonly columns: readonly RawBuilder<unknown>[]
}

/** All facts of a report. */
export function factsOf(table: FactTable, { filter, cut }: RowsOf): CountedFacts {
  const cells = 'cells' in cut ? cut.cells : []
  return { facts: facts(table, filter, cells), columns: groupColumns(cut) }
}

/** What is shorter is counted at once. */
const SHORT_MS = 7 * 86_400_000

/** As many share the work on a report. */
const PARTS = 2

/**
 * Queries that together look at all facts of a report, and may run at the same time. A row that does not stand
 * for a time comes out in parts, which add up.
 */
export function queriesOf<Row>(
  table: FactTable,
  { filter, cut }: RowsOf,
  query: (counted: CountedFacts) => RawBuilder<Row>,
): readonly RawBuilder<Row>[] {
  const [start, end] = [filter.from.getTime(), filter.to.getTime()]
  const count = end - start <= SHORT_MS ? 1 : PARTS
  const limitAt = (index: number) => new Date(start + Math.floor(((end - start) * index) / count))
  return Array.from({ length: count }, (_, part) => {
    if (!('cells' in cut)) {
      const within = { ...filter, from: limitAt(part), to: limitAt(part + 1) }
      return query(factsOf(table, { filter: within, cut }))
    }
    // Nights and days alike to each.
    const cells = cut.cells.filter((_each, index) => index % count === part)
    return byCells(cells, (limits) =>
      query({ facts: factsWithin(table, filter, limits), columns: [] }),
    )
  })
}

/**
 * One row after the other, each by its own spans: where a row has many groups, they fit into the processor's own
 * memory.
 */
function byCells<Row>(
  cells: readonly TimeCell[],
  queryWithin: (limits: Parameters<typeof factsWithin>[2]) => RawBuilder<Row>,
): RawBuilder<Row> {
  const spans = cells.flatMap((each) => each.spans)
  const firsts: number[] = []
  let place = 1
  for (const each of cells) {
    firsts.push(place)
    place += each.spans.length
  }
  const lasts = [...firsts.slice(1), place].map((next) => next - 1)
  const own = (limits: RawBuilder<unknown>) => sql`${limits}[cell.first:cell.last]`
  const query = queryWithin({
    begins: own(instantsOf(spans.map(({ from }) => from))),
    ends: own(instantsOf(spans.map(({ to }) => to))),
  })
  return sql<Row>`
    select cell.cell, row.*
    from unnest(${sql.join([cells.map(({ cell }) => cell), firsts, lasts].map(numbersOf))})
      as cell (cell, first, last)
    cross join lateral (${query}) as row
  `
}

/**
 * Runs a query of a report. A plan for any period would look up each fact of a year by its time, and to compile a
 * query takes longer than it saves.
 */
export function runQuery<Row>(
  db: Db,
  query: RawBuilder<Row>,
  manner: Manner,
): Promise<readonly Row[]> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('plan_cache_mode', 'force_custom_plan', true),
      set_config('random_page_cost', '4', true)`.execute(tx)
    if (manner === 'byOneProcess') await byOneProcess(tx)
    return (await query.execute(tx)).rows
  })
}

/**
 * Workers of PostgreSQL would find the same groups several times. They are to stay in memory, without sorting; and
 * the facts of a part lie together: page by page they are read sooner than one by one, and sooner than all facts for
 * each row.
 */
async function byOneProcess(tx: Db): Promise<void> {
  await sql`select set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('enable_indexscan', 'off', true),
    set_config('work_mem', greatest(
      pg_size_bytes(current_setting('work_mem')) / 1024, ${WORK_MEM_KB}::integer)::text, true)
  `.execute(tx)
}

const WORK_MEM_KB = 32 * 1024
