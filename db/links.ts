import { type Selectable, sql } from 'kysely'
import type { Control, Endpoint, LinkStatus, PbxAnswer, PbxCommand } from '../server/sources/pbx.ts'
import { type Db, isAnyOf, toJson } from './database.ts'
import type { ConnectionLinksTable } from './schema.ts'

export type LinkKind = 'ari' | 'ami'

/** Which link of which connection. */
export interface LinkName {
  readonly connectionId: string
  readonly kind: LinkKind
}

/** One account's link to its PBX, as the process that holds it says. */
export interface LinkRow extends LinkStatus, LinkName {
  readonly owner: string
  /** Whether calls come by this link. */
  readonly events: boolean
  readonly controls: readonly Control[]
  readonly endpoints: readonly Endpoint[]
}

/** An owner says this often at least that it is there. */
export const LINK_SAYS_EVERY_MS = 3000
const STALE = sql<boolean>`updated_at >= now() - interval '12 seconds'`

/** The links that a living process holds; whose process is gone are left out. */
export async function listLinks(db: Db): Promise<LinkRow[]> {
  const rows = await db.selectFrom('connectionLinks').selectAll().where(STALE).execute()
  return rows.map(toLinkRow)
}

/** By the database's clock: those of several servers differ. */
export async function saveLink(db: Db, link: LinkRow): Promise<void> {
  // A connection that was removed meanwhile has no links.
  await sql`
    insert into connection_links (connection_id, kind, owner, state, since, error, version, events,
      controls, endpoints, updated_at)
    select id, ${link.kind}, ${link.owner}, ${link.state}, ${link.since}::timestamptz, ${link.error},
      ${link.version}, ${link.events}::boolean, ${toJson(link.controls)}::jsonb,
      ${toJson(link.endpoints)}::jsonb, now()
    from connections where id = ${link.connectionId}
    on conflict (connection_id, kind) do update set owner = excluded.owner, state = excluded.state,
      since = excluded.since, error = excluded.error, version = excluded.version,
      events = excluded.events, controls = excluded.controls, endpoints = excluded.endpoints,
      updated_at = excluded.updated_at
  `.execute(db)
}

/** The link is not held any more; what another owner says of it stays. */
export async function deleteLink(
  db: Db,
  link: LinkName & { readonly owner: string },
): Promise<void> {
  await db
    .deleteFrom('connectionLinks')
    .where('connectionId', '=', link.connectionId)
    .where('kind', '=', link.kind)
    .where('owner', '=', link.owner)
    .execute()
}

function toLinkRow(row: Selectable<ConnectionLinksTable>): LinkRow {
  const { updatedAt: _heard, ...link } = row
  return link
}

/** Asks whoever holds the link; `ms` is how long an answer is waited for. */
export async function insertCommand(
  db: Db,
  asked: { id: string; link: LinkName; command: PbxCommand; ms: number },
): Promise<void> {
  await sql`
    insert into pbx_commands (id, connection_id, kind, command, deadline)
    values (${asked.id}, ${asked.link.connectionId}, ${asked.link.kind},
      ${toJson(asked.command)}::jsonb,
      now() + ${asked.ms} * interval '1 millisecond')
  `.execute(db)
}

/** Takes what waits for these links; each command is taken once. */
export async function takeCommands(
  db: Db,
  links: readonly LinkName[],
  takenBy: string,
): Promise<{ id: string; link: LinkName; command: PbxCommand }[]> {
  if (links.length === 0) return []
  const rows = await db
    .updateTable('pbxCommands')
    .set({ takenBy })
    .where((eb) =>
      eb.or(
        links.map(({ connectionId, kind }) =>
          eb.and([eb('connectionId', '=', connectionId), eb('kind', '=', kind)]),
        ),
      ),
    )
    .where('takenBy', 'is', null)
    .where(sql<boolean>`deadline > now()`)
    .returning(['id', 'connectionId', 'kind', 'command'])
    .execute()
  return rows.map(({ id, connectionId, kind, command }) => ({
    id,
    link: { connectionId, kind },
    command,
  }))
}

export async function answerCommand(db: Db, id: string, answer: PbxAnswer): Promise<void> {
  await db
    .updateTable('pbxCommands')
    .set({ answer: toJson(answer) })
    .where('id', '=', id)
    .execute()
}

/** The answers that are there. */
export async function loadAnswers(
  db: Db,
  ids: readonly string[],
): Promise<{ id: string; answer: PbxAnswer }[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('pbxCommands')
    .select(['id', 'answer'])
    .where(isAnyOf('id', ids))
    .where('answer', 'is not', null)
    .execute()
  return rows.flatMap(({ id, answer }) => (answer === null ? [] : [{ id, answer }]))
}

/** Forgets a command, and those whose asker is gone; true where nobody had taken it. */
export async function removeCommand(db: Db, id: string): Promise<boolean> {
  const rows = await db
    .deleteFrom('pbxCommands')
    .where((eb) => eb.or([eb('id', '=', id), sql<boolean>`deadline < now() - interval '1 minute'`]))
    .returning(['id', 'takenBy'])
    .execute()
  return rows.some((row) => row.id === id && row.takenBy === null)
}
