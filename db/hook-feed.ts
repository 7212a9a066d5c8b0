import { sql } from 'kysely'
import type { Db } from './database.ts'
import type { Hook } from './hooks.ts'
import type { HookEvent } from './outbox.ts'

/** A row of the outbox, as hooks see it. */
export interface FeedRow {
  readonly id: number
  readonly at: Date
  readonly events: readonly HookEvent[] | null
  /** Null where it is for browsers alone. */
  readonly data: unknown
}

/** Up to where the outbox has been read, for one process at a time; null: another one reads it. */
export async function lockFeed(tx: Db): Promise<number | null> {
  const row = await tx
    .selectFrom('hookPosition')
    .select('position')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row === undefined ? null : Number(row.position)
}

/** The hooks that are told, kept as they are until the transaction ends. */
export async function lockActiveHooks(tx: Db): Promise<Hook[]> {
  const rows = await tx
    .selectFrom('hooks')
    .selectAll()
    .where('state', '<>', 'disabled')
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows as Hook[]
}

/** What was told after `position`, oldest first. */
export async function readFeed(tx: Db, position: number, limit: number): Promise<FeedRow[]> {
  const { rows } = await sql<FeedRow>`
    select id, at, events, case when events is null then null else data end as data
    from outbox where id > ${position} order by id limit ${limit}
  `.execute(tx)
  return rows
}

export async function saveFeedPosition(tx: Db, position: number): Promise<void> {
  await tx.updateTable('hookPosition').set({ position }).execute()
}

/** Makes due what waits for something that is not there any more; it would wait for ever. */
export async function releaseStranded(db: Db, now: Date): Promise<void> {
  await sql`
    update hook_deliveries as delivery set state = 'due', next_at = ${now}
    where state = 'waiting' and not exists (
      select from hook_deliveries as earlier
      where earlier.hook_id = delivery.hook_id and earlier.position < delivery.position
        and earlier.keys && delivery.keys and earlier.is_ordered
        and earlier.state in ('waiting', 'due')
    )
  `.execute(db)
}
