import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import {
  countPending,
  isPending,
  lastPending,
  markFailed,
  type PendingRow,
  readPending,
  takePending,
} from '../../db/call-journal.ts'
import { appendConnectionLog } from '../../db/connection-log.ts'
import { inTransaction } from '../../db/database.ts'
import { databaseTrouble, isPassingTrouble, isTooMuchAtOnce } from '../../db/trouble.ts'
import { applyEvent } from './apply.ts'
import type { PipelineDeps } from './deps.ts'
import { lockAll } from './lock-batch.ts'
import { readAhead } from './read-ahead.ts'
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

/**
 * Fewer where fewer wait: under load each statement is shared by more of them. Each event takes some
 * advisory locks, of which PostgreSQL holds about 6,400 at a time unless it is told otherwise.
 */
const BATCH = 500
/**
 * The embedded database is one connection on this thread, and its answers come without a turn of the
 * event loop: while a batch runs, no webhook is read and none is accepted.
 */
const EMBEDDED_BATCH = 4
/** So many are worked on in memory before webhooks that came in meanwhile get their turn. */
const EVENTS_A_TURN = 20
/** Events that a process which is gone has accepted are found by looking now and then. */
const POLL_MS = 1000
const SETTLE_POLL_MS = 50

export function createPipeline(
  deps: PipelineDeps,
  /** How many events are applied together at most. */
  batch: number = deps.database.kind === 'pglite' ? EMBEDDED_BATCH : BATCH,
): Pipeline {
  const isEmbedded = deps.database.kind === 'pglite'
  const worker: Worker = { ...deps, gone: new Set(), seen: new Set(), yieldsTurns: isEmbedded }
  const closing = new AbortController()
  let awake = Promise.withResolvers<void>()
  let applied = Promise.withResolvers<void>()
  let running: Promise<void> = Promise.resolve()

  const drain = (): Promise<void> => {
    running = running.then(async () => {
      let taken = batch
      // Where fewer were waiting, nothing is left of what was there.
      while (!closing.signal.aborted && taken >= batch) {
        taken = await applyBatch(worker, batch)
        if (taken === 0) return
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
  /** What the dialplans are known to have sent, so that only news is written. */
  readonly seen: Set<string>
  /** Between two events, whatever else the process has to do gets its turn. */
  readonly yieldsTurns: boolean
}

/** Applies the oldest events in one transaction, and gives their number; as many as it may where some are left. */
async function applyBatch(worker: Worker, limit: number): Promise<number> {
  let rows: readonly PendingRow[] = []
  try {
    const done = await inTransaction(worker.database.db, async (tx) => {
      rows = await takePending(tx, limit)
      if (rows.length === 0) return null
      if (rows.some(({ connectionId }) => isNews(worker, connectionId))) return 'news'
      const pending = rows.map(readPending)
      const unit = createUnit(tx, worker.clock(), worker.seen)
      if (!(await lockAll(worker, unit.work, pending))) return 'overtaken'
      if (worker.yieldsTurns) await nextTurn()
      await readAhead(worker, unit.work, pending)
      for (const [index, each] of pending.entries()) {
        if (worker.yieldsTurns || index % EVENTS_A_TURN === 0) await nextTurn()
        await applyEvent(worker, unit, each)
      }
      if (worker.yieldsTurns) await nextTurn()
      await tellAll(unit)
      return unit
    })
    if (done === 'news') {
      await hearOf(worker, rows)
      return limit
    }
    if (done === 'overtaken') return limit
    if (done !== null) afterCommit(worker, done)
    return rows.length
  } catch (error) {
    if (databaseTrouble(error) === 'away' && !isTooMuchAtOnce(error)) throw error
    await recover(worker, limit, rows[0] ?? null, error)
    return limit
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

/**
 * One event that cannot be applied must not hold up the others: the batch is applied in parts, the
 * one that holds it in smaller ones, until it has a transaction of its own.
 */
async function recover(
  worker: Worker,
  limit: number,
  first: PendingRow | null,
  error: unknown,
): Promise<void> {
  if (limit > 1) {
    const part = Math.ceil(limit / 10)
    for (let done = 0; done < limit && (await applyBatch(worker, part)) === part; done += part) {
      // The next part.
    }
    return
  }
  if (first === null || isPassingTrouble(error)) throw error
  const { id, connectionId, uniqueId } = first
  worker.log.error('pipeline.event-failed', { id, connectionId, error })
  if (await markFailed(worker.database.db, id)) await logSetAside(worker, connectionId, uniqueId)
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
  for (const each of unit.seen) worker.seen.add(each)
  if (unit.told.length > 0) worker.onTold()
  for (const id of unit.recordingIds) worker.onRecording(id)
}
