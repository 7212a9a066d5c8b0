import { setTimeout as sleep } from 'node:timers/promises'
import { countPending, markFailed, type PendingEvent, takePending } from '../../db/call-journal.ts'
import { callsByUniqueId, loadCallsForUpdate } from '../../db/calls.ts'
import { inTransaction } from '../../db/database.ts'
import { lockEventKeys, lockPeople } from '../../db/locks.ts'
import { databaseTrouble } from '../../db/trouble.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import { applyEvent } from './apply.ts'
import type { PipelineDeps } from './deps.ts'
import { peopleKeys } from './facts.ts'
import { createUnit, tellAll, type Unit } from './unit.ts'

/** Accepted events become calls and cases, in this process, one batch after another. */
export interface Pipeline {
  /** There may be something to apply; returns at once. */
  wake(): void
  /** Applies until nothing that was accepted before is left. */
  drain(): Promise<void>
  /** How many accepted events have not been applied. */
  pending(): Promise<number>
  close(): Promise<void>
}

const BATCH = 64
/** Events that a process which is gone has accepted are found by looking now and then. */
const POLL_MS = 1000

export function createPipeline(deps: PipelineDeps): Pipeline {
  const closing = new AbortController()
  let awake = Promise.withResolvers<void>()
  let running: Promise<void> = Promise.resolve()

  const drain = (): Promise<void> => {
    running = running.then(async () => {
      while (!closing.signal.aborted && (await applyBatch(deps, BATCH))) {
        // The next batch.
      }
    })
    const result = running
    running = running.catch(() => undefined)
    return result
  }

  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await drain().catch((error: unknown) => deps.log.error('pipeline.failed', { error }))
      const timer = new AbortController()
      await Promise.race([
        awake.promise,
        sleep(POLL_MS, undefined, { signal: timer.signal }).catch(() => undefined),
      ])
      timer.abort()
      awake = Promise.withResolvers<void>()
    }
  }

  const looping = loop()
  return {
    wake: () => awake.resolve(),
    drain,
    pending: () => countPending(deps.database.db),
    close: async () => {
      closing.abort()
      awake.resolve()
      await looping
    },
  }
}

/** Applies the oldest events in one transaction; false where there were none. */
async function applyBatch(deps: PipelineDeps, limit: number): Promise<boolean> {
  const failed: { first: PendingEvent | null } = { first: null }
  try {
    const unit = await inTransaction(deps.database.db, async (tx) => {
      const pending = await takePending(tx, limit)
      if (pending.length === 0) return null
      const own = createUnit(tx, deps.clock())
      await lockAll(deps, own, pending)
      for (const each of pending) {
        failed.first = each
        await applyEvent(deps, own, each)
      }
      failed.first = null
      await tellAll(own)
      return own
    })
    if (unit === null) return false
    afterCommit(deps, unit)
    return true
  } catch (error) {
    if (databaseTrouble(error) === 'away') throw error
    return recover(deps, limit, failed.first, error)
  }
}

/** One event that cannot be applied must not hold up the others: each gets a transaction of its own. */
async function recover(
  deps: PipelineDeps,
  limit: number,
  first: PendingEvent | null,
  error: unknown,
): Promise<boolean> {
  if (limit > 1) {
    for (let done = 0; done < limit && (await applyBatch(deps, 1)); done += 1) {
      // One by one.
    }
    return true
  }
  if (first === null) throw error
  const { id, event } = first
  deps.log.error('pipeline.event-failed', { id, connectionId: event.connectionId, error })
  await markFailed(deps.database.db, id)
  return true
}

function afterCommit(deps: PipelineDeps, unit: Unit): void {
  if (unit.told.length > 0) deps.onTold()
  for (const id of unit.recordingIds) deps.onRecording(id)
}

/** All locks of the batch in the one order: event keys, calls, people. */
async function lockAll(
  deps: PipelineDeps,
  unit: Unit,
  pending: readonly PendingEvent[],
): Promise<void> {
  const { tx } = unit
  const keys = pending.map(({ event }) => `${event.connectionId} ${event.uniqueId}`)
  await lockEventKeys(tx, [...new Set(keys)])
  const callIds = new Set<string>()
  for (const { event } of pending) {
    const known = await callsByUniqueId(tx, event.connectionId, event.uniqueId)
    for (const call of known) callIds.add(call.id)
  }
  const kept = await loadCallsForUpdate(tx, [...callIds])
  const named = pending.flatMap(({ event }) => {
    const country = deps.connectionById(event.connectionId)?.country ?? ''
    const numbers = ['from' in event ? event.from : null, 'to' in event ? event.to : null].filter(
      (number) => number !== null,
    )
    return numbers.map((number) => ({
      personKey: personKey(toPhone(number, country)),
      userId: null,
    }))
  })
  await lockPeople(tx, peopleKeys([...named, ...[...kept.values()].map(({ call }) => call)]))
}
