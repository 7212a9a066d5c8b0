import { sql } from 'kysely'
import { type Db, toArray } from './database.ts'

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
  const gone = [...pages].filter(([, count]) => count === 0).map(([agentId]) => agentId)
  if (gone.length > 0) {
    await db
      .deleteFrom('openPages')
      .where('processId', '=', processId)
      .where('agentId', 'in', gone)
      .execute()
  }
  if (open.length === 0) return
  await db
    .insertInto('openPages')
    .values(open.map(([agentId, count]) => ({ processId, agentId, pages: count, seenAt: at })))
    .onConflict((conflict) =>
      conflict.columns(['processId', 'agentId']).doUpdateSet((eb) => ({
        pages: eb.ref('excluded.pages'),
        seenAt: eb.ref('excluded.seenAt'),
      })),
    )
    .execute()
}

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
  const rows = await db
    .selectFrom('openPages')
    .select('agentId')
    .distinct()
    .where(sql<boolean>`agent_id = any(${toArray(agentIds)})`)
    .where('seenAt', '>=', staleBefore(now))
    .execute()
  return new Set(rows.map((row) => row.agentId))
}

function staleBefore(now: Date): Date {
  return new Date(now.getTime() - PAGES_STALE_MS)
}
