import { sql } from 'kysely'
import type { StoredRecording } from '../server/calls/call.ts'
import type { CallName } from './calls.ts'
import { type Db, isAnyOf } from './database.ts'
import { newId } from './new-id.ts'
import { rowsAs } from './table-rows.ts'

/** A recording as it is kept; its bytes are in the storage under `storageKey`. */
export interface Recording {
  readonly id: string
  readonly connectionId: string
  readonly uniqueId: string
  /** Null until the call shows up (CALL-8). */
  readonly callId: string | null
  readonly storageKey: string
  readonly sha256: string
  readonly mime: string
  readonly bytes: number
  /** Null until it was measured, or where that could not be done. */
  readonly seconds: number | null
  readonly createdAt: Date
}

export interface NewRecording {
  readonly connectionId: string
  readonly uniqueId: string
  readonly callId: string | null
  readonly recording: StoredRecording
  readonly createdAt: Date
}

/** Keeps a recording; null where the same bytes of the same call are there already. */
export async function saveRecording(db: Db, added: NewRecording): Promise<string | null> {
  const { connectionId, uniqueId, callId, recording, createdAt } = added
  const { key: storageKey, sha256, mime, bytes } = recording
  const row = await db
    .insertInto('recordings')
    .values({
      id: newId(),
      connectionId,
      uniqueId,
      callId,
      storageKey,
      sha256,
      mime,
      bytes,
      seconds: null,
      createdAt,
    })
    .onConflict((conflict) => conflict.columns(['connectionId', 'uniqueId', 'sha256']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export async function loadRecording(db: Db, id: string): Promise<Recording | null> {
  const row = await db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst()
  return row ?? null
}

/** The recordings of each call, its parts in the order in which they came. */
export async function listRecordingsOfCalls(
  db: Db,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Recording[]>> {
  if (callIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('recordings')
    .selectAll()
    .where(isAnyOf('callId', callIds))
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return Map.groupBy(rows, (row) => row.callId ?? '')
}

/** Gives the recordings that came before their call to it; returns their ids. */
export async function attachRecordings(
  db: Db,
  connectionId: string,
  uniqueId: string,
  callId: string,
): Promise<readonly string[]> {
  const rows = await db
    .updateTable('recordings')
    .set({ callId })
    .where('connectionId', '=', connectionId)
    .where('uniqueId', '=', uniqueId)
    .where('callId', 'is', null)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id).sort()
}

/** By which of these unique ids recordings came before their call. */
export async function listUnattachedNames(
  db: Db,
  names: readonly CallName[],
): Promise<readonly CallName[]> {
  const { rows } = await sql<CallName>`
    select distinct early.connection_id, early.unique_id
    from ${rowsAs('name', { connectionId: 'text', uniqueId: 'text' }, names)}
    join recordings as early on early.connection_id = name.connection_id
      and early.unique_id = name.unique_id
    where early.call_id is null
  `.execute(db)
  return rows
}

/** Recordings whose call is not known, newest first; `before` is the last id of the page before. */
export async function listUnattachedRecordings(
  db: Db,
  connectionId: string,
  page: { readonly limit: number; readonly before: string | null },
): Promise<readonly Recording[]> {
  let query = db
    .selectFrom('recordings')
    .selectAll()
    .where('connectionId', '=', connectionId)
    .where('callId', 'is', null)
  if (page.before !== null) query = query.where('id', '<', page.before)
  return query.orderBy('id', 'desc').limit(page.limit).execute()
}

/** Whether it is known how long and how loud a recording is, or that nobody can tell. */
export async function isMeasured(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('recordingPeaks')
    .select('recordingId')
    .where('recordingId', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

/** Nobody gives the recording to a call until the transaction ends; null: it is gone. */
export async function loadRecordingForUpdate(tx: Db, id: string): Promise<Recording | null> {
  const row = await tx
    .selectFrom('recordings')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/** How long a recording is, once it was measured. */
export async function saveRecordingSeconds(db: Db, id: string, seconds: number): Promise<void> {
  await db.updateTable('recordings').set({ seconds }).where('id', '=', id).execute()
}

/** How loud each channel is where, from 0 to 255; no channels where no decoder knows the file. */
export async function savePeaks(
  db: Db,
  recordingId: string,
  channels: readonly Uint8Array[],
  measuredAt: Date,
): Promise<void> {
  const row = { channels: channels.length, points: Buffer.concat(channels), measuredAt }
  await db
    .insertInto('recordingPeaks')
    .values({ recordingId, ...row })
    .onConflict((conflict) => conflict.column('recordingId').doUpdateSet(row))
    .execute()
}

/** The peaks of a recording; null until it was measured. */
export async function loadPeaks(db: Db, recordingId: string): Promise<Uint8Array[] | null> {
  const row = await db
    .selectFrom('recordingPeaks')
    .select(['channels', 'points'])
    .where('recordingId', '=', recordingId)
    .executeTakeFirst()
  if (row === undefined) return null
  const length = row.channels === 0 ? 0 : row.points.length / row.channels
  return Array.from({ length: row.channels }, (_none, channel) =>
    row.points.slice(channel * length, (channel + 1) * length),
  )
}

/** The newest recordings whose measuring was never finished. */
export async function listUnmeasured(db: Db, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('recordings')
    .leftJoin('recordingPeaks', 'recordingPeaks.recordingId', 'recordings.id')
    .select('recordings.id')
    .where('recordings.seconds', 'is', null)
    .where('recordingPeaks.recordingId', 'is', null)
    .orderBy('recordings.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}
