/** How often each value was there. */
export type Counted = ReadonlyMap<number, number>

/** The mean, the median and the 90th percentile of some durations; null: there were none. */
export interface Spread {
  readonly mean: number | null
  readonly median: number | null
  readonly ninetieth: number | null
}

/** From the values' counts, as exactly as these are; `sum`: of all values. */
export function spreadOf(counted: Counted, sum: number): Spread {
  const values = [...counted].sort(([a], [b]) => a - b)
  const length = values.reduce((sum, [, count]) => sum + count, 0)
  if (length === 0) return { mean: null, median: null, ninetieth: null }
  return {
    mean: sum / length,
    median: percentile(values, length, 5),
    ninetieth: percentile(values, length, 9),
  }
}

/**
 * Between two values in proportion, as a spreadsheet's MEDIAN and PERCENTILE and PostgreSQL's
 * `percentile_cont` do: of 10 and 20 the median is 15 and the 90th percentile 19.
 */
function percentile(
  values: readonly (readonly [number, number])[],
  length: number,
  tenths: number,
): number {
  // Tenths of a rank are whole numbers: nothing is rounded.
  const rank = tenths * (length - 1)
  const below = valueAt(values, Math.floor(rank / 10))
  const above = valueAt(values, Math.ceil(rank / 10))
  return below + ((above - below) * (rank % 10)) / 10
}

function valueAt(values: readonly (readonly [number, number])[], rank: number): number {
  let seen = 0
  for (const [value, count] of values) {
    seen += count
    if (rank < seen) return value
  }
  throw new RangeError(`there is no value ${rank} among ${seen}`)
}
