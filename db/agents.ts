import { sql } from 'kysely'
import { type Db, inTransaction, isAnyOf, toRows } from './database.ts'
import { newId } from './new-id.ts'
import type { AgentsTable } from './schema.ts'
import { insertRows } from './table-rows.ts'

export type AgentRole = AgentsTable['role']

export interface Agent {
  readonly id: string
  readonly externalId: string
  readonly name: string
  readonly email: string | null
  readonly role: AgentRole
  /** Since when they are no agent any more; null: they are. */
  readonly leftAt: Date | null
}

/** `connectionId` `*`: on every connection. */
export interface AgentExtension {
  readonly connectionId: string
  readonly extension: string
}

/** As it is kept. `canAnswer`: the phone picks up when it is told to (CTL-3). */
export interface OwnExtension extends AgentExtension {
  readonly canAnswer: boolean
}

export interface KnownAgent {
  readonly agent: Agent
  readonly extensions: readonly OwnExtension[]
}

export const EVERY_CONNECTION = '*'

export const EXTENSION_COLUMNS = {
  connectionId: 'text',
  extension: 'text',
  agentId: 'text',
  canAnswer: 'boolean',
} as const

const COLUMNS = ['id', 'externalId', 'name', 'email', 'role', 'leftAt'] as const

export function loadAgent(db: Db, id: string): Promise<Agent | undefined> {
  return db.selectFrom('agents').select(COLUMNS).where('id', '=', id).executeTakeFirst()
}

/** The agent as it stays until the transaction ends. */
export function lockAgent(tx: Db, id: string): Promise<Agent | undefined> {
  return tx
    .selectFrom('agents')
    .select(COLUMNS)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

export function loadAgentByExternalId(db: Db, externalId: string): Promise<Agent | undefined> {
  return db
    .selectFrom('agents')
    .select(COLUMNS)
    .where('externalId', '=', externalId)
    .executeTakeFirst()
}

/** Who is known by these external ids, with their extensions; the others are missing. */
export async function listKnownAgents(
  db: Db,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, KnownAgent>> {
  const agents = await db
    .selectFrom('agents')
    .select(COLUMNS)
    .where(isAnyOf('externalId', externalIds))
    .execute()
  const extensions = await extensionsOfAgents(
    db,
    agents.map(({ id }) => id),
  )
  return new Map(
    agents.map((agent) => [
      agent.externalId,
      { agent, extensions: extensions.get(agent.id) ?? [] },
    ]),
  )
}

/** Agents by name, after the last one of the page before. */
export function listAgents(
  db: Db,
  page: { readonly limit: number; readonly after: readonly [string, string] | null },
): Promise<Agent[]> {
  const { after, limit } = page
  let query = db.selectFrom('agents').select(COLUMNS).orderBy('name').orderBy('id').limit(limit)
  if (after !== null) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('name', 'id'), '>', tuple(after[0], after[1])),
    )
  }
  return query.execute()
}

export async function listAgentsById(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Agent>> {
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('agents').select(COLUMNS).where(isAnyOf('id', ids)).execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** Whether somebody is an admin: the agent made for the first sign-in only once it was used. */
export async function hasAdmin(db: Db, firstAdminId: string): Promise<boolean> {
  const found = await db
    .selectFrom('agents')
    .select('agents.id')
    .where('role', '=', 'admin')
    .where('leftAt', 'is', null)
    .where((eb) =>
      eb.or([
        eb('agents.externalId', '!=', firstAdminId),
        eb.exists(
          eb
            .selectFrom('browserKeys')
            .select('browserKeys.id')
            .whereRef('browserKeys.agentId', '=', 'agents.id'),
        ),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** What a token or an admin says of an agent; what is undefined stays as it is. */
export interface AgentFacts {
  readonly externalId: string
  readonly name?: string | undefined
  readonly email?: string | null | undefined
  readonly role?: AgentRole | undefined
}

/** Makes the agent on first sight, or updates it; writes nothing where nothing changed. */
export async function upsertByExternalId(db: Db, facts: AgentFacts, now: Date): Promise<Agent> {
  const known = await loadAgentByExternalId(db, facts.externalId)
  if (known !== undefined) return updateAgent(db, known, facts, now)
  const { externalId, name = externalId, email = null, role = 'agent' } = facts
  const made = await db
    .insertInto('agents')
    .values({ id: newId(), externalId, name, email, role, createdAt: now, updatedAt: now })
    .onConflict((conflict) => conflict.column('externalId').doNothing())
    .returning(COLUMNS)
    .executeTakeFirst()
  if (made !== undefined) return made
  // Another request saw the agent first.
  const other = await loadAgentByExternalId(db, externalId)
  if (other === undefined) throw new Error('an agent was made and is gone again')
  return updateAgent(db, other, facts, now)
}

/** Makes an agent; the unique constraint speaks when the external id is taken. */
export function insertAgent(
  db: Db,
  agent: Omit<Agent, 'id' | 'leftAt'>,
  now: Date,
): Promise<Agent> {
  return db
    .insertInto('agents')
    .values({ id: newId(), ...agent, createdAt: now, updatedAt: now })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Writes only what changes: others may have changed the rest since the agent was read. */
export async function updateAgent(
  db: Db,
  agent: Agent,
  facts: Partial<AgentFacts>,
  now: Date,
): Promise<Agent> {
  const changed = {
    externalId: changeOf(agent.externalId, facts.externalId),
    name: changeOf(agent.name, facts.name),
    email: changeOf(agent.email, facts.email),
    role: changeOf(agent.role, facts.role),
  }
  if (Object.values(changed).every((value) => value === undefined)) return agent
  return db
    .updateTable('agents')
    .set({ ...changed, updatedAt: now })
    .where('id', '=', agent.id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Undefined where it stays as it is: such a column is not written. */
function changeOf<T>(from: T, to: T | undefined): T | undefined {
  return to === from ? undefined : to
}

/** They leave, and their phones are nobody's; or, with null, they are back. */
export async function saveAgentLeft(
  db: Db,
  id: string,
  leftAt: Date | null,
  now: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx.updateTable('agents').set({ leftAt, updatedAt: now }).where('id', '=', id).execute()
    if (leftAt === null) return
    await lockExtensions(tx)
    const own = () => tx.updateTable('agentExtensions').set({ agentId: null })
    await own().where('agentId', '=', id).where('connectionId', '!=', EVERY_CONNECTION).execute()
    await tx.deleteFrom('agentExtensions').where('agentId', '=', id).execute()
  })
}

/** The extensions of some agents, in a stable order. */
export async function extensionsOfAgents(
  db: Db,
  agentIds: readonly string[],
): Promise<Map<string, OwnExtension[]>> {
  const byAgent = new Map<string, OwnExtension[]>(agentIds.map((id) => [id, []]))
  if (agentIds.length === 0) return byAgent
  const rows = await db
    .selectFrom('agentExtensions')
    .select(['agentId', 'connectionId', 'extension', 'canAnswer'])
    .where(isAnyOf('agentId', agentIds))
    .orderBy('connectionId')
    .orderBy('extension')
    .execute()
  for (const { agentId, ...extension } of rows) {
    if (agentId !== null) byAgent.get(agentId)?.push(extension)
  }
  return byAgent
}

/** Gives the agent exactly these extensions, taking them from whoever had them. */
export async function replaceExtensions(
  db: Db,
  agentId: string,
  extensions: readonly AgentExtension[],
): Promise<void> {
  const current = (await extensionsOfAgents(db, [agentId])).get(agentId) ?? []
  if (hasExactly(current, extensions)) return
  const wanted = new Map(extensions.map((item) => [keyOf(item), item]))
  // A token says whose an extension is; what its phone can do stays as the admin said.
  const answering = new Set(current.filter((item) => item.canAnswer).map(keyOf))
  await inTransaction(db, async (tx) => {
    await lockExtensions(tx)
    await tx.deleteFrom('agentExtensions').where('agentId', '=', agentId).execute()
    const rows = [...wanted].map(([key, { connectionId, extension }]) => ({
      connectionId,
      extension,
      agentId,
      canAnswer: answering.has(key),
    }))
    const move = sql`on conflict (connection_id, extension) do update set agent_id = excluded.agent_id`
    await insertRows(tx, 'agent_extensions', EXTENSION_COLUMNS, rows, move)
  })
}

/** Whether an agent's extensions are these already. */
export function hasExactly(
  current: readonly AgentExtension[],
  wanted: readonly AgentExtension[],
): boolean {
  const keys = new Set(wanted.map(keyOf))
  return current.length === keys.size && current.every((item) => keys.has(keyOf(item)))
}

/** Lists change one after another: two that take each other's extensions would block each other. */
export async function lockExtensions(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('ringside.agent-extensions'))`.execute(tx)
}

function keyOf(item: AgentExtension): string {
  return `${item.connectionId}\0${item.extension}`
}

/** Whose these extensions are; the connection's own list wins over what is said for every one. */
export async function agentsByExtensions(
  db: Db,
  connectionId: string,
  extensions: readonly string[],
): Promise<Map<string, string | null>> {
  if (extensions.length === 0) return new Map()
  const rows = await db
    .selectFrom('agentExtensions')
    .select(['connectionId', 'extension', 'agentId'])
    .where('connectionId', 'in', [EVERY_CONNECTION, connectionId])
    .where(isAnyOf('extension', [...new Set(extensions)]))
    .execute()
  const found = new Map<string, string | null>(extensions.map((extension) => [extension, null]))
  const general = rows.filter((row) => row.connectionId === EVERY_CONNECTION)
  const own = rows.filter((row) => row.connectionId !== EVERY_CONNECTION)
  for (const row of [...general, ...own]) found.set(row.extension, row.agentId)
  return found
}

/** Who has one of these extensions, on whichever connection. */
export async function listAgentsOfExtensions(
  db: Db,
  extensions: readonly string[],
): Promise<string[]> {
  if (extensions.length === 0) return []
  const rows = await db
    .selectFrom('agentExtensions')
    .select('agentId')
    .distinct()
    .where(sql<boolean>`extension in ${toRows(extensions)}`)
    .execute()
  return rows.flatMap(({ agentId }) => agentId ?? [])
}

/** The extensions on a connection of whom a CTI push means: an extension, external id or e-mail (CALL-9). */
export async function extensionsMeantBy(
  db: Db,
  connectionId: string,
  value: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('agentExtensions')
    .leftJoin('agents', 'agents.id', 'agentExtensions.agentId')
    .select('agentExtensions.extension')
    .where('agentExtensions.connectionId', 'in', [EVERY_CONNECTION, connectionId])
    .where((eb) =>
      eb.or([
        eb('agentExtensions.extension', '=', value),
        eb('agents.externalId', '=', value),
        eb(eb.fn('lower', ['agents.email']), '=', value.toLowerCase()),
      ]),
    )
    .orderBy('agentExtensions.extension')
    .execute()
  return [...new Set(rows.map((row) => row.extension))]
}
