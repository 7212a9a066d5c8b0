import { type SelectQueryBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import type { Tables } from './schema.ts'
import { insertRows, rowsAs } from './table-rows.ts'

/** A server process says at least this often that it goes on, and has the pages that it has told of. */
export const PROCESS_STALE_MS = 60_000

/** A server process goes on; true where it was not known, and has to tell of all its pages. */
export async function saveProcess(db: Db, processId: string, at: Date): Promise<boolean> {
  const { rows } = await sql`
    with known as (update processes set seen_at = ${at} where id = ${processId} returning id)
    insert into processes (id, seen_at)
    select ${processId}, ${at}::timestamptz where not exists (select from known)
    returning id
  `.execute(db)
  return rows.length > 0
}

/** With all its pages. */
export async function forgetProcess(db: Db, processId: string): Promise<void> {
  await db.deleteFrom('processes').where('id', '=', processId).execute()
}

/** Those that are gone without a word, with all their pages. */
export async function forgetStaleProcesses(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('processes').where('seenAt', '<', staleBefore(now)).execute()
}

/** How many pages each agent has open at this server process, which is known; zero forgets the agent. */
export async function savePages(
  db: Db,
  processId: string,
  pages: ReadonlyMap<string, number>,
): Promise<void> {
  const open = [...pages].filter(([, count]) => count > 0)
  const gone = [...pages].filter(([, count]) => count === 0).map(([agentId]) => ({ agentId }))
  if (gone.length > 0) {
    // A join: an array would be looked through for each row, minutes with ten thousands of both.
    await sql`delete from open_pages as old using ${rowsAs('gone', { agentId: 'text' }, gone)}
      where old.process_id = ${processId} and old.agent_id = gone.agent_id`.execute(db)
  }
  const rows = open.map(([agentId, count]) => ({ processId, agentId, pages: count }))
  await insertRows(db, 'open_pages', COLUMNS, rows, AGAIN)
}

const COLUMNS = { processId: 'text', agentId: 'text', pages: 'integer' }
const AGAIN = sql`on conflict (process_id, agent_id) do update set pages = excluded.pages`

export async function agentsWithOpenPage(
  db: Db,
  agentIds: readonly string[],
  now: Date,
): Promise<Set<string>> {
  if (agentIds.length === 0) return new Set()
  // One look for each that is asked for: however it is joined, PostgreSQL may read the pages of all others.
  const page = agentsWithPages(db, now)
    .where('agentId', '=', sql.ref<string>('asked.agent_id'))
    .limit(1)
  const asked = agentIds.map((agentId) => ({ agentId }))
  const { rows } = await sql<{ agentId: string }>`
    select page.agent_id from ${rowsAs('asked', { agentId: 'text' }, asked)}
    cross join lateral (${page}) as page
  `.execute(db)
  return new Set(rows.map((row) => row.agentId))
}

/** At whichever process. */
export function agentsWithPages(
  db: Db,
  now: Date,
): SelectQueryBuilder<Tables, 'openPages' | 'processes', { agentId: string }> {
  return db
    .selectFrom('openPages')
    .innerJoin('processes', 'processes.id', 'openPages.processId')
    .select('agentId')
    .distinct()
    .where('processes.seenAt', '>=', staleBefore(now))
}

function staleBefore(now: Date): Date {
  return new Date(now.getTime() - PROCESS_STALE_MS)
}
