/** Requests that end by themselves: hanging ones take the few connections that a browser has for a server. */
export interface Patience {
  readonly fetch: typeof fetch
  /** The machine slept: whatever still waits for an answer waits on a dead line. */
  readonly giveUp: () => void
}

/** Without an answer by then the line is dead. */
const ANSWER_MS = 20_000
/** Begun after the machine woke up: several signs tell of one sleep. */
const FRESH_MS = 2_000

/** Creates a `fetch` that gives up. */
export function createPatience(answerMs = ANSWER_MS): Patience {
  const waiting = new Map<AbortController, number>()
  return {
    async fetch(input, init) {
      const over = new AbortController()
      const stop = () => over.abort()
      const finish = () => {
        waiting.delete(over)
        clearTimeout(timer)
      }
      // An answer that has begun can still hang: it has the rest of the time to arrive.
      const timer = setTimeout(() => {
        stop()
        finish()
      }, answerMs)
      init?.signal?.addEventListener('abort', stop)
      if (init?.signal?.aborted) stop()
      waiting.set(over, Date.now())
      try {
        return await fetch(input, { ...init, signal: over.signal })
      } catch (error) {
        finish()
        throw error
      }
    },
    giveUp() {
      for (const [over, since] of waiting) if (Date.now() - since > FRESH_MS) over.abort()
    },
  }
}
