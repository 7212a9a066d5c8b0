import { sql } from 'kysely'
import type { Db } from './database.ts'
import { insertRows } from './table-rows.ts'

/** What a PBX specialist needs to find out what their dialplan does wrong (CALL-7). */
export interface ConnectionLogEntry {
  readonly connectionId: string
  readonly at: Date
  readonly kind: 'refused' | 'unmatched'
  readonly reason: string
  readonly hint: string
  /** The address that it came from. */
  readonly source: string
  /** The fields as received, without secrets. */
  readonly fields: Readonly<Record<string, string>>
}

export interface KeptLogEntry extends ConnectionLogEntry {
  readonly id: number
}

const KEPT_PER_CONNECTION = 500

/** Adds an entry; of each connection the last 500 are kept. */
export function appendConnectionLog(db: Db, entry: ConnectionLogEntry): Promise<void> {
  return appendConnectionLogs(db, [entry])
}

/** Adds entries in their order, likewise. */
export async function appendConnectionLogs(
  db: Db,
  entries: readonly ConnectionLogEntry[],
): Promise<void> {
  await insertRows(db, 'connection_log', COLUMNS, entries)
  for (const connectionId of new Set(entries.map((entry) => entry.connectionId))) {
    await trim(db, connectionId)
  }
}

const COLUMNS = {
  connectionId: 'text',
  at: 'timestamptz',
  kind: 'text',
  reason: 'text',
  hint: 'text',
  source: 'text',
  fields: 'jsonb',
} as const

/**
 * Calls are told of in transactions that end with this: none waits for what another takes away, and
 * two that take away for two connections in another order would wait for each other.
 */
async function trim(db: Db, connectionId: string): Promise<void> {
  await db
    .deleteFrom('connectionLog')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('connectionLog as old')
        .select('old.id')
        .where('old.connectionId', '=', connectionId)
        .where('old.id', '<=', (newer) =>
          newer
            .selectFrom('connectionLog as newer')
            .select('newer.id')
            .where('newer.connectionId', '=', connectionId)
            .orderBy('newer.id', 'desc')
            .offset(KEPT_PER_CONNECTION)
            .limit(1),
        )
        .forUpdate()
        .skipLocked(),
    )
    .execute()
}

/** The log of a connection, newest first; `before` is the last id of the page before. */
export async function listConnectionLog(
  db: Db,
  connectionId: string,
  page: {
    readonly limit: number
    readonly before: number | null
    readonly kind: ConnectionLogEntry['kind'] | null
    /** Part of the reason, the hint, the source or a field; empty: all. */
    readonly text?: string
  },
): Promise<readonly KeptLogEntry[]> {
  let query = db.selectFrom('connectionLog').selectAll().where('connectionId', '=', connectionId)
  if (page.before !== null) query = query.where('id', '<', page.before)
  if (page.kind !== null) query = query.where('kind', '=', page.kind)
  if (page.text !== undefined && page.text !== '') {
    // At most 500 rows: no index is of use.
    query = query.where(
      sql<boolean>`position(lower(${page.text}) in lower(concat_ws(' ', reason, hint, source, fields::text))) > 0`,
    )
  }
  return query.orderBy('id', 'desc').limit(page.limit).execute()
}
