import type { HelloView } from '../http/schemas.ts'
import type { StreamHub } from './hub.ts'
import type { Snapshot, Snapshots } from './snapshots.ts'
import { frame, type StreamRun } from './stream-event.ts'
import type { Listener } from './subscribers.ts'

export interface FollowOptions {
  readonly hub: StreamHub
  readonly snapshots: Snapshots
  readonly listener: Listener
  /** What the client sent as `Last-Event-ID`; null where it has none. */
  readonly lastEventId: string | null
  readonly clock: () => Date
  /** What works on each connection. */
  readonly controls?: () => HelloView['controls']
  readonly signal: AbortSignal
  /**
   * Takes a live event at once while nothing of before is left to write; false where the client lags
   * behind. Ten thousand awaited events cost more than their ten thousand writes.
   */
  readonly writeNow?: (bytes: Buffer) => boolean
  /** Called once when the client reads too slowly: it is cut off, and resumes by its last id. */
  readonly onTooSlow: () => void
}

/** How far a client may lag behind. */
const MAX_QUEUED_BYTES = 1024 * 1024
const MAX_BEHIND_MS = 10_000

/**
 * What one client is sent, in three phases: what it missed (or a snapshot), the cut-over, and what
 * happens from now on. Never a silent hole: subscribed first, replayed then, doubles dropped.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Buffer> {
  const { hub, listener, signal } = options
  const queue = createQueue(options)
  const unsubscribe = hub.subscribe({ ...listener, send: queue.push })
  signal.addEventListener('abort', queue.stop)
  try {
    // Replay: what was missed, and a snapshot that is at least as new as the position it names.
    const snapshot = await options.snapshots.of(listener)
    const resumed = options.lastEventId === null ? null : hub.fromId(options.lastEventId)
    // Another process may have read further than this one; what nobody has written yet is no position.
    const isKnown = resumed !== null && resumed <= Math.max(hub.newest(), snapshot.at)
    const missed = isKnown ? await hub.replay(listener, resumed) : null
    let last = missed === null || resumed === null ? snapshot.at : resumed
    yield hello(options, snapshot, missed === null ? null : options.lastEventId, last)
    for (const event of missed ?? []) {
      yield event.bytes
      last = event.position
    }
    // Cut-over and live.
    for (let news = await queue.next(last); news !== null; news = await queue.next(last)) {
      last = news.position
      yield news.bytes
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', queue.stop)
  }
}

interface Queue {
  push(run: StreamRun): void
  /** What is next after this position and was not written at once; null when the stream is over. */
  next(last: number): Promise<{ readonly bytes: Buffer; readonly position: number } | null>
  stop(): void
}

function createQueue({ clock, onTooSlow, signal, writeNow }: FollowOptions): Queue {
  const waiting: { run: StreamRun; since: number }[] = []
  let bytes = 0
  let isOver = signal.aborted
  /** What was written at last, while the reader waits for news; null while it is busy. */
  let written: number | null = null
  let news = Promise.withResolvers<void>()
  const stop = (): void => {
    isOver = true
    waiting.length = 0
    news.resolve()
  }
  const isWritten = (run: StreamRun): boolean => {
    if (written === null || waiting.length > 0 || writeNow === undefined) return false
    if (run.position > written) {
      if (!writeNow(run.bytesAfter(written))) return false
      written = run.position
    }
    return true
  }
  return {
    push: (run) => {
      if (isOver || isWritten(run)) return
      const now = clock().getTime()
      waiting.push({ run, since: now })
      bytes += run.length
      news.resolve()
      const behindMs = now - (waiting[0]?.since ?? now)
      if (bytes <= MAX_QUEUED_BYTES && behindMs <= MAX_BEHIND_MS) return
      stop()
      onTooSlow()
    },
    next: async (last) => {
      for (written = last; !isOver; ) {
        const first = waiting.shift()
        bytes -= first?.run.length ?? 0
        if (first !== undefined && first.run.position > written) {
          const fresh = { bytes: first.run.bytesAfter(written), position: first.run.position }
          written = null
          return fresh
        }
        if (first !== undefined) continue
        await news.promise
        news = Promise.withResolvers<void>()
      }
      return null
    },
    stop,
  }
}

function hello(
  { hub, clock, controls }: FollowOptions,
  { calls, drafts, dismissed }: Snapshot,
  resumedFrom: string | null,
  at: number,
): Buffer {
  const data: HelloView = {
    now: clock().toISOString(),
    resumedFrom,
    epoch: hub.epoch,
    calls,
    drafts,
    dismissed,
    controls: controls?.() ?? {},
  }
  return frame('hello', JSON.stringify(data), hub.toId(at))
}
