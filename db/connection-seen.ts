import { sql } from 'kysely'
import type { Db } from './database.ts'
import { insertRows } from './table-rows.ts'

/** One kind of event of a connection's dialplan, by its alias, in one of the call flows. */
export interface SeenEvent {
  readonly flow: string
  readonly alias: string
  readonly firstAt: Date
}

/** Which kinds of events the dialplans of connections have sent so far (ADMIN-3). */
export async function noteSeen(
  tx: Db,
  seen: readonly (SeenEvent & { readonly connectionId: string })[],
): Promise<void> {
  await insertRows(tx, 'connection_seen', COLUMNS, seen, sql`on conflict do nothing`)
}

const COLUMNS = {
  connectionId: 'text',
  flow: 'text',
  alias: 'text',
  firstAt: 'timestamptz',
} as const

/** What a connection's dialplan has sent so far, flow by flow. */
export function listSeen(db: Db, connectionId: string): Promise<SeenEvent[]> {
  return db
    .selectFrom('connectionSeen')
    .select(['flow', 'alias', 'firstAt'])
    .where('connectionId', '=', connectionId)
    .orderBy('flow')
    .orderBy('alias')
    .execute()
}
