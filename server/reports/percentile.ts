/** How often each value was there. */
export type Counted = ReadonlyMap<number, number>

/** The mean, the median and the 90th percentile of some durations; null: there were none. */
export interface Spread {
  readonly mean: number | null
  readonly median: number | null
  readonly ninetieth: number | null
}

/** From the values' counts, exactly. */
export function spreadOf(counted: Counted): Spread {
  const values = Float64Array.from(counted.keys()).sort()
  let [length, sum] = [0, 0]
  for (const [value, count] of counted) {
    length += count
    sum += value * count
  }
  if (length === 0) return { mean: null, median: null, ninetieth: null }
  return {
    mean: sum / length,
    median: percentile(values, counted, 5 * (length - 1)),
    ninetieth: percentile(values, counted, 9 * (length - 1)),
  }
}

/**
 * The value at so many tenths of a rank, which are whole numbers: nothing is rounded. Between two values in
 * proportion, as a spreadsheet's MEDIAN and PERCENTILE and PostgreSQL's `percentile_cont` do: of 10 and 20 the
 * median is 15 and the 90th percentile 19.
 */
function percentile(values: Float64Array, counted: Counted, tenths: number): number {
  const below = valueAt(values, counted, Math.floor(tenths / 10))
  const above = valueAt(values, counted, Math.ceil(tenths / 10))
  return below + ((above - below) * (tenths % 10)) / 10
}

function valueAt(values: Float64Array, counted: Counted, rank: number): number {
  let seen = 0
  for (const value of values) {
    seen += counted.get(value)!
    if (rank < seen) return value
  }
  throw new RangeError(`there is no value ${rank} among ${seen}`)
}
