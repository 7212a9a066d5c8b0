import { setTimeout as sleep } from 'node:timers/promises'
import type { OutboxRow } from '../../db/outbox.ts'
import type { Role } from '../http/access.ts'
import { type StreamEvent, type StreamRun, toRun } from './stream-event.ts'
import type { Listener, Subscribers } from './subscribers.ts'

/**
 * Brings events to those who listen, in their order: what is an agent's own at once, with all that came before it and
 * with it; what everybody hears (whose state has changed, which case was written) all together, a few times a second:
 * a page that looked at each change anywhere by itself would be busy when its own call comes (PERF-2).
 */
export interface Delivery {
  bring(events: readonly StreamEvent[]): void
  close(): void
}

/** At rest everything is brought at once. */
const EVERY_MS = 200
/**
 * Ten thousand take a tenth of a second and more, here and where they read. It pauses so many times as long, and where
 * somebody has just been brought something of their own, after each of these many (PERF-3).
 */
const PAUSE_TIMES = 4
const AT_A_TIME = 200
const JUST_MS = 1000

export function createDelivery(subscribers: Subscribers): Delivery {
  let held: StreamEvent[] = []
  /** What is being brought to all: some have it already. */
  let underway: readonly StreamEvent[] = []
  let notBeforeMs = Number.NEGATIVE_INFINITY
  let ownAtMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  /** With what came before it and with it: a call's case is its agent's business as soon as the call is. */
  const bringOwn = (events: readonly StreamEvent[]): void => {
    const agentIds = new Set(events.flatMap(({ row }) => ownersOf(row)))
    if (agentIds.size === 0) return
    const all = [...underway, ...held, ...events]
    for (const subscriber of [...agentIds].flatMap((agentId) => [...subscribers.of(agentId)])) {
      ownAtMs = performance.now()
      subscriber.send(toRun(all.filter(({ row }) => mayHear(subscriber, row))))
    }
  }

  const bringAll = async (): Promise<void> => {
    timer = null
    underway = held
    held = []
    const [forAgents, forOthers] = [runOf(underway, 'agent'), runOf(underway, 'supervisor')]
    const beganMs = performance.now()
    let busyMs = 0
    // Whoever comes meanwhile has all of it by its snapshot.
    const all = [...subscribers]
    for (let at = 0; at < all.length; at += AT_A_TIME) {
      const fromMs = performance.now()
      for (const subscriber of all.slice(at, at + AT_A_TIME)) {
        const run = subscriber.role === 'agent' ? forAgents : forOthers
        if (run !== null) subscriber.send(run)
      }
      const nowMs = performance.now()
      busyMs += nowMs - fromMs
      const isUrgent = nowMs - ownAtMs < JUST_MS
      if (!isUrgent || at + AT_A_TIME >= all.length) continue
      await sleep((nowMs - fromMs) * PAUSE_TIMES, undefined, { ref: false })
      if (isClosed) return
    }
    underway = []
    notBeforeMs = beganMs + Math.max(EVERY_MS, busyMs * (1 + PAUSE_TIMES))
    bringHeld()
  }

  const bringHeld = (): void => {
    if (held.length === 0 || underway.length > 0 || timer !== null) return
    const waitMs = notBeforeMs - performance.now()
    if (waitMs <= 0) void bringAll()
    else timer = setTimeout(bringAll, waitMs)
  }

  return {
    bring: (events) => {
      bringOwn(events)
      held.push(...events)
      bringHeld()
    },
    close: () => {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

/** Made once for all who have this role: what is one agent's own was brought before. */
function runOf(events: readonly StreamEvent[], role: Role): StreamRun | null {
  const heard = events.filter(({ row }) => mayHear({ agentId: null, role }, row))
  return heard.length === 0 ? null : toRun(heard)
}

type Audience = Pick<OutboxRow, 'type' | 'audience'>

/** Whose own it is; a hook's are nobody's who listens. */
function ownersOf({ type, audience }: Audience): readonly string[] {
  return type === 'hook' ? [] : (audience ?? [])
}

/** Supervisors and admins hear everything but what is one agent's own. */
export function mayHear(listener: Listener, row: Audience): boolean {
  if (row.type === 'hook') return false
  if (row.audience === null) return true
  if (listener.agentId !== null && ownersOf(row).includes(listener.agentId)) return true
  return row.type !== 'dismissed' && listener.role !== 'agent'
}
