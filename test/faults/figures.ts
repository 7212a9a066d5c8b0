/** Figures beside what they are compared with, and whether all of them are met. */
export interface Figures {
  /** `found` must not be above `allowed`. */
  atMost(what: string, found: number, allowed: number): void
  /** The list must be empty; its first entries are printed. */
  none(what: string, found: readonly string[]): void
  readonly areMet: () => boolean
}

const SHOWN = 8

export function createFigures(say: (line: string) => void): Figures {
  let areMet = true
  const line = (isMet: boolean, what: string, words: string): void => {
    if (!isMet) areMet = false
    say(`  ${isMet ? 'pass' : 'FAIL'}  ${what}: ${words}`)
  }
  return {
    atMost: (what, found, allowed) => {
      const words = Number.isInteger(found) ? String(found) : found.toFixed(2)
      line(found <= allowed, what, `${words}, allowed ${Number(allowed.toFixed(2))}`)
    },
    none: (what, found) => {
      line(found.length === 0, what, `${found.length}, allowed 0`)
      for (const each of found.slice(0, SHOWN)) say(`          ${each}`)
      if (found.length > SHOWN) say(`          and ${found.length - SHOWN} more`)
    },
    areMet: () => areMet,
  }
}
