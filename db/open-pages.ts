import { type SelectQueryBuilder, sql } from 'kysely'
import { type Db, toRows } from './database.ts'
import type { Tables } from './schema.ts'
import { insertRows, rowsAs } from './table-rows.ts'

/** A server process says at least this often which of its agents have a page open. */
export const PAGES_STALE_MS = 60_000

/** How many pages each agent has open at this server process; zero forgets the agent. */
export async function savePages(
  db: Db,
  processId: string,
  pages: ReadonlyMap<string, number>,
  at: Date,
): Promise<void> {
  const open = [...pages].filter(([, count]) => count > 0)
  const gone = [...pages].filter(([, count]) => count === 0).map(([agentId]) => ({ agentId }))
  if (gone.length > 0) {
    // A join: an array would be looked through for each row, minutes with ten thousands of both.
    await sql`delete from open_pages as old using ${rowsAs('gone', { agentId: 'text' }, gone)}
      where old.process_id = ${processId} and old.agent_id = gone.agent_id`.execute(db)
  }
  const rows = open.map(([agentId, count]) => ({ processId, agentId, pages: count, seenAt: at }))
  await insertRows(db, 'open_pages', COLUMNS, rows, AGAIN)
}

const COLUMNS = { processId: 'text', agentId: 'text', pages: 'integer', seenAt: 'timestamptz' }
const AGAIN = sql`on conflict (process_id, agent_id)
  do update set pages = excluded.pages, seen_at = excluded.seen_at`

/** Removes what processes that are gone left behind. */
export async function forgetStalePages(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('openPages').where('seenAt', '<', staleBefore(now)).execute()
}

export async function agentsWithOpenPage(
  db: Db,
  agentIds: readonly string[],
  now: Date,
): Promise<Set<string>> {
  if (agentIds.length === 0) return new Set()
  const rows = await agentsWithPages(db, now)
    .where(sql<boolean>`agent_id in ${toRows(agentIds)}`)
    .execute()
  return new Set(rows.map((row) => row.agentId))
}

/** At whichever process. */
export function agentsWithPages(
  db: Db,
  now: Date,
): SelectQueryBuilder<Tables, 'openPages', { agentId: string }> {
  return db
    .selectFrom('openPages')
    .select('agentId')
    .distinct()
    .where('seenAt', '>=', staleBefore(now))
}

function staleBefore(now: Date): Date {
  return new Date(now.getTime() - PAGES_STALE_MS)
}
