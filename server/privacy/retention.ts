import { setTimeout as sleep } from 'node:timers/promises'
import { trimAudit } from '../../db/audit.ts'
import { loadCallsForUpdate } from '../../db/calls.ts'
import { type Database, inTransaction } from '../../db/database.ts'
import {
  claimRetention,
  type OldRecording,
  recordingsBefore,
  recordingsOfErased,
  removeEvents,
  removeRecordings,
  renewRetention,
  trimConnectionLog,
  unknownFiles,
} from '../../db/retention.ts'
import { loadSettings } from '../../db/settings.ts'
import type { Log } from '../log.ts'
import { again } from '../pipeline/again.ts'
import { createUnit, tellAll, tellCall, tellCaseOfCall } from '../pipeline/unit.ts'
import type { RecordingStorage } from '../recordings/storage.ts'

export interface RetentionDeps {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  readonly storage: Pick<RecordingStorage, 'remove' | 'stored'>
  /** Acknowledged events that are not in the database yet: a file can belong to one. */
  readonly pendingInSpool: () => number
  readonly onTold: () => void
}

/** Once an hour, in one process, what is kept no longer goes (SAFE-9). */
export interface Retention {
  /** Does it now where it is due and no other process is at it; false where it is not. */
  run(): Promise<boolean>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Removed {
  recordings: number
  files: number
  logEntries: number
  auditEntries: number
}

const EVERY_MS = 60 * 60_000
const LOOK_EVERY_MS = 60_000
/** Between two batches everybody else gets their turn. */
const PAUSE_MS = 20
const DAY_MS = 24 * 60 * 60_000
const BATCH = 50
const ROWS = 1000
/** Longer than anybody uploads, and than an event waits for its database. */
const ORPHAN_MS = DAY_MS
/** Who did what is asked about long after the calls themselves are. */
const AUDIT_DAYS = 365

export function createRetention(deps: RetentionDeps): Retention {
  const { database, log, clock } = deps
  const { db } = database
  const closing = new AbortController()
  let running: Promise<boolean> | null = null

  /** Batch after batch until there is nothing left; another process takes over what a killed one left. */
  const repeat = async (batch: () => Promise<boolean>): Promise<void> => {
    while (!closing.signal.aborted && (await batch())) {
      await renewRetention(db, clock())
      await sleep(PAUSE_MS, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const daysAgo = (days: number): Date => new Date(clock().getTime() - days * DAY_MS)

  const sweep = async (): Promise<Removed> => {
    const { recordingsDays, eventsDays } = (await loadSettings(db)).retention
    const removed: Removed = { recordings: 0, files: 0, logEntries: 0, auditEntries: 0 }
    const take = async (recordings: OldRecording[], why: 'over-age' | 'erased') => {
      await removeBatch(deps, recordings, why)
      removed.recordings += recordings.length
      return recordings.length === BATCH
    }
    await repeat(async () =>
      take(await recordingsBefore(db, daysAgo(recordingsDays), BATCH), 'over-age'),
    )
    await repeat(async () => take(await recordingsOfErased(db, BATCH), 'erased'))
    let after: number | null = 0
    await repeat(async () => {
      after = await removeEvents(db, {
        after: after ?? 0,
        before: daysAgo(eventsDays),
        limit: ROWS,
      })
      return after !== null
    })
    await repeat(async () => {
      const gone = await trimConnectionLog(db, daysAgo(eventsDays), ROWS)
      removed.logEntries += gone
      return gone === ROWS
    })
    await repeat(async () => {
      const gone = await trimAudit(db, daysAgo(AUDIT_DAYS), ROWS)
      removed.auditEntries += gone
      return gone === ROWS
    })
    if (!closing.signal.aborted) removed.files = await removeOrphans(deps)
    return removed
  }
  const runOnce = async (): Promise<boolean> => {
    const now = clock()
    if (!(await claimRetention(db, now, new Date(now.getTime() - EVERY_MS)))) return false
    log.info('retention.done', { ...(await sweep()) })
    return true
  }
  const run = (): Promise<boolean> => {
    running ??= runOnce().finally(() => {
      running = null
    })
    return running
  }
  const timer = setInterval(() => {
    run().catch((error: unknown) => log.warn('retention.failed', { error }))
  }, LOOK_EVERY_MS)

  const close = async (): Promise<void> => {
    closing.abort()
    clearInterval(timer)
    // Whoever began it has heard of what went wrong.
    await running?.catch(() => undefined)
  }
  return { run, close, [Symbol.asyncDispose]: close }
}

/** Files first: a row whose file is gone is found again, a file without a row only by a look at all. */
async function removeBatch(
  { database, clock, storage, onTold }: RetentionDeps,
  recordings: readonly OldRecording[],
  why: 'over-age' | 'erased',
): Promise<void> {
  if (recordings.length === 0) return
  for (const { storageKey } of recordings) await storage.remove(storageKey)
  const callIds = [...new Set(recordings.flatMap(({ callId }) => callId ?? []))]
  await again(() =>
    inTransaction(database.db, async (tx) => {
      await loadCallsForUpdate(tx, callIds)
      await removeRecordings(tx, recordings, why)
      const unit = createUnit(tx, clock())
      for (const { call } of (await loadCallsForUpdate(tx, callIds)).values()) {
        await tellCall(unit, call)
        await tellCaseOfCall(unit, call.id)
      }
      await tellAll(unit)
    }),
  )
  onTold()
}

/** Files of recordings whose event was never acknowledged: the process was killed in between. */
async function removeOrphans(deps: RetentionDeps): Promise<number> {
  const { database, clock, storage, pendingInSpool, log } = deps
  if (storage.stored === undefined || pendingInSpool() > 0) return 0
  const before = clock().getTime() - ORPHAN_MS
  let removed = 0
  let keys: string[] = []
  const look = async (): Promise<void> => {
    for (const key of await unknownFiles(database.db, keys)) {
      await storage.remove(key)
      removed += 1
      log.info('retention.orphan-removed', { key })
    }
    keys = []
  }
  for await (const { key, modifiedAt } of storage.stored()) {
    if (modifiedAt.getTime() < before) keys.push(key)
    if (keys.length >= ROWS) await look()
  }
  await look()
  return removed
}
