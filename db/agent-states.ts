import { type RawBuilder, sql } from 'kysely'
import type { DeviceState } from '../server/sources/pbx.ts'
import type { Db } from './database.ts'
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

/** A page counts that was there within the last minute: its process may be gone. */
const PAGE_MS = 60_000

/** Of these agents, or of all. */
export async function loadPresenceFacts(
  db: Db,
  agentIds: readonly string[] | null,
  now: Date,
): Promise<PresenceFacts[]> {
  if (agentIds?.length === 0) return []
  const { rows } = await sql<PresenceFacts>`
    select agent.id as agent_id, coalesce(presence.chosen, 'free') as chosen,
      presence.chosen_reason, presence.chosen_at, presence.talk_ended_at, presence.gone_since,
      presence.state, presence.reason, presence.since,
      pages.agent_id is not null as has_page, talking.agent_id is not null as is_on_call,
      coalesce(device.states, '[]') as devices, coalesce(queue.pauses, '[]') as queues
    from agents as agent
    left join agent_presence as presence on presence.agent_id = agent.id
    left join (
      select distinct agent_id from open_pages
      where pages > 0 and seen_at > ${new Date(now.getTime() - PAGE_MS)}
    ) as pages on pages.agent_id = agent.id
    left join (${talkingAgents}) as talking on talking.agent_id = agent.id
    left join (
      select extension.agent_id, jsonb_agg(device.state) as states
      from device_states as device ${ownerOf('device')} group by extension.agent_id
    ) as device on device.agent_id = agent.id
    left join (
      select extension.agent_id, jsonb_agg(member) as pauses
      from (
        select connection_id, member ->> 'extension' as extension, member
        from queue_states, jsonb_array_elements(queue_states.state -> 'members') as member
      ) as place ${ownerOf('place')} group by extension.agent_id
    ) as queue on queue.agent_id = agent.id
    ${agentIds === null ? sql`` : sql`where agent.id in (${sql.join(agentIds)})`}
    order by agent.id
  `.execute(db)
  return rows
}

/** Whose an extension is: the connection's own list wins over what is said for every one. */
function ownerOf(table: 'device' | 'place'): RawBuilder<unknown> {
  const source = sql.ref(table)
  return sql`join lateral (
    select agent_id from agent_extensions
    where extension = ${source}.extension and connection_id in ('*', ${source}.connection_id)
    order by connection_id = '*' limit 1
  ) as extension on extension.agent_id is not null`
}

/** Of calls that go on: who is on a leg that was answered, and who dialled. */
const talkingAgents = sql`
  select distinct agent_id from (
    select agent_id from calls where ended_at is null and direction <> 'incoming'
    union all
    select leg ->> 'agentId' from calls, jsonb_array_elements(calls.legs) as leg
    where ended_at is null and answered_at is not null
      and leg ->> 'answeredAt' is not null and leg ->> 'endedAt' is null
  ) as own where agent_id is not null
`
