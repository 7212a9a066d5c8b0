import { sql } from 'kysely'
import type { Db } from './database.ts'

export type AgentState = 'free' | 'busy' | 'offline'

/** Busy: talks with a customer; offline: no page of ours was open within the last minute. */
export async function loadAgentStates(
  db: Db,
  agentIds: readonly string[],
  now: Date,
): Promise<Map<string, AgentState>> {
  if (agentIds.length === 0) return new Map()
  const talking = new Set(await listTalkingAgents(db))
  const online = await db
    .selectFrom('openPages')
    .select('agentId')
    .distinct()
    .where('agentId', 'in', agentIds)
    .where('pages', '>', 0)
    .where('seenAt', '>', new Date(now.getTime() - 60_000))
    .execute()
  const present = new Set(online.map(({ agentId }) => agentId))
  return new Map(
    agentIds.map((id) => [id, talking.has(id) ? 'busy' : present.has(id) ? 'free' : 'offline']),
  )
}

/** Of answered calls that go on: who is on a leg that was answered, and who dialled. */
async function listTalkingAgents(db: Db): Promise<string[]> {
  const { rows } = await sql<{ agentId: string }>`
    select distinct talking.agent_id from (
      select agent_id from calls where ended_at is null and answered_at is not null
        and direction = 'outgoing'
      union all
      select leg ->> 'agentId' from calls, jsonb_array_elements(calls.legs) as leg
      where ended_at is null and answered_at is not null
        and leg ->> 'answeredAt' is not null and leg ->> 'endedAt' is null
    ) as talking
    where talking.agent_id is not null
  `.execute(db)
  return rows.map(({ agentId }) => agentId)
}
