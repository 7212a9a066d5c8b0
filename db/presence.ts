import { sql } from 'kysely'
import type { DeviceState, QueueState } from '../server/sources/pbx.ts'
import { agentsByExtensions } from './agents.ts'
import { type Db, isAnyOf, together, toJson } from './database.ts'
import type { AgentPresenceTable } from './schema.ts'
import { insertRows } from './table-rows.ts'

/** A queue of a connection, with whose its members' extensions are. */
export interface QueueRow extends QueueState {
  readonly connectionId: string
  readonly agents: ReadonlyMap<string, string | null>
}

/** The queues that are shown, by connection and name. */
export async function listQueues(db: Db): Promise<QueueRow[]> {
  const rows = await db
    .selectFrom('queueStates')
    .selectAll()
    .orderBy('connectionId')
    .orderBy('name')
    .execute()
  return together(rows.map(async ({ connectionId, state }) => toQueueRow(db, connectionId, state)))
}

export async function toQueueRow(
  db: Db,
  connectionId: string,
  state: QueueState,
): Promise<QueueRow> {
  const extensions = state.members.map(({ extension }) => extension)
  return {
    ...state,
    connectionId,
    agents: await agentsByExtensions(db, connectionId, extensions),
  }
}

export interface SavedQueues {
  /** Those that are new or have changed. */
  readonly changed: readonly QueueState[]
  /** Of those who have become a member, are one no more, or have another pause. */
  readonly extensions: readonly string[]
}

/** Keeps a connection's queues as the PBX shows them. */
export async function saveQueues(
  db: Db,
  connectionId: string,
  states: readonly QueueState[],
): Promise<SavedQueues> {
  const names = states.map(({ name }) => name)
  const former = await db
    .selectFrom('queueStates')
    .select('state')
    .where('connectionId', '=', connectionId)
    .execute()
  await db
    .deleteFrom('queueStates')
    .where('connectionId', '=', connectionId)
    .where((eb) => eb.not(isAnyOf('name', names)))
    .execute()
  const [before, now] = [pausesOf(former.map(({ state }) => state)), pausesOf(states)]
  const differing = [...before, ...now].filter(([pause]) => !before.has(pause) || !now.has(pause))
  return {
    changed: await upsertQueues(db, connectionId, states),
    extensions: [...new Set(differing.map(([, extension]) => extension))],
  }
}

/** Who is paused in which queue, and why; with the extension of each. */
function pausesOf(queues: readonly QueueState[]): Map<string, string> {
  return new Map(
    queues.flatMap(({ name, members }) =>
      members.map(({ extension, paused, reason }): [string, string] => [
        JSON.stringify([name, extension, paused, reason]),
        extension,
      ]),
    ),
  )
}

/** Gives those that are new or have changed. */
async function upsertQueues(
  db: Db,
  connectionId: string,
  states: readonly QueueState[],
): Promise<QueueState[]> {
  if (states.length === 0) return []
  // A connection that was removed meanwhile has no queues.
  const { rows } = await sql<{ state: QueueState }>`
    insert into queue_states (connection_id, name, state)
    select connections.id, told ->> 'name', told
    from connections, jsonb_array_elements(${toJson(states)}::jsonb) as told
    where connections.id = ${connectionId}
    on conflict (connection_id, name) do update set state = excluded.state
      where queue_states.state <> excluded.state
    returning state
  `.execute(db)
  return rows.map(({ state }) => state)
}

/** Keeps the state of an extension's phone; false where it is no news. */
export async function saveDevice(
  db: Db,
  connectionId: string,
  extension: string,
  state: DeviceState,
): Promise<boolean> {
  const { rows } = await sql`
    insert into device_states (connection_id, extension, state)
    select id, ${extension}, ${state} from connections where id = ${connectionId}
    on conflict (connection_id, extension) do update set state = excluded.state
      where device_states.state <> excluded.state
    returning state
  `.execute(db)
  return rows.length > 0
}

/** Computing and telling a state is one process's at a time: the others find it told. */
export async function lockPresence(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('ringside.presence'))`.execute(tx)
}

/** What colleagues are told of an agent, and since when no page is open. */
export interface AgentStateRow {
  readonly agentId: string
  readonly state: AgentPresenceTable['state']
  readonly reason: string | null
  readonly since: Date
  readonly goneSince: Date | null
}

/** Writes these states; what the agents chose stays. However many begin their shift, it is one statement. */
export async function saveStates(tx: Db, states: readonly AgentStateRow[]): Promise<void> {
  const rows = states.map((state) => ({ ...state, chosen: 'free' }))
  await insertRows(tx, 'agent_presence', STATE_COLUMNS, rows, STATE_AGAIN)
}

const STATE_COLUMNS = {
  agentId: 'text',
  chosen: 'text',
  state: 'text',
  reason: 'text',
  since: 'timestamptz',
  goneSince: 'timestamptz',
}
const STATE_AGAIN = sql`on conflict (agent_id) do update set state = excluded.state,
  reason = excluded.reason, since = excluded.since, gone_since = excluded.gone_since`

/** What an agent chose to be. */
export type PresenceChoice = Pick<AgentPresenceTable, 'chosen' | 'chosenReason'> & {
  readonly chosenAt: Date
}

/** Writes what is said of an agent; the rest stays. */
export async function savePresence(
  tx: Db,
  agentId: string,
  change: Partial<PresenceChoice>,
  now: Date,
): Promise<void> {
  const fresh = { agentId, chosen: 'free', state: 'offline', since: now } as const
  await tx
    .insertInto('agentPresence')
    .values({ ...fresh, ...change })
    .onConflict((conflict) => {
      const known = conflict.column('agentId')
      return Object.keys(change).length === 0 ? known.doNothing() : known.doUpdateSet(change)
    })
    .execute()
}

/** A conversation of the agent's ended: the latest counts. */
export async function noteTalkEnded(
  tx: Db,
  agentId: string,
  endedAt: Date,
  now: Date,
): Promise<void> {
  await savePresence(tx, agentId, {}, now)
  await tx
    .updateTable('agentPresence')
    .set({ talkEndedAt: endedAt })
    .where('agentId', '=', agentId)
    .where((eb) => eb.or([eb('talkEndedAt', 'is', null), eb('talkEndedAt', '<', endedAt)]))
    .execute()
}
