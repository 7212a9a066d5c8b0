import { sql } from 'kysely'
import { type Db, together } from './database.ts'
import { lockOutbox } from './locks.ts'
import { insertRows } from './table-rows.ts'

/** What receivers of webhooks can ask for (ADMIN-7). */
export const HOOK_EVENTS = [
  'case.created',
  'case.updated',
  'call.started',
  'call.answered',
  'call.ended',
  'recording.ready',
  'user.created',
  'user.linked',
] as const
export type HookEvent = (typeof HOOK_EVENTS)[number]

/** What is told to browsers and hooks, once it is true. */
export interface OutboxEntry {
  readonly type:
    | 'call'
    | 'case'
    | 'user'
    | 'recording'
    | 'agent'
    | 'settings'
    | 'draft'
    | 'dismissed'
    | 'queue'
    | 'controls'
    /** For receivers of webhooks alone: no browser hears it. */
    | 'hook'
  /** The agents it is meant for; null: all. Supervisors and admins get every entry. */
  readonly audience: readonly string[] | null
  /** The whole object, as the API shows it. */
  readonly data: unknown
  /** What it is for receivers of webhooks, in this order; nothing unless given. */
  readonly events?: readonly HookEvent[]
}

export interface OutboxRow extends OutboxEntry {
  readonly id: number
}

/**
 * Appends in the order of commits, inside the transaction that made it true. Must be the last thing
 * that the transaction does: the lock makes other appends wait until it ends.
 */
export async function appendOutbox(
  tx: Db,
  entries: readonly OutboxEntry[],
  at: Date,
): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ events = [], ...entry }) => ({
    ...entry,
    at,
    events: events.length === 0 ? null : events,
  }))
  await together([lockOutbox(tx), insertRows(tx, 'outbox', COLUMNS, rows)])
}

const COLUMNS = {
  at: 'timestamptz',
  type: 'text',
  audience: 'jsonb',
  data: 'jsonb',
  events: 'jsonb',
} as const

/** Rows after `lastId`, oldest first. */
export async function readOutbox(db: Db, lastId: number, limit: number): Promise<OutboxRow[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['id', 'type', 'audience', 'data'])
    .where('id', '>', lastId)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows as OutboxRow[]
}

/** The ids of the oldest and the newest row; null where there is none. */
export async function outboxRange(db: Db): Promise<{ first: number; last: number } | null> {
  const { first, last } = await db
    .selectFrom('outbox')
    .select((eb) => [eb.fn.min('id').as('first'), eb.fn.max('id').as('last')])
    .executeTakeFirstOrThrow()
  return first === null || last === null ? null : { first: Number(first), last: Number(last) }
}

/**
 * Removes what no client resumes from any more, and what hooks have been told of. The newest row
 * stays, so that ids go on from it.
 */
export async function trimOutbox(db: Db, before: Date): Promise<void> {
  await db
    .deleteFrom('outbox')
    .where('at', '<', before)
    .where('id', '<', (eb) => eb.selectFrom('outbox').select((max) => max.fn.max('id').as('id')))
    .where(
      sql<boolean>`(id <= (select position from hook_position)
        or not exists (select from hooks where state <> 'disabled'))`,
    )
    .execute()
}
