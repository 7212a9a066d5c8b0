/** The value below which a share of them lies. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  return Float64Array.from(values).sort()[Math.floor(share * values.length)] ?? Number.NaN
}

export function medianOf(values: ArrayLike<number>): number {
  return quantileOf(values, 0.5)
}
