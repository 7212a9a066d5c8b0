import { sql } from 'kysely'
import { type Db, toJson } from './database.ts'

/** A connection as it is kept; credentials and tokens are sealed or hashed. */
export interface ConnectionRecord {
  readonly id: string
  readonly name: string
  readonly timeZone: string
  /** Times that come from then on are read in it. */
  readonly zoneSince: Date
  readonly country: string
  readonly ari: Record<string, unknown> | null
  readonly ariSealed: string | null
  readonly ami: Record<string, unknown> | null
  readonly amiSealed: string | null
  readonly internalCalls: boolean
  readonly recordings: boolean
  readonly phrases: Record<string, string>
  readonly timeouts: Record<string, number>
  readonly options: Record<string, unknown>
  readonly tokenHash: string
  readonly tokenSealed: string
  readonly oldTokenHash: string | null
  readonly oldWorksUntil: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export function loadConnection(db: Db, id: string): Promise<ConnectionRecord | undefined> {
  return db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst()
}

/** As `loadConnection`; nobody else changes it until the transaction ends. */
export function lockConnection(tx: Db, id: string): Promise<ConnectionRecord | undefined> {
  return tx
    .selectFrom('connections')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

/** All connections, oldest first: there are few. */
export function listConnections(db: Db): Promise<ConnectionRecord[]> {
  return db.selectFrom('connections').selectAll().orderBy('id').execute()
}

/** Whose tokens work in webhooks, before a rotation is over the old one aside. */
export async function listWebhookTokens(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('connections').select('tokenHash').execute()
  return rows.map((row) => row.tokenHash)
}

export async function listConnectionIds(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('connections').select('id').execute()
  return rows.map((row) => row.id)
}

export async function insertConnection(db: Db, connection: ConnectionRecord): Promise<void> {
  await db.insertInto('connections').values(toRow(connection)).execute()
}

export async function saveConnection(db: Db, connection: ConnectionRecord): Promise<void> {
  const { id, createdAt: _made, ...row } = toRow(connection)
  await db.updateTable('connections').set(row).where('id', '=', id).execute()
}

/** Takes the connection with its events away; false where it has calls or recordings. */
export async function deleteConnection(db: Db, id: string): Promise<boolean> {
  for (const table of ['calls', 'recordings'] as const) {
    const used = await db
      .selectFrom(table)
      .select('id')
      .where('connectionId', '=', id)
      .limit(1)
      .executeTakeFirst()
    if (used !== undefined) return false
  }
  await db.deleteFrom('callEvents').where('connectionId', '=', id).execute()
  await db.deleteFrom('agentExtensions').where('connectionId', '=', id).execute()
  await db.deleteFrom('connections').where('id', '=', id).execute()
  return true
}

function toRow(connection: ConnectionRecord): Omit<
  { [K in keyof ConnectionRecord]: ConnectionRecord[K] },
  'ari' | 'ami' | 'phrases' | 'timeouts' | 'options'
> & {
  ari: string
  ami: string
  phrases: string
  timeouts: string
  options: string
} {
  const { ari, ami, phrases, timeouts, options } = connection
  return {
    ...connection,
    ari: toJson(ari),
    ami: toJson(ami),
    phrases: toJson(phrases),
    timeouts: toJson(timeouts),
    options: toJson(options),
  }
}

/** What the webhook of each connection has sent so far. */
export interface WebhookSeen {
  readonly lastEventAt: Date | null
  readonly aliases: readonly string[]
}

export async function loadWebhookSeen(
  db: Db,
  connectionIds: readonly string[],
): Promise<Map<string, WebhookSeen>> {
  const { rows } = await sql<WebhookSeen & { connectionId: string }>`
    select asked.connection_id, coalesce(
      (select jsonb_agg(seen.alias order by seen.first_at, seen.alias) from connection_seen as seen
        where seen.connection_id = asked.connection_id and seen.flow = 'any'),
      '[]'
    ) as aliases, (
      select event.arrived_at from call_events as event
      where event.connection_id = asked.connection_id and event.source in ('webhook', 'cti')
      order by event.id desc limit 1
    ) as last_event_at
    from jsonb_array_elements_text(${toJson(connectionIds)}::jsonb) as asked (connection_id)
  `.execute(db)
  return new Map(rows.map(({ connectionId, ...seen }) => [connectionId, seen]))
}
