/** A process that goes: told to those who send it requests before it takes no more of them. */
export interface Leaving {
  isLeaving(): boolean
  /** Resolves when it is time to go: at once where no time was given, or when `hurry` is called. */
  begin(): Promise<void>
  hurry(): void
  /** Calls back when the one who asks is to go elsewhere, each at a time of their own. */
  onTurn(listener: () => void): () => void
}

/**
 * `drainMs`: what a load balancer needs to see that this process is not ready, and streams to go one
 * after another: ended all at once they would all be back at once, at the other process.
 */
export function createLeaving(drainMs: number, random: () => number = Math.random): Leaving {
  const waiting = new Set<() => void>()
  const over = Promise.withResolvers<void>()
  let isLeaving = false
  let timer: NodeJS.Timeout | undefined
  /** In the second half: whoever comes back in the first one may get this process again. */
  const inTurn = (listener: () => void): NodeJS.Timeout =>
    setTimeout(listener, drainMs * (0.5 + 0.5 * random()))
  return {
    isLeaving: () => isLeaving,
    begin() {
      if (isLeaving) return over.promise
      isLeaving = true
      if (drainMs === 0) over.resolve()
      else timer = setTimeout(over.resolve, drainMs)
      for (const start of [...waiting]) start()
      return over.promise
    },
    hurry() {
      clearTimeout(timer)
      over.resolve()
    },
    onTurn(listener) {
      let turn: NodeJS.Timeout | undefined
      const start = (): void => {
        turn = inTurn(listener)
      }
      if (isLeaving) start()
      else waiting.add(start)
      return () => {
        waiting.delete(start)
        clearTimeout(turn)
      }
    },
  }
}
