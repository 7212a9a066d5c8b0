/** Several parts of one call as one line of time. */

/** A part as far as it is known: how long, and how loud where (0 to 255 per channel). */
export interface Stretch {
  readonly seconds: number | null
  readonly channels: readonly (readonly number[])[]
}

export interface Place {
  readonly index: number
  readonly offset: number
}

/** Where each part begins. A part of unknown length counts as nothing until it is known. */
export function startsOf(stretches: readonly Pick<Stretch, 'seconds'>[]): number[] {
  let start = 0
  return stretches.map(({ seconds }) => {
    const own = start
    start += seconds ?? 0
    return own
  })
}

/** How long all parts are together; null until every one is known. */
export function lengthOf(stretches: readonly Pick<Stretch, 'seconds'>[]): number | null {
  let sum = 0
  for (const { seconds } of stretches) {
    if (seconds === null) return null
    sum += seconds
  }
  return stretches.length === 0 ? null : sum
}

/** The part in which an instant of the whole lies, and where in it. */
export function placeAt(stretches: readonly Pick<Stretch, 'seconds'>[], time: number): Place {
  const starts = startsOf(stretches)
  const found = starts.findLastIndex((start) => start <= time)
  const index = Math.max(0, found)
  return { index, offset: Math.max(0, time - (starts[index] ?? 0)) }
}

/** Two where any part has a left and a right that are not the same. */
export function channelCount(stretches: readonly Stretch[]): 1 | 2 {
  return stretches.some(({ channels: [left, right] }) => isDifferent(left, right)) ? 2 : 1
}

/** Coders are not exact: what is nearly the same is one voice on both sides. */
const SAME = 12

function isDifferent(left: readonly number[] = [], right?: readonly number[]): boolean {
  return right?.some((point, at) => Math.abs(point - (left[at] ?? 0)) > SAME) ?? false
}

/** The loudest of each of `count` equal spans of the whole, from 0 to 1; silence where it is not known. */
export function barsOf(stretches: readonly Stretch[], channel: number, count: number): number[] {
  const length = stretches.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)
  const bars = new Array<number>(count).fill(0)
  if (length <= 0) return bars
  const starts = startsOf(stretches)
  for (const [index, { seconds, channels }] of stretches.entries()) {
    const points = channels[channel] ?? channels[0] ?? []
    const first = starts[index] ?? 0
    for (const [at, point] of points.entries()) {
      const from = first + (at / points.length) * (seconds ?? 0)
      const to = first + ((at + 1) / points.length) * (seconds ?? 0)
      const last = Math.max(from, to - 1e-6)
      for (let bar = barAt(from); bar <= barAt(last); bar += 1) {
        bars[bar] = Math.max(bars[bar] ?? 0, point / 255)
      }
    }
  }
  return bars

  function barAt(time: number): number {
    return Math.min(count - 1, Math.floor((time / length) * count))
  }
}
