import { listAgentsDue, loadPresenceFacts, type PresenceFacts } from '../../db/agent-states.ts'
import { extensionsOfAgents, listAgentsById } from '../../db/agents.ts'
import { type Database, type Db, inTransaction } from '../../db/database.ts'
import { appendOutbox, type OutboxEntry } from '../../db/outbox.ts'
import { type AgentStateRow, lockPresence, saveStates } from '../../db/presence.ts'
import { loadSettings } from '../../db/settings.ts'
import { toColleagueView } from '../http/view.ts'
import { type AgentPresence, deriveState, GONE_MS } from './agent-state.ts'

export interface Telling {
  readonly database: Database
  readonly clock: () => Date
  /** Told after a commit that told something. */
  readonly onTold: () => void
}

const AT_A_TIME = 500

/** Whom time alone, or a page, may have changed. */
export async function listDue(db: Db, now: Date): Promise<string[]> {
  const { wrapUpSeconds } = await loadSettings(db)
  return listAgentsDue(db, {
    now,
    goneSince: new Date(now.getTime() - GONE_MS),
    talkEndedAt: new Date(now.getTime() - wrapUpSeconds * 1000),
  })
}

/** Of thousands some at a time: between them whoever is called hears of it. */
export async function refresh(options: Telling, agentIds: readonly string[]): Promise<void> {
  for (let start = 0; start < agentIds.length; start += AT_A_TIME) {
    await refreshSome(options, agentIds.slice(start, start + AT_A_TIME))
  }
}

/** Looks first without a lock: nearly always nothing has changed. */
async function refreshSome(
  { database, clock, onTold }: Telling,
  agentIds: readonly string[],
): Promise<void> {
  const { db } = database
  const now = clock()
  const changed = await changes(db, agentIds, now)
  if (changed.length === 0) return
  const isTold = await inTransaction(db, async (tx) => {
    await lockPresence(tx)
    const ids = changed.map(({ row }) => row.agentId)
    const still = await changes(tx, ids, now)
    await saveStates(
      tx,
      still.map(({ row }) => row),
    )
    const told = await tell(tx, still, now)
    await appendOutbox(tx, told, now)
    return told.length > 0
  })
  if (isTold) onTold()
}

interface Changed {
  readonly row: AgentStateRow
  readonly presence: AgentPresence
  readonly isNews: boolean
}

async function changes(
  db: Db,
  agentIds: readonly string[],
  now: Date,
): Promise<readonly Changed[]> {
  const { wrapUpSeconds } = await loadSettings(db)
  const facts = await loadPresenceFacts(db, agentIds, now)
  return facts.flatMap((each) => toChange(each, deriveState(each, { now, wrapUpSeconds }), now))
}

/** What is to be written; an agent who never was there is nothing to write home about. */
function toChange(facts: PresenceFacts, presence: AgentPresence, now: Date): Changed[] {
  const { agentId, state, reason, hasPage, goneSince } = facts
  const isNews = presence.state !== (state ?? 'offline') || presence.reason !== reason
  const gone = hasPage ? null : (goneSince ?? now)
  const isGoneNews = state !== null && (gone === null) !== (goneSince === null)
  if (!isNews && !isGoneNews) return []
  const since = isNews ? now : (facts.since ?? now)
  const row = { agentId, state: presence.state, reason: presence.reason, since, goneSince: gone }
  return [{ row, presence, isNews }]
}

async function tell(tx: Db, changed: readonly Changed[], now: Date): Promise<OutboxEntry[]> {
  const news = changed.filter(({ isNews }) => isNews)
  const ids = news.map(({ row }) => row.agentId)
  const agents = await listAgentsById(tx, ids)
  const extensions = await extensionsOfAgents(tx, ids)
  return news.flatMap(({ row: { agentId }, presence }) => {
    const agent = agents.get(agentId)
    if (agent === undefined) return []
    const shown = { ...presence, since: now }
    const data = toColleagueView(agent, extensions.get(agentId) ?? [], shown)
    return [{ type: 'agent', audience: null, data }]
  })
}
