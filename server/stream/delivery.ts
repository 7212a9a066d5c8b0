import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OutboxRow } from '../../db/outbox.ts'
import type { Role } from '../http/access.ts'
import { type StreamEvent, type StreamRun, toRun } from './stream-event.ts'

/** Who listens: what they may hear is asked again for every event, replayed or live. */
export interface Listener {
  readonly agentId: string | null
  readonly role: Role
}

export interface Subscriber extends Listener {
  /** May be given again what it was given before: it goes by the positions. */
  send(run: StreamRun): void
}

/**
 * Brings events to those who listen, in their order: what is an agent's own at once, with all that came before it;
 * what everybody hears (whose state has changed, which case was written) all together, a few times a second: a page
 * that looked at each change anywhere by itself would be busy when its own call comes (PERF-2).
 */
export interface Delivery {
  bring(events: readonly StreamEvent[]): void
  close(): void
}

/** At rest everything is brought at once. */
const EVERY_MS = 200
/** Ten thousand take a tenth of a second: then it pauses so many times as long, for what is somebody's own (PERF-3). */
const PAUSE_TIMES = 7
/** After so many, whatever else there is to do gets its turn. */
const AT_A_TURN = 200

export function createDelivery(subscribers: ReadonlySet<Subscriber>): Delivery {
  let held: StreamEvent[] = []
  /** What is being brought to all: some have it already. */
  let underway: readonly StreamEvent[] = []
  let notBeforeMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  const bringOwn = (event: StreamEvent, before: readonly StreamEvent[]): void => {
    if (event.row.audience === null) return
    for (const subscriber of subscribers) {
      if (!isOwn(subscriber, event.row)) continue
      const heard = before.filter(({ row }) => mayHear(subscriber, row))
      subscriber.send(toRun([...heard, event]))
    }
  }

  const bringAll = async (): Promise<void> => {
    timer = null
    const beganMs = performance.now()
    underway = held
    held = []
    const [forAgents, forOthers] = [runOf(underway, 'agent'), runOf(underway, 'supervisor')]
    let left = AT_A_TURN
    // Whoever comes meanwhile is the last of the set.
    for (const subscriber of subscribers) {
      if (left === 0) {
        await nextTurn()
        if (isClosed) return
        left = AT_A_TURN
      }
      const run = subscriber.role === 'agent' ? forAgents : forOthers
      if (run !== null) subscriber.send(run)
      left -= 1
    }
    underway = []
    const nowMs = performance.now()
    notBeforeMs = Math.max(beganMs + EVERY_MS, nowMs + PAUSE_TIMES * (nowMs - beganMs))
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
      for (const event of events) {
        bringOwn(event, [...underway, ...held])
        held.push(event)
      }
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

function isOwn({ agentId }: Listener, { type, audience }: Audience): boolean {
  return type !== 'hook' && agentId !== null && (audience?.includes(agentId) ?? false)
}

/** Supervisors and admins hear everything but what is one agent's own. */
export function mayHear(listener: Listener, row: Audience): boolean {
  if (row.type === 'hook') return false
  if (row.audience === null || isOwn(listener, row)) return true
  return row.type !== 'dismissed' && listener.role !== 'agent'
}
