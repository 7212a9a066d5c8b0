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
      line(found <= allowed, what, `${words}, allowed ${allowed}`)
    },
    none: (what, found) => {
      line(found.length === 0, what, `${found.length}, allowed 0`)
      for (const each of found.slice(0, SHOWN)) say(`          ${each}`)
      if (found.length > SHOWN) say(`          and ${found.length - SHOWN} more`)
    },
    areMet: () => areMet,
  }
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** A whole number from the command line. */
export function wholeNumber(name: string, text: string, least = 1): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  throw new Error(`--${name} is "${text}", expected a whole number from ${least} on`)
}
