import { sql } from 'kysely'
import type { DeviceState } from '../server/sources/pbx.ts'
import { EVERY_CONNECTION } from './agents.ts'
import { type Db, isAnyOf, together, toRows } from './database.ts'
import { agentsWithOpenPage, agentsWithPages } from './open-pages.ts'
import type { AgentPresenceTable } from './schema.ts'

export type AgentState = AgentPresenceTable['state']

/** Everything that an agent's state is derived from (CTL-6). */
export interface PresenceFacts {
  readonly agentId: string
  readonly chosen: 'free' | 'away' | 'offline'
  readonly chosenReason: string | null
  readonly chosenAt: Date | null
  /** When the last conversation ended. */
  readonly talkEndedAt: Date | null
  readonly goneSince: Date | null
  /** What colleagues were last told; null: nothing yet. */
  readonly state: AgentState | null
  readonly reason: string | null
  readonly since: Date | null
  readonly hasPage: boolean
  readonly isOnCall: boolean
  /** Of the agent's extensions, as far as PBXs tell. */
  readonly devices: readonly DeviceState[]
  /** The queues that the agent is a member of. */
  readonly queues: readonly { readonly paused: boolean; readonly reason: string }[]
}

type Kept = Omit<PresenceFacts, 'hasPage' | 'isOnCall' | 'devices' | 'queues'>

/** Also those who have left; `limit` of those `after` an id, by their ids. */
export async function listAgentIds(
  db: Db,
  { after = '', limit }: { readonly after?: string; readonly limit?: number } = {},
): Promise<string[]> {
  const all = db.selectFrom('agents').select('id').where('id', '>', after).orderBy('id')
  const rows = await (limit === undefined ? all : all.limit(limit)).execute()
  return rows.map(({ id }) => id)
}

/**
 * Whose state may be another by now without anybody having said so: a page came or went, at whichever process, or the
 * time after a conversation is over. The few others of thousands need no look.
 */
export async function listAgentsDue(
  db: Db,
  until: { readonly now: Date; readonly goneSince: Date; readonly talkEndedAt: Date },
): Promise<string[]> {
  const { rows } = await sql<{ agentId: string }>`
    select coalesce(presence.agent_id, page.agent_id) as agent_id
    from agent_presence as presence
    full join (${agentsWithPages(db, until.now)}) as page on page.agent_id = presence.agent_id
    where presence.agent_id is null
      or (page.agent_id is not null
        and (gone_since is not null or (state = 'offline' and chosen <> 'offline')))
      or (page.agent_id is null
        and (gone_since is null or (state <> 'offline' and gone_since <= ${until.goneSince})))
      or (state = 'wrap-up' and talk_ended_at <= ${until.talkEndedAt})
  `.execute(db)
  return rows.map(({ agentId }) => agentId)
}

/**
 * Of these agents. Several small queries: one of all of it is estimated so high that PostgreSQL compiles it, which
 * takes seconds.
 */
export async function loadPresenceFacts(
  db: Db,
  agentIds: readonly string[],
  now: Date,
): Promise<PresenceFacts[]> {
  if (agentIds.length === 0) return []
  const agents = sql<Kept>`
    select agent.id as agent_id, coalesce(presence.chosen, 'free') as chosen,
      presence.chosen_reason, presence.chosen_at, presence.talk_ended_at, presence.gone_since,
      presence.state, presence.reason, presence.since
    from agents as agent left join agent_presence as presence on presence.agent_id = agent.id
    where ${isAnyOf('agent.id', agentIds)}
    order by agent.id
  `.execute(db)
  const [{ rows }, here, talking, devices, queues] = await together([
    agents,
    agentsWithOpenPage(db, agentIds, now),
    listTalkingAgents(db, agentIds),
    listDevices(db, agentIds),
    listMemberships(db, agentIds),
  ])
  return rows.map((row) => ({
    ...row,
    hasPage: here.has(row.agentId),
    isOnCall: talking.has(row.agentId),
    devices: (devices.get(row.agentId) ?? []).map(({ state }) => state),
    queues: queues.get(row.agentId) ?? [],
  }))
}

/** Of calls that go on: who is on a leg that was answered, and who dialled. */
async function listTalkingAgents(db: Db, agentIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ agentId: string }>`
    select agent_id from calls
    where ended_at is null and direction <> 'incoming' and agent_id in ${toRows(agentIds)}
    union
    select leg ->> 'agentId' from calls, jsonb_array_elements(calls.legs) as leg
    where ended_at is null and answered_at is not null
      and leg ->> 'agentId' in ${toRows(agentIds)}
      and leg ->> 'answeredAt' is not null and leg ->> 'endedAt' is null
  `.execute(db)
  return new Set(rows.map(({ agentId }) => agentId))
}

interface Owned {
  readonly connectionId: string
  readonly extension: string
  readonly owner: string
  readonly agentId: string | null
}

async function listDevices(db: Db, agentIds: readonly string[]) {
  const { rows } = await sql<Owned & { state: DeviceState }>`
    select device.connection_id, device.extension, device.state,
      own.connection_id as owner, own.agent_id
    from device_states as device join agent_extensions as own on own.extension = device.extension
      and own.connection_id in (device.connection_id, ${EVERY_CONNECTION})
    where ${isExtensionOf(agentIds)}
  `.execute(db)
  return byAgent(rows)
}

async function listMemberships(db: Db, agentIds: readonly string[]) {
  const { rows } = await sql<Owned & { paused: boolean; reason: string; name: string }>`
    select queue.connection_id, queue.name, own.extension, own.connection_id as owner, own.agent_id,
      (member ->> 'paused')::boolean as paused, member ->> 'reason' as reason
    from queue_states as queue, jsonb_array_elements(queue.state -> 'members') as member
    join agent_extensions as own on own.extension = member ->> 'extension'
    where own.connection_id in (queue.connection_id, ${EVERY_CONNECTION})
      and ${isExtensionOf(agentIds)}
  `.execute(db)
  return byAgent(rows)
}

/** Somebody else's, too, on another connection: whose it is there is said by all who have it. */
function isExtensionOf(agentIds: readonly string[]) {
  return sql`own.extension in (select extension from agent_extensions where ${isAnyOf('agentId', agentIds)})`
}

/** The connection's own list of extensions wins over what is said for every one. */
function byAgent<T extends Owned>(rows: readonly T[]): ReadonlyMap<string | null, readonly T[]> {
  const keyOf = ({ connectionId, extension }: T): string => `${connectionId}\0${extension}`
  const own = new Set(rows.filter(({ owner }) => owner !== EVERY_CONNECTION).map(keyOf))
  const meant = rows.filter((row) => row.owner !== EVERY_CONNECTION || !own.has(keyOf(row)))
  return Map.groupBy(meant, ({ agentId }) => agentId)
}
