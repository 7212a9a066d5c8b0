import { sql } from 'kysely'
import type { Source } from '../server/calls/call.ts'
import { type Db, toJson } from './database.ts'

/** A call that an id means, and who told of it. */
export interface NamedCall {
  /** The id asked for. */
  readonly uniqueId: string
  readonly callId: string
  /** The id that the call began with. */
  readonly ownId: string
  readonly firstEventAt: Date
  readonly lastEventAt: Date
}

/** Which calls these unique ids mean. */
export async function callsNamed(
  db: Db,
  connectionId: string,
  ids: readonly string[],
): Promise<NamedCall[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('callIds')
    .innerJoin('calls', 'calls.id', 'callIds.callId')
    .select([
      'callIds.uniqueId',
      'calls.id as callId',
      'calls.uniqueId as ownId',
      'calls.firstEventAt',
      'calls.lastEventAt',
    ])
    .where('callIds.connectionId', '=', connectionId)
    .where('callIds.uniqueId', 'in', [...ids])
    .orderBy('calls.id')
    .execute()
}

/** Which sources told of a call. */
export async function sourcesOf(db: Db, callId: string): Promise<ReadonlySet<Source>> {
  const rows = await db
    .selectFrom('callEvents')
    .select('source')
    .distinct()
    .where('callId', '=', callId)
    .execute()
  return new Set(rows.map(({ source }) => source))
}

/** By which unique ids a source told of a call. */
export async function idsToldBy(
  db: Db,
  callId: string,
  source: Source,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('callEvents')
    .select('uniqueId')
    .distinct()
    .where('callId', '=', callId)
    .where('source', '=', source)
    .execute()
  return new Set(rows.map(({ uniqueId }) => uniqueId))
}

/** True where an event of the call says that this is one of its channels. */
export async function hasChannel(db: Db, callId: string, id: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from call_events
      where call_id = ${callId} and event -> 'channelIds' @> ${toJson([id])}::jsonb
    ) as found
  `.execute(db)
  return rows[0]?.found === true
}

/**
 * Gives everything of a call to another one, and removes it. Its message, where it has one, goes;
 * the case of that message is the caller's business.
 */
export async function mergeCall(tx: Db, from: string, to: string): Promise<void> {
  await sql`update call_events set call_id = ${to} where call_id = ${from}`.execute(tx)
  await sql`
    insert into call_ids (connection_id, unique_id, call_id)
    select connection_id, unique_id, ${to} from call_ids where call_id = ${from}
    on conflict do nothing
  `.execute(tx)
  await sql`update recordings set call_id = ${to} where call_id = ${from}`.execute(tx)
  await sql`
    update calls as call set recordings_gone = coalesce(call.recordings_gone, gone.recordings_gone)
    from calls as gone where call.id = ${to} and gone.id = ${from}
  `.execute(tx)
  await sql`update call_actions set call_id = ${to} where call_id = ${from}`.execute(tx)
  await sql`
    insert into dismissals (call_id, agent_id)
    select ${to}, agent_id from dismissals where call_id = ${from}
    on conflict do nothing
  `.execute(tx)
  await sql`
    insert into drafts (call_id, subject, essence, updated_at, updated_by)
    select ${to}, subject, essence, updated_at, updated_by from drafts where call_id = ${from}
    on conflict do nothing
  `.execute(tx)
  await sql`delete from messages where call_id = ${from}`.execute(tx)
  await sql`delete from calls where id = ${from}`.execute(tx)
}
