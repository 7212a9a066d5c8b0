/** Sound as it is decoded: one array per channel, all of the same length, from -1 to 1. */
export type Sound = readonly Float32Array[]

/** So many points are enough for the widest player. */
export const MAX_POINTS = 1000
/** Finer than what comes out, so that folding does not move a peak. */
const MAX_BUCKETS = MAX_POINTS * 4

/** Remembers how loud each stretch of a recording is, without knowing beforehand how long it gets. */
export interface PeakMeter {
  feed(sound: Sound): void
  /** Per channel, up to 1,000 points from 0 to 255; empty where nothing was fed. */
  points(): Uint8Array[]
}

export function createPeakMeter(): PeakMeter {
  const rows: Float32Array[] = []
  let bucketSamples = 1
  let samples = 0

  function feed(sound: Sound): void {
    const length = sound[0]?.length ?? 0
    while (rows.length < sound.length && samples === 0) rows.push(new Float32Array(MAX_BUCKETS))
    for (let from = 0; from < length; ) {
      if (samples === MAX_BUCKETS * bucketSamples) {
        for (const row of rows) fold(row)
        bucketSamples *= 2
      }
      const bucket = Math.floor(samples / bucketSamples)
      const count = Math.min((bucket + 1) * bucketSamples - samples, length - from)
      for (const [channel, row] of rows.entries()) {
        const loudest = loudestOf(sound[channel] ?? sound[0], from, from + count)
        if (loudest > row[bucket]!) row[bucket] = loudest
      }
      from += count
      samples += count
    }
  }
  return {
    feed,
    points: () => (samples === 0 ? [] : rows.map((row) => toPoints(row, samples / bucketSamples))),
  }
}

/** Each two buckets become one. */
function fold(row: Float32Array): void {
  for (let to = 0; to < MAX_BUCKETS / 2; to += 1) {
    row[to] = Math.max(row[2 * to]!, row[2 * to + 1]!)
  }
  row.fill(0, MAX_BUCKETS / 2)
}

function loudestOf(samples: Float32Array | undefined, from: number, to: number): number {
  let loudest = 0
  if (samples === undefined) return loudest
  for (let at = from; at < to; at += 1) {
    const value = Math.abs(samples[at]!)
    if (value > loudest) loudest = value
  }
  return loudest
}

/** `length` buckets, the last of them perhaps in part, as points that all stand for the same time. */
function toPoints(row: Float32Array, length: number): Uint8Array {
  const count = Math.min(MAX_POINTS, Math.ceil(length))
  const points = new Uint8Array(count)
  for (let point = 0; point < count; point += 1) {
    const from = Math.floor((point * length) / count)
    const to = Math.max(from + 1, Math.ceil(((point + 1) * length) / count))
    points[point] = Math.min(255, Math.round(loudestOf(row, from, to) * 255))
  }
  return points
}
