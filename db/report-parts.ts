import { sql } from 'kysely'
import type { Db } from './database.ts'
import type { Cut, ReportFilter } from './report-filter.ts'

/** From one instant until before another. */
export interface TimeSpan {
  readonly from: Date
  readonly to: Date
}

/** A row that stands for a time: a day is one span, Mondays from 9 to 10 are one a week. */
export interface TimeCell {
  readonly cell: number
  readonly spans: readonly TimeSpan[]
}

/** What is shorter is counted at once. */
const SHORT_MS = 7 * 86_400_000

/** Cuts a period into parts that are counted at the same time, each by a process of PostgreSQL. */
export function partsOf(filter: ReportFilter, count: number): readonly ReportFilter[] {
  if (isShort(filter)) return [filter]
  const [start, end] = [filter.from.getTime(), filter.to.getTime()]
  const limitAt = (index: number) => new Date(start + Math.floor(((end - start) * index) / count))
  return Array.from({ length: count }, (_, index) => ({
    ...filter,
    from: limitAt(index),
    to: limitAt(index + 1),
  }))
}

/** Deals the rows that stand for times out to as many parts; nights and days alike to each. */
export function partsOfCells(
  filter: ReportFilter,
  cut: Extract<Cut, { bounds: unknown }>,
  count: number,
): readonly (readonly TimeCell[])[] {
  const cells = cellsOf(cut)
  if (isShort(filter)) return [cells]
  return Array.from({ length: count }, (_, part) =>
    cells.filter((_each, index) => index % count === part),
  )
}

function isShort({ from, to }: ReportFilter): boolean {
  return to.getTime() - from.getTime() <= SHORT_MS
}

function cellsOf(cut: Extract<Cut, { bounds: unknown }>): TimeCell[] {
  const spans = cut.bounds.slice(1).map((to, index) => ({ from: cut.bounds[index]!, to }))
  const cellAt = (index: number): number => (cut.type === 'day' ? index + 1 : cut.cells[index]!)
  const byCell = Map.groupBy(spans.keys(), cellAt)
  return [...byCell].map(([cell, indexes]) => ({ cell, spans: indexes.map((at) => spans[at]!) }))
}

/**
 * Runs a query of a part by one process: workers of PostgreSQL would find the same groups several times. To
 * compile it takes longer than it saves; its groups are to stay in memory, without sorting texts.
 */
export function inOneProcess<Value>(db: Db, work: (tx: Db) => Promise<Value>): Promise<Value> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('jit', 'off', true), set_config('enable_sort', 'off', true),
      set_config('max_parallel_workers_per_gather', '0', true),
      set_config('work_mem', greatest(
        pg_size_bytes(current_setting('work_mem')) / 1024, ${WORK_MEM_KB}::integer)::text, true)
    `.execute(tx)
    return work(tx)
  })
}

const WORK_MEM_KB = 32 * 1024
