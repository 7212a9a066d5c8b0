import { sql } from 'kysely'
import { type Db, toArray, toJson } from './database.ts'

/** True for the one process that may do it now; `since`: when it was last done or gone on with. */
export async function claimRetention(db: Db, now: Date, before: Date): Promise<boolean> {
  const value = toJson({ at: now.toISOString() })
  // Begun by a clock that was ahead: it would wait for that day.
  const wrong = new Date(2 * now.getTime() - before.getTime())
  const { rows } = await sql`
    insert into settings (key, value) values ('retention-run', ${value}::jsonb)
    on conflict (key) do update set value = excluded.value
      where (settings.value ->> 'at')::timestamptz <= ${before}
        or (settings.value ->> 'at')::timestamptz > ${wrong}
    returning key
  `.execute(db)
  return rows.length > 0
}

/** It is still being done. */
export async function renewRetention(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('settings')
    .set({ value: toJson({ at: now.toISOString() }) })
    .where('key', '=', 'retention-run')
    .execute()
}

/** A recording that is not kept any longer. */
export interface OldRecording {
  readonly id: string
  readonly callId: string | null
  readonly storageKey: string
}

/** The oldest recordings from before an instant. */
export async function recordingsBefore(
  db: Db,
  before: Date,
  limit: number,
): Promise<OldRecording[]> {
  return db
    .selectFrom('recordings')
    .select(['id', 'callId', 'storageKey'])
    .where('createdAt', '<', before)
    .orderBy('createdAt')
    .limit(limit)
    .execute()
}

/** Recordings that came in after what is personal in their calls was erased. */
export async function recordingsOfErased(db: Db, limit: number): Promise<OldRecording[]> {
  return db
    .selectFrom('recordings')
    .innerJoin('calls', 'calls.id', 'recordings.callId')
    .select(['recordings.id', 'recordings.callId', 'recordings.storageKey'])
    .where('calls.erasedAt', 'is not', null)
    .limit(limit)
    .execute()
}

/** The rows go, and the calls say that there was something. */
export async function removeRecordings(
  tx: Db,
  recordings: readonly OldRecording[],
  why: 'over-age' | 'erased',
): Promise<void> {
  const ids = recordings.map(({ id }) => id)
  const callIds = recordings.flatMap(({ callId }) => callId ?? [])
  await sql`delete from recordings where id = any(${toArray(ids)})`.execute(tx)
  await sql`update calls set recordings_gone = ${why} where id = any(${toArray(callIds)})`.execute(
    tx,
  )
}

/**
 * Removes events from before an instant, so many looked at, the oldest first; calls that go on keep
 * theirs. Gives where to go on; null where the rest is newer.
 */
export async function removeEvents(
  db: Db,
  {
    after,
    before,
    limit,
  }: { readonly after: number; readonly before: Date; readonly limit: number },
): Promise<number | null> {
  const rows = await db
    .selectFrom('callEvents')
    .leftJoin('calls', 'calls.id', 'callEvents.callId')
    .select(['callEvents.id', 'arrivedAt', 'appliedAt', 'failures', 'callId', 'calls.endedAt'])
    .select('calls.lastEventAt')
    .where('callEvents.id', '>', after)
    .orderBy('callEvents.id')
    .limit(limit)
    .execute()
  const old = rows.filter(({ arrivedAt }) => arrivedAt < before)
  const over = old.filter(
    ({ appliedAt, failures, callId, endedAt, lastEventAt }) =>
      (appliedAt !== null || failures > 0) &&
      (callId === null || (endedAt !== null && lastEventAt !== null && lastEventAt < before)),
  )
  if (over.length > 0) {
    await db
      .deleteFrom('callEvents')
      .where(sql<boolean>`id = any(${toArray(over.map(({ id }) => String(id)))}::bigint[])`)
      .execute()
  }
  const last = rows.at(-1)
  return last === undefined || rows.length < limit || old.length === 0 ? null : last.id
}

/** Removes the oldest entries of the connections' logs, so many at most; gives how many. */
export async function trimConnectionLog(db: Db, before: Date, limit: number): Promise<number> {
  const done = await db
    .deleteFrom('connectionLog')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('connectionLog')
        .select('id')
        .where('at', '<', before)
        .orderBy('at')
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(done.numDeletedRows)
}

/** Of these files of recordings, those that no recording and no event knows. */
export async function unknownFiles(db: Db, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from jsonb_array_elements_text(${toJson(keys)}::jsonb) as key
    where not exists (select from recordings where storage_key = key)
      and not exists (
        select from call_events where applied_at is null and type = 'recorded'
          and event #>> '{recording,key}' = key
      )
  `.execute(db)
  return rows.map(({ key }) => key)
}
