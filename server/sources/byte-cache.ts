/** Remembers what the same few bytes mean, so that a repeated word becomes no new string. */
export interface ByteCache<T> {
  /** What `bytes[from..to)` stand for. */
  get(bytes: Uint8Array, from: number, to: number): T
}

const SLOTS = 4096
const MAX_BYTES = 64

/**
 * One entry a slot, the newest stays: bounded whatever a peer sends. `make` gets the bytes of a word that is not
 * there; words longer than 64 bytes are made anew each time. `onGone` gets what is not remembered, or not any more.
 */
export function createByteCache<T>(
  make: (bytes: Uint8Array) => T,
  onGone: (value: T) => void = () => undefined,
): ByteCache<T> {
  const slots: ({ readonly bytes: Uint8Array; readonly value: T } | undefined)[] = Array.from({
    length: SLOTS,
  })
  return {
    get(bytes, from, to) {
      const slot = slotOf(bytes, from, to)
      const entry = slots[slot]
      if (entry !== undefined && isSame(entry.bytes, bytes, from, to)) return entry.value
      // Not `slice`: that of a `Buffer` is a view of memory which is written over.
      const copy = new Uint8Array(bytes.subarray(from, to))
      const value = make(copy)
      if (copy.length <= MAX_BYTES) {
        if (entry !== undefined) onGone(entry.value)
        slots[slot] = { bytes: copy, value }
      } else onGone(value)
      return value
    },
  }
}

/** By length, both ends and the middle: names of one protocol differ in these, and what does not is compared. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from
  if (length === 0) return 0
  const a = bytes[from]!
  const b = bytes[to - 1]!
  const c = bytes[from + (length >> 1)]!
  const d = bytes[from + (length >> 2)]!
  return (length * 31 + a * 7 + b * 61 + c * 257 + d * 1021) & (SLOTS - 1)
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = 0; i < known.length; i += 1) if (known[i] !== bytes[from + i]) return false
  return true
}
