import { setTimeout as sleep } from 'node:timers/promises'
import { batched } from '../batched.ts'

/**
 * Streams begin some at a time, and while few others come: where thousands come back in the same second, whatever each
 * of them needs would stand before a webhook, which has to be kept before a phone rings (HOLD-6).
 */
export interface StreamTurns {
  /** Told of each connection and each request, whatever for. */
  noteArrival(): void
  /** Begins a stream when it is its turn; what becomes of it is its own business. */
  begin(stream: Waiting): void
}

export interface Waiting {
  /** Whoever waited too long has come again already: nobody waits on account of it. */
  isGone(): boolean
  begin(): Promise<void>
}

/** So many ask the database together, which takes one of its connections. */
const AT_ONCE = 16
/** One that hangs does not hold up the next ones for longer. */
const PATIENCE_MS = 1000
/**
 * Node takes one connection in each round of its loop: where many wait, one comes in each fraction of a millisecond, as
 * long as nothing else is done. It is looked for so long, and so few arrivals in a millisecond are no crowd.
 */
const LOOK_MS = 3
const FEW = 0.5
/** However much comes, streams begin, too. */
const MAX_WAIT_MS = 250

export function createStreamTurns(): StreamTurns {
  let came = 0
  const untilFewCome = async (): Promise<void> => {
    const untilMs = performance.now() + MAX_WAIT_MS
    for (let nowMs = performance.now(); nowMs < untilMs; ) {
      const [before, fromMs] = [came, nowMs]
      await sleep(LOOK_MS)
      nowMs = performance.now()
      if (came - before <= FEW * (nowMs - fromMs)) return
    }
  }
  const begin = batched(async (streams: readonly Waiting[]) => {
    if (streams.every((stream) => stream.isGone())) return streams
    await untilFewCome()
    const over = new AbortController()
    const late = sleep(PATIENCE_MS, undefined, over).catch(() => undefined)
    const there = streams.filter((stream) => !stream.isGone())
    await Promise.race([Promise.allSettled(there.map((stream) => stream.begin())), late])
    over.abort()
    return streams
  }, AT_ONCE)
  return {
    noteArrival: () => {
      came += 1
    },
    begin: (stream) => void begin(stream),
  }
}
