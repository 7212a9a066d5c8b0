import { v7 } from 'uuid'

/** Random bytes for many ids at once: asking for sixteen takes as long as asking for thousands. */
const pool = new Uint8Array(16 * 256)
let next = pool.length
let lastMs = 0
let sequence = 0

/** A new id (UUID version 7): those of one process sort in the order in which they were made. */
export function newId(): string {
  if (next === pool.length) {
    crypto.getRandomValues(pool)
    next = 0
  }
  const random = pool.subarray(next, next + 16)
  next += 16
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1
  } else {
    sequence += 1
  }
  return toText(v7({ random, msecs: lastMs, seq: sequence }, bytes))
}

const bytes = new Uint8Array(16)
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** By a table: the library looks at each text that it has made again. */
function toText(id: Uint8Array): string {
  let text = ''
  for (let at = 0; at < 16; at += 1) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += '-'
    text += HEX[id[at]!]
  }
  return text
}
