import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createAmiParser } from '../../server/sources/ami-parser.ts'
import { createRandom } from '../support/random.ts'
import type { Played } from './fuzz-alive.ts'
import { hostileAmi, RESYNC, splits } from './fuzz-noise.ts'

const MB = 1024 * 1024
/** What the parser may hold, one unfinished packet, with the last pieces of noise themselves. */
const MAX_HELD_MB = 16

/** What is held after collections: the noise itself is gone then, its long strings after the second one. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times += 1) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Feeds the parser; after each piece of noise a whole packet must come out whole. */
export async function fuzzParser({
  megabytes,
  seed,
}: {
  readonly megabytes: number
  readonly seed: number
}): Promise<Played> {
  const random = createRandom(seed ^ 0x5eed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const failures: string[] = []
  let packets = 0
  let dropped = 0
  let sentinel: string | undefined
  const parser = createAmiParser({
    onPacket: (packet) => {
      packets += 1
      if (packet.event === 'Sentinel') sentinel = packet.fields.find(([key]) => key === 'No')?.[1]
    },
    onError: () => {
      dropped += 1
    },
  })
  // Once the recordings are there.
  let base: number | null = null
  let bytes = 0
  let slowestMs = 0
  const begin = performance.now()
  for await (const noise of hostileAmi(seed)) {
    if (bytes >= megabytes * MB || failures.length > 5) break
    base ??= heldBytes()
    const no = String(bytes)
    const piece = Buffer.concat([
      noise,
      RESYNC,
      Buffer.from(`Event: Sentinel\r\nNo: ${no}\r\n\r\n`),
    ])
    const at = performance.now()
    try {
      for (const part of splits(piece, below)) parser.feed(part)
    } catch (error) {
      failures.push(`the parser threw after ${bytes} bytes: ${String(error)}`)
    }
    slowestMs = Math.max(slowestMs, performance.now() - at)
    if (sentinel !== no) failures.push(`the packet after ${bytes} bytes of noise did not come out`)
    bytes += piece.length
  }
  if (slowestMs > 2000) failures.push(`the parser took ${slowestMs.toFixed(0)} ms for one piece`)
  const grownMb = (heldBytes() - (base ?? 0)) / MB
  if (grownMb > MAX_HELD_MB) failures.push(`the parser holds ${grownMb.toFixed(0)} MiB`)
  const seconds = (performance.now() - begin) / 1000
  return {
    failures,
    lines: [
      `AMI parser: ${(bytes / MB).toFixed(0)} MiB in ${seconds.toFixed(1)} s, ${packets} packets, ${dropped} left out, slowest piece ${slowestMs.toFixed(0)} ms, holds +${grownMb.toFixed(1)} MiB`,
    ],
  }
}
