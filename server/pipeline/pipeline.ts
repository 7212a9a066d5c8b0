import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import {
  countPending,
  isPending,
  lastPending,
  markFailed,
  type PendingEvent,
  type PendingRow,
  readPending,
  takePending,
} from '../../db/call-journal.ts'
import { loadCallsForUpdate } from '../../db/calls.ts'
import { appendConnectionLog } from '../../db/connection-log.ts'
import { type Db, inTransaction } from '../../db/database.ts'
import { lockEventKeys, lockPeople } from '../../db/locks.ts'
import { callsNamed } from '../../db/merge-calls.ts'
import { holdersOf } from '../../db/people.ts'
import { databaseTrouble, isPassingTrouble } from '../../db/trouble.ts'
import type { Call, CallEvent } from '../calls/call.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import { applyEvent } from './apply.ts'
import type { PipelineDeps } from './deps.ts'
import { peopleKeys } from './facts.ts'
import { otherIds } from './join-sources.ts'
import { resolve } from './resolve.ts'
import { createUnit, tellAll, type Unit } from './unit.ts'

/** Accepted events become calls and cases, in this process, one batch after another. */
export interface Pipeline {
  /** There may be something to apply; returns at once. */
  wake(): void
  /** Applies until nothing that was accepted before is left. */
  drain(): Promise<void>
  /** Applies until nothing that a connection had told before is left, whoever applies it. */
  settle(connectionId: string): Promise<void>
  /** How many accepted events have not been applied. */
  pending(): Promise<number>
  close(): Promise<void>
}

const BATCH = 64
/**
 * The embedded database is one connection on this thread, and its answers come without a turn of the
 * event loop: while a batch runs, no webhook is read and none is accepted.
 */
const EMBEDDED_BATCH = 4
/** Events that a process which is gone has accepted are found by looking now and then. */
const POLL_MS = 1000
const SETTLE_POLL_MS = 50

export function createPipeline(deps: PipelineDeps): Pipeline {
  const isEmbedded = deps.database.kind === 'pglite'
  const worker: Worker = { ...deps, gone: new Set(), yieldsTurns: isEmbedded }
  const batch = isEmbedded ? EMBEDDED_BATCH : BATCH
  const closing = new AbortController()
  let awake = Promise.withResolvers<void>()
  let applied = Promise.withResolvers<void>()
  let running: Promise<void> = Promise.resolve()

  const drain = (): Promise<void> => {
    running = running.then(async () => {
      while (!closing.signal.aborted && (await applyBatch(worker, batch))) {
        applied.resolve()
        applied = Promise.withResolvers<void>()
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
    settle: async (connectionId) => {
      const { db } = deps.database
      const last = await lastPending(db, connectionId)
      // Not until nothing is left: where events keep coming, that is never.
      while (
        last !== null &&
        !closing.signal.aborted &&
        (await isPending(db, connectionId, last))
      ) {
        awake.resolve()
        // Another process can be at it.
        await Promise.race([applied.promise, sleep(SETTLE_POLL_MS)])
      }
    },
    pending: () => countPending(deps.database.db),
    close: async () => {
      closing.abort()
      awake.resolve()
      await looping
    },
  }
}

interface Worker extends PipelineDeps {
  /** Connections that are not in the database: their events are of nobody. */
  readonly gone: Set<string>
  /** Between two events, whatever else the process has to do gets its turn. */
  readonly yieldsTurns: boolean
}

/** Applies the oldest events in one transaction; false where there were none. */
async function applyBatch(worker: Worker, limit: number): Promise<boolean> {
  let first: PendingRow | null = null
  try {
    const done = await inTransaction(worker.database.db, async (tx) => {
      const rows = await takePending(tx, limit)
      first = rows[0] ?? null
      if (first === null) return null
      if (rows.some(({ connectionId }) => isNews(worker, connectionId))) return rows
      const pending = rows.map(readPending)
      const unit = createUnit(tx, worker.clock())
      await lockAll(worker, unit, pending)
      for (const each of pending) {
        if (worker.yieldsTurns) await nextTurn()
        await applyEvent(worker, unit, each)
      }
      await tellAll(unit)
      return unit
    })
    if (done === null) return false
    if ('tx' in done) afterCommit(worker, done)
    else await hearOf(worker, done)
    return true
  } catch (error) {
    if (databaseTrouble(error) === 'away') throw error
    return recover(worker, limit, first, error)
  }
}

function isNews({ connectionById, gone }: Worker, connectionId: string): boolean {
  return connectionById(connectionId) === null && !gone.has(connectionId)
}

/** Another process made a connection, and this one takes its first events. */
async function hearOf(worker: Worker, rows: readonly PendingRow[]): Promise<void> {
  await worker.reloadConnections?.()
  for (const { connectionId } of rows) {
    if (worker.connectionById(connectionId) === null) worker.gone.add(connectionId)
  }
}

/** One event that cannot be applied must not hold up the others: each gets a transaction of its own. */
async function recover(
  worker: Worker,
  limit: number,
  first: PendingRow | null,
  error: unknown,
): Promise<boolean> {
  if (limit > 1) {
    for (let done = 0; done < limit && (await applyBatch(worker, 1)); done += 1) {
      // One by one.
    }
    return true
  }
  if (first === null || isPassingTrouble(error)) throw error
  const { id, connectionId, uniqueId } = first
  worker.log.error('pipeline.event-failed', { id, connectionId, error })
  if (await markFailed(worker.database.db, id)) await logSetAside(worker, connectionId, uniqueId)
  return true
}

async function logSetAside(worker: Worker, connectionId: string, uniqueId: string): Promise<void> {
  if (worker.connectionById(connectionId) === null) return
  await appendConnectionLog(worker.database.db, {
    connectionId,
    at: worker.clock(),
    kind: 'unmatched',
    reason: `an event of ${uniqueId} could not be applied and was set aside`,
    hint: 'This is a fault of Ringside, the dialplan need not be changed: report it with the lines of its log under pipeline.event-failed.',
    source: 'ringside',
    fields: { unique_id: uniqueId },
  })
}

function afterCommit(worker: Worker, unit: Unit): void {
  if (unit.told.length > 0) worker.onTold()
  for (const id of unit.recordingIds) worker.onRecording(id)
}

/** All locks of the batch in the one order: event keys, calls, people. */
async function lockAll(
  worker: Worker,
  unit: Unit,
  pending: readonly PendingEvent[],
): Promise<void> {
  const { tx } = unit
  const keys = pending.flatMap(({ event }) =>
    [event.uniqueId, ...otherIds(event)].map((id) => `${event.connectionId} ${id}`),
  )
  await lockEventKeys(tx, [...new Set(keys)])
  const callIds = new Set<string>()
  for (const { event } of pending) {
    const country = worker.connectionById(event.connectionId)?.country ?? ''
    const resolution = await resolve(tx, event, country)
    if (resolution.to === 'call') callIds.add(resolution.callId)
    for (const { callId } of await callsNamed(tx, event.connectionId, otherIds(event))) {
      callIds.add(callId)
    }
  }
  const kept = await loadCallsForUpdate(tx, [...callIds])
  const named = pending.map(({ event }) => ({
    personKey: customerIn(event, worker.connectionById(event.connectionId)?.country ?? ''),
    userId: null,
  }))
  await lockEverybody(tx, [...named, ...[...kept.values()].map(({ call }) => call)])
}

/**
 * The customer's number, where the event tells it. Not the number dialled: everybody who calls the
 * company would wait for everybody else.
 */
function customerIn(event: CallEvent, country: string): string | null {
  if (!('direction' in event)) return null
  const number = event.direction === 'incoming' ? event.from : 'to' in event ? event.to : ''
  return personKey(toPhone(number, country))
}

/** By number and by user: two calls from two numbers of one user are this user's, one by one. */
async function lockEverybody(
  tx: Db,
  people: readonly Pick<Call, 'personKey' | 'userId'>[],
): Promise<void> {
  const numbers = people.flatMap(({ personKey: key }) => key ?? [])
  const keysNow = async (): Promise<string[]> => {
    const holders = await holdersOf(tx, [...new Set(numbers)])
    return peopleKeys([...people, ...holders.map((userId) => ({ personKey: null, userId }))])
  }
  const locked = await keysNow()
  await lockPeople(tx, locked)
  // A number can have got another user while the locks were waited for.
  const late = (await keysNow()).filter((key) => !locked.includes(key))
  await lockPeople(tx, late)
}
