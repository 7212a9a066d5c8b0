import { sql } from 'kysely'
import { EXTENSION_COLUMNS, lockExtensions } from './agents.ts'
import { type Db, inTransaction, isAnyOf, toArray } from './database.ts'
import { insertRows } from './table-rows.ts'

/** One extension of a connection, and whose it is. */
export interface ExtensionRow {
  readonly extension: string
  readonly agentId: string | null
  /** The phone picks up when it is told to (CTL-3). */
  readonly canAnswer: boolean
}

/** The extensions that an admin assigned on this connection, or a token named for it. */
export function listExtensions(db: Db, connectionId: string): Promise<ExtensionRow[]> {
  return db
    .selectFrom('agentExtensions')
    .select(['extension', 'agentId', 'canAnswer'])
    .where('connectionId', '=', connectionId)
    .orderBy('extension')
    .execute()
}

/** Whose these extensions are, those that are anybody's; `*` is a connection of its own here. */
export function listAssigned(
  db: Db,
  extensions: readonly { readonly connectionId: string; readonly extension: string }[],
): Promise<{ connectionId: string; extension: string; agentId: string | null }[]> {
  const list = (of: 'connectionId' | 'extension') =>
    toArray([...new Set(extensions.map((each) => each[of]))])
  return db
    .selectFrom('agentExtensions')
    .select(['connectionId', 'extension', 'agentId'])
    .where(sql<boolean>`extension = any(${list('extension')})`)
    .where(sql<boolean>`connection_id = any(${list('connectionId')})`)
    .execute()
}

/**
 * Replaces a connection's whole list; of an extension that is there twice the last one counts.
 * Answers with the id of an agent who does not exist, in which case nothing was changed.
 */
export function replaceConnectionExtensions(
  db: Db,
  connectionId: string,
  items: readonly ExtensionRow[],
): Promise<string | null> {
  const rows = [...new Map(items.map((item) => [item.extension, item])).values()]
  return inTransaction(db, async (tx) => {
    await lockExtensions(tx)
    const unknown = await unknownAgent(tx, rows)
    if (unknown !== null) return unknown
    await tx.deleteFrom('agentExtensions').where('connectionId', '=', connectionId).execute()
    const values = rows.map((row) => ({ ...row, connectionId }))
    await insertRows(tx, 'agent_extensions', EXTENSION_COLUMNS, values)
    return null
  })
}

async function unknownAgent(tx: Db, rows: readonly ExtensionRow[]): Promise<string | null> {
  const wanted = [...new Set(rows.flatMap(({ agentId }) => (agentId === null ? [] : [agentId])))]
  if (wanted.length === 0) return null
  const known = await tx
    .selectFrom('agents')
    .select('id')
    .where(isAnyOf('id', wanted))
    .where('leftAt', 'is', null)
    .execute()
  const ids = new Set(known.map(({ id }) => id))
  return wanted.find((id) => !ids.has(id)) ?? null
}
