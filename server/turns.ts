/** Lets few begin at the same time; the others wait for their turn, first come, first served. */
export interface Turns {
  /** Resolves with what is called when the next one may begin. */
  take(): Promise<() => void>
}

export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = []
  let free = atOnce
  const give = (): (() => void) => {
    let isGiven = true
    return () => {
      if (!isGiven) return
      isGiven = false
      const next = waiting.shift()
      if (next === undefined) free += 1
      else setImmediate(next)
    }
  }
  return {
    take: async () => {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      return give()
    },
  }
}
