import type { Database } from '../../db/database.ts'
import {
  type Attempt,
  claimDue,
  type Delivery,
  giveUp,
  markDelivered,
  putOff,
} from '../../db/hook-deliveries.ts'
import { type Hook, loadActiveHooks, loadHook } from '../../db/hooks.ts'
import type { Log } from '../log.ts'
import type { Seal } from '../seal.ts'
import type { Secret } from '../secret.ts'
import { nextAttemptAt } from './schedule.ts'
import { type Answer, type SendRules, send } from './send.ts'
import { signMessage } from './sign.ts'

/** Where the secrets of a hook are kept. */
export const secretPlace = (hookId: string): string => `hooks.secret ${hookId}`

export interface DelivererOptions {
  readonly database: Database
  readonly seal: Seal
  readonly log: Log
  readonly clock: () => Date
  readonly random: () => number
  readonly rules: SendRules
  readonly stopping: AbortSignal
}

/** Sends what is due, each hook for itself: a slow receiver delays only itself. */
export interface Deliverer {
  /** Takes what is due and sends it; resolves when it was taken. */
  sendDue(): Promise<void>
  /** Sends one that is nobody else's now, and is not tried again. */
  sendOnce(hook: Hook, delivery: Delivery): Promise<Answer>
  /** How attempts came out since the start. */
  counts(): Readonly<Record<Result, number>>
  close(): Promise<void>
}

export type Result = 'delivered' | 'retried' | 'failed'

/** What one hook is being sent. */
interface Queue {
  readonly sending: Set<Promise<void>>
  taking: Promise<void> | null
}

/** So many at a time to one receiver. */
const AT_ONCE = 4
/** Longer than an attempt takes: what is not settled by then was left by a process that is gone. */
export const CLAIM_MS = 20_000
const GONE = 410

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { database, seal, log, clock, random, rules } = options
  const { db } = database
  const queues = new Map<string, Queue>()
  const closing = new AbortController()
  options.stopping.addEventListener('abort', () => closing.abort())
  const counts: Record<Result, number> = { delivered: 0, retried: 0, failed: 0 }

  const secretsOf = (hook: Hook): Secret[] => {
    const place = secretPlace(hook.id)
    const isOldValid = hook.oldWorksUntil !== null && hook.oldWorksUntil > clock()
    const sealed = [hook.secretSealed, isOldValid ? hook.oldSecretSealed : null]
    return sealed.flatMap((each) => (each === null ? [] : [seal.open(each, place)]))
  }

  const attempt = async (hook: Hook, delivery: Delivery): Promise<Attempt & Answer> => {
    const at = clock()
    const started = performance.now()
    const answer = await sendSigned(hook, delivery, at)
    return { ...answer, at: clock(), ms: Math.round(performance.now() - started) }
  }
  const sendSigned = async (hook: Hook, delivery: Delivery, at: Date): Promise<Answer> => {
    let secrets: Secret[]
    try {
      secrets = secretsOf(hook)
    } catch (error) {
      log.error('hook.secret-unreadable', { hookId: hook.id, error })
      const reason =
        'its secret was kept with another RINGSIDE_SECRET; make a new one (rotate-secret)'
      return { status: null, isOk: false, reason }
    }
    const { eventId, body } = delivery
    const headers = signMessage({ id: eventId, at, body }, secrets)
    return send({ url: hook.url, headers: { ...headers }, body }, rules, closing.signal)
  }

  const settle = async (hook: Hook, delivery: Delivery, came: Attempt & Answer): Promise<void> => {
    const { at, ms, status, reason } = came
    const kept: Attempt = { at, ms, status, reason }
    if (came.isOk) {
      counts.delivered += 1
      return markDelivered(db, delivery, kept)
    }
    // Not the receiver's doing: the next start goes on with it at once.
    if (closing.signal.aborted) return putOff(db, delivery, kept, at)
    const isGone = status === GONE && (await loadHook(db, hook.id))?.url === hook.url
    const nextAt = isGone ? null : nextAttemptAt(delivery, at, random())
    counts[nextAt === null ? 'failed' : 'retried'] += 1
    if (nextAt !== null) return putOff(db, delivery, kept, nextAt)
    log.warn('hook.given-up', { hookId: delivery.hookId, deliveryId: delivery.id, status })
    return giveUp(db, delivery, kept, isGone ? 'disabled' : 'failing')
  }

  const sendOne = async (hook: Hook, delivery: Delivery): Promise<void> => {
    try {
      await settle(hook, delivery, await attempt(hook, delivery))
    } catch (error) {
      // The database is away; the claim runs out, and it is sent again.
      log.warn('hook.not-settled', { hookId: hook.id, deliveryId: delivery.id, error })
    }
  }

  /** Takes as much as the hook has room for; each that ends makes room for what comes next. */
  const take = async (hook: Hook): Promise<void> => {
    const own = queues.get(hook.id) ?? { sending: new Set(), taking: null }
    queues.set(hook.id, own)
    // One after the other: two at once would find the same room.
    while (own.taking !== null) await own.taking
    const limit = AT_ONCE - own.sending.size
    if (limit <= 0 || closing.signal.aborted) return
    own.taking = takeSome(hook, own, limit).finally(() => {
      own.taking = null
    })
    await own.taking
  }
  const takeSome = async (hook: Hook, own: Queue, limit: number): Promise<void> => {
    const now = clock()
    const until = new Date(now.getTime() + CLAIM_MS)
    for (const delivery of await claimDue(db, hook.id, { now, until, limit })) {
      const sending = sendOne(hook, delivery).finally(() => {
        own.sending.delete(sending)
        takeAgain(hook.id)
      })
      own.sending.add(sending)
    }
  }
  const takeAgain = (hookId: string): void => {
    if (closing.signal.aborted) return
    // Read anew: it may have another address, or be gone.
    loadHook(db, hookId)
      .then((hook) => (hook === null || hook.state === 'disabled' ? undefined : take(hook)))
      .catch((error: unknown) => log.warn('hook.take-failed', { hookId, error }))
  }

  return {
    sendDue: async () => {
      for (const hook of await loadActiveHooks(db)) await take(hook)
    },
    sendOnce: async (hook, delivery) => {
      const { isOk, ...came } = await attempt(hook, delivery)
      counts[isOk ? 'delivered' : 'failed'] += 1
      const { at, ms, status, reason } = came
      if (isOk) await markDelivered(db, delivery, { at, ms, status, reason })
      else await giveUp(db, delivery, { at, ms, status, reason }, null)
      return { isOk, status, reason }
    },
    counts: () => counts,
    close: async () => {
      closing.abort()
      const taking = [...queues.values()].map((own) => own.taking)
      await Promise.allSettled(taking)
      await Promise.allSettled([...queues.values()].flatMap((own) => [...own.sending]))
    },
  }
}
