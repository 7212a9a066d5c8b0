import { sql } from 'kysely'
import type { Db } from './database.ts'

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
