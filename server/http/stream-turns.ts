import { setTimeout as sleep } from 'node:timers/promises'
import { createTurns } from '../turns.ts'

/**
 * Streams begin some at a time, and while nothing else comes: where thousands come back in the same second, whatever each
 * of them needs would stand before a webhook, which has to be kept before a phone rings (HOLD-6).
 */
export interface StreamTurns {
  /** Told of each connection and each request, whatever for. */
  noteArrival(): void
  /** Begins a stream when it is its turn; rejects as it does. */
  begin(work: () => Promise<void>): Promise<void>
}

/** So many ask the database together, which takes one of its connections. */
const AT_ONCE = 16
/** Node takes one connection in each round of its loop: so long without any, and nobody is left who waits for one. */
const CALM_MS = 3
/** However much comes, streams begin, too. */
const MAX_WAIT_MS = 250

export function createStreamTurns(): StreamTurns {
  const turns = createTurns(AT_ONCE)
  let came = 0
  let calm: Promise<void> | null = null
  const untilCalm = async (): Promise<void> => {
    const untilMs = performance.now() + MAX_WAIT_MS
    for (let seen = -1; seen !== came && performance.now() < untilMs; ) {
      seen = came
      await sleep(CALM_MS)
    }
    calm = null
  }
  return {
    noteArrival: () => {
      came += 1
    },
    begin: async (work) => {
      const giveBack = await turns.take()
      try {
        calm ??= untilCalm()
        await calm
        await work()
      } finally {
        giveBack()
      }
    },
  }
}
