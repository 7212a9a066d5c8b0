import { listAgentIds, loadPresenceFacts, type PresenceFacts } from '../../db/agent-states.ts'
import { extensionsOfAgents, listAgentsById } from '../../db/agents.ts'
import { type Database, type Db, inTransaction, together } from '../../db/database.ts'
import { appendOutbox, type OutboxEntry } from '../../db/outbox.ts'
import {
  type AgentStateRow,
  lockPresence,
  noteTalkEnded,
  saveDevice,
  savePresence,
  saveQueues,
  saveStates,
  toQueueRow,
} from '../../db/presence.ts'
import { loadSettings } from '../../db/settings.ts'
import type { CallView } from '../http/schemas.ts'
import { toColleagueView, toQueueView } from '../http/view.ts'
import type { Log } from '../log.ts'
import type { DeviceState, QueueState } from '../sources/pbx.ts'
import { type AgentPresence, deriveState } from './agent-state.ts'

export interface PresenceOptions {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  /** Told after a commit that told something. */
  readonly onTold: () => void
}

/** Which agents can take a call, computed in one place and told when it changes (CTL-6). */
export interface Presence {
  /** Calls, as the stream tells them: who talks, and who has just talked. */
  hear(event: { readonly type: string; readonly data: unknown }): void
  /** The agent says so. */
  choose(agentId: string, chosen: 'free' | 'away' | 'offline', reason: string | null): Promise<void>
  device(connectionId: string, extension: string, state: DeviceState): void
  queues(connectionId: string, states: readonly QueueState[]): void
  /** What time changes: pages that are gone, wrap-ups that are over. */
  sweep(): Promise<void>
  /** Everything that was heard so far has been told. */
  settled(): Promise<void>
}

interface Device {
  readonly connectionId: string
  readonly extension: string
  readonly state: DeviceState
}

const MAX_HEARD = 10_000
/** At rest at once; where calls come and go, what they change is looked at together (PERF-2). */
const EVERY_MS = 200
const AT_A_TIME = 500
/** How far a PBX's clock is believed to be off (CALL-17). */
const CLOCK_ERROR_MS = 2 * 60_000

export function createPresence(options: PresenceOptions): Presence {
  const { database, log, clock } = options
  const waiting = new Set<string>()
  // The last state of each is what counts: a PBX tells faster than a database takes.
  const devices = new Map<string, Device>()
  const queues = new Map<string, readonly QueueState[]>()
  const talks: TalkEnded[] = []
  let everybody = false
  let isDue = false
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let last: Promise<void> = Promise.resolve()

  // A call is told again and again after its end; by our clock, because the PBX's can be off.
  const heard = new Set<string>()
  const isNew = (key: string): boolean => {
    if (heard.has(key)) return false
    if (heard.size >= MAX_HEARD) heard.clear()
    heard.add(key)
    return true
  }
  /** One thing after another; what fails is put right by the next sweep. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch((error: unknown) => log.warn('presence.failed', { error }))
    return last
  }
  const takeHeard = async (): Promise<void> => {
    const ended = talks.splice(0)
    if (ended.length > 0) await noteEnded(database.db, ended, clock())
    for (const [key, device] of [...devices]) {
      const { connectionId, extension, state } = device
      if (await saveDevice(database.db, connectionId, extension, state)) everybody = true
      // It may have changed meanwhile; where it could not be kept it is tried again.
      if (devices.get(key) === device) devices.delete(key)
    }
    for (const [connectionId, states] of [...queues]) {
      if (await tellQueues(options, connectionId, states)) everybody = true
      if (queues.get(connectionId) === states) queues.delete(connectionId)
    }
  }
  const refreshSoon = (): void => {
    if (isDue) return
    isDue = true
    void inTurn(async () => {
      const waitMs = lookedAtMs + EVERY_MS - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      lookedAtMs = performance.now()
      isDue = false
      await takeHeard()
      const isAll = everybody
      const heardOf = [...waiting]
      waiting.clear()
      everybody = false
      await refresh(options, isAll ? await listAgentIds(database.db) : heardOf)
    })
  }

  return {
    hear: ({ type, data }) => {
      if (type !== 'call') return
      // The outbox's own entry of this type.
      const call = data as CallView
      talks.push(...talksEnded(call).filter(({ key }) => isNew(key)))
      for (const agentId of agentsIn(call)) waiting.add(agentId)
      refreshSoon()
    },
    choose: async (agentId, chosen, reason) => {
      const now = clock()
      const change = { chosen, chosenReason: reason, chosenAt: now }
      await savePresence(database.db, agentId, change, now)
      await refresh(options, [agentId])
    },
    device: (connectionId, extension, state) => {
      devices.set(`${connectionId} ${extension}`, { connectionId, extension, state })
      refreshSoon()
    },
    queues: (connectionId, states) => {
      queues.set(connectionId, states)
      refreshSoon()
    },
    sweep: async () => {
      everybody = true
      refreshSoon()
      await last
    },
    settled: () => last,
  }
}

/** Of thousands some at a time: between them whoever is called hears of it. */
async function refresh(options: PresenceOptions, agentIds: readonly string[]): Promise<void> {
  for (let start = 0; start < agentIds.length; start += AT_A_TIME) {
    await refreshSome(options, agentIds.slice(start, start + AT_A_TIME))
  }
}

/** Looks first without a lock: nearly always nothing has changed. */
async function refreshSome(
  { database, clock, onTold }: PresenceOptions,
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

async function tellQueues(
  { database, clock, onTold }: PresenceOptions,
  connectionId: string,
  states: readonly QueueState[],
): Promise<boolean> {
  const isTold = await inTransaction(database.db, async (tx) => {
    const changed = await saveQueues(tx, connectionId, states)
    const rows = await together(changed.map((state) => toQueueRow(tx, connectionId, state)))
    const told = rows.map(
      (row): OutboxEntry => ({ type: 'queue', audience: null, data: toQueueView(row) }),
    )
    await appendOutbox(tx, told, clock())
    return told.length > 0
  })
  if (isTold) onTold()
  return isTold
}

function agentsIn({ agentId, legs }: CallView): string[] {
  return [agentId, ...legs.map((leg) => leg.agentId)].filter((id) => id !== null)
}

interface TalkEnded {
  readonly agentId: string
  readonly at: Date
  readonly key: string
}

/** Whose part in the conversation is over. */
function talksEnded(call: CallView): TalkEnded[] {
  const ends = call.legs.map((leg) => ({ ...leg, isTalk: leg.answeredAt !== null }))
  const { agentId, answeredAt, endedAt, direction } = call
  // Who dialled has no leg.
  const isTalk = direction !== 'incoming' && answeredAt !== null
  return [...ends, { agentId, endedAt, isTalk }].flatMap((end) =>
    end.agentId === null || end.endedAt === null || !end.isTalk
      ? []
      : [
          {
            agentId: end.agentId,
            at: new Date(end.endedAt),
            key: `${call.id} ${end.agentId} ${end.endedAt}`,
          },
        ],
  )
}

/** What ended long ago is told of late. */
async function noteEnded(db: Db, ended: readonly TalkEnded[], now: Date): Promise<void> {
  const { wrapUpSeconds } = await loadSettings(db)
  if (wrapUpSeconds === 0) return
  const since = now.getTime() - wrapUpSeconds * 1000 - CLOCK_ERROR_MS
  for (const { agentId, at } of ended) {
    if (at.getTime() > since) await noteTalkEnded(db, agentId, now, now)
  }
}
