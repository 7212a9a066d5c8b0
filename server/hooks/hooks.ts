import type { Database } from '../../db/database.ts'
import {
  countPending,
  type Delivery,
  insertUnordered,
  loadDelivery,
  trimDeliveries,
} from '../../db/hook-deliveries.ts'
import { releaseStranded } from '../../db/hook-feed.ts'
import { type Hook, hasHooks } from '../../db/hooks.ts'
import { newId } from '../../db/new-id.ts'
import { loadSettings } from '../../db/settings.ts'
import type { Log } from '../log.ts'
import type { Seal } from '../seal.ts'
import { CLAIM_MS, createDeliverer, type Result } from './deliver.ts'
import { feedHooks } from './feed.ts'
import type { SendRules } from './send.ts'

/** Outgoing webhooks: reads what was told, and delivers it, at least once and in order (ADMIN-7). */
export interface Hooks {
  /** Something was told, by whichever process. */
  heard(): void
  /** Something is to be sent: looks at once. */
  wake(): void
  /** Sends a `ping` now, once, and gives what came of it. */
  ping(hook: Hook): Promise<Delivery>
  readonly rules: SendRules
  /** What waits, for all hooks and processes. */
  pending(): Promise<number>
  /** How attempts of this process came out. */
  counts(): Readonly<Record<Result, number>>
  close(): Promise<void>
}

export interface HooksOptions {
  readonly database: Database
  readonly seal: Seal
  readonly log: Log
  readonly clock: () => Date
  readonly rules: SendRules
  /** The server stops: what is being sent is left to the next start. */
  readonly stopping: AbortSignal
  readonly random?: (() => number) | undefined
}

const POLL_MS = 1000
/** In polls: seldom needed, and they look at much. */
const RELEASE_EVERY = 30
const TRIM_EVERY = 600
const DAY_MS = 24 * 60 * 60_000

export function createHooks(options: HooksOptions): Hooks {
  const { database, log, clock, rules, random = Math.random } = options
  const { db } = database
  const deliverer = createDeliverer({ ...options, random })
  let isAnybodyThere = false
  let isClosed = false
  let again = false
  let polls = 0
  let running: Promise<void> | null = null

  const round = async (): Promise<void> => {
    do {
      again = false
      isAnybodyThere = await hasHooks(db)
      if (!isAnybodyThere) return
      while (await feedHooks(db, clock())) if (isClosed) return
      await deliverer.sendDue()
    } while (again && !isClosed)
  }
  const look = (): void => {
    again = true
    if (isClosed) return
    // A round that failed waits for the next poll.
    running ??= round()
      .catch((error: unknown) => log.warn('hooks.round-failed', { error }))
      .finally(() => {
        running = null
      })
  }
  const tidy = async (): Promise<void> => {
    if (polls % RELEASE_EVERY === 0) await releaseStranded(db, clock())
    if (polls % TRIM_EVERY === 0) {
      const { eventsDays } = (await loadSettings(db)).retention
      await trimDeliveries(db, new Date(clock().getTime() - eventsDays * DAY_MS))
    }
  }
  let tidying: Promise<void> | null = null
  const poll = setInterval(() => {
    look()
    tidying ??= tidy()
      .catch((error: unknown) => log.warn('hooks.tidy-failed', { error }))
      .finally(() => {
        tidying = null
      })
    polls += 1
  }, POLL_MS)

  return {
    heard: () => {
      if (isAnybodyThere) look()
    },
    wake: look,
    ping: async (hook) => {
      const now = clock()
      const body = { type: 'ping', timestamp: now.toISOString(), data: { hookId: hook.id } }
      const delivery = await insertUnordered(
        db,
        {
          hookId: hook.id,
          eventId: `evt_${newId()}`,
          type: 'ping',
          body: JSON.stringify(body),
          keys: [],
        },
        now,
        new Date(now.getTime() + CLAIM_MS),
      )
      await deliverer.sendOnce(hook, delivery)
      return (await loadDelivery(db, hook.id, delivery.id)) ?? delivery
    },
    rules,
    pending: () => countPending(db),
    counts: deliverer.counts,
    close: async () => {
      isClosed = true
      clearInterval(poll)
      await running
      await tidying
      await deliverer.close()
    },
  }
}
