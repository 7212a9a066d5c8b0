/** Remembers what the same few bytes mean, so that a repeated word becomes no new string. */
export interface ByteCache<T> {
  /** What `bytes[from..to)` stand for; `hash` is theirs, made by `mixByte` from `HASH_START`. */
  get(bytes: Uint8Array, from: number, to: number, hash: number): T
}

export const HASH_START = 0x811c9dc5 | 0

/** FNV-1a, one byte. */
export function mixByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}

const SLOTS = 4096
const MAX_BYTES = 64

/**
 * One entry a slot, the newest stays: bounded whatever a peer sends. `make` gets the bytes of a word
 * that is not there; words longer than 64 bytes are made anew each time.
 */
export function createByteCache<T>(make: (bytes: Uint8Array) => T): ByteCache<T> {
  const slots: ({ readonly bytes: Uint8Array; readonly value: T } | undefined)[] = Array.from({
    length: SLOTS,
  })
  return {
    get(bytes, from, to, hash) {
      const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
      const entry = slots[slot]
      if (entry !== undefined && isSame(entry.bytes, bytes, from, to)) return entry.value
      const copy = bytes.slice(from, to)
      const value = make(copy)
      if (copy.length <= MAX_BYTES) slots[slot] = { bytes: copy, value }
      return value
    },
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = 0; i < known.length; i += 1) if (known[i] !== bytes[from + i]) return false
  return true
}
