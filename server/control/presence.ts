import { listAgentIds } from '../../db/agent-states.ts'
import { listAgentsOfExtensions } from '../../db/agents.ts'
import { type Db, inTransaction, together } from '../../db/database.ts'
import { appendOutbox, type OutboxEntry } from '../../db/outbox.ts'
import {
  noteTalkEnded,
  saveDevice,
  savePresence,
  saveQueues,
  toQueueRow,
} from '../../db/presence.ts'
import { loadSettings } from '../../db/settings.ts'
import type { CallView } from '../http/schemas.ts'
import { toQueueView } from '../http/view.ts'
import type { Log } from '../log.ts'
import type { DeviceState, QueueState } from '../sources/pbx.ts'
import { listDue, refresh, type Telling } from './tell-presence.ts'

export interface PresenceOptions extends Telling {
  readonly log: Log
}

/** Which agents can take a call, computed in one place and told when it changes (CTL-6). */
export interface Presence {
  /** Calls, as the stream tells them: who talks, and who has just talked. */
  hear(event: {
    readonly type: string
    readonly data: unknown
    readonly audience: readonly string[] | null
  }): void
  /** Something else has changed of these agents, such as whose an extension is. */
  look(agentIds: readonly string[]): void
  /** The agent says so. */
  choose(agentId: string, chosen: 'free' | 'away' | 'offline', reason: string | null): Promise<void>
  device(connectionId: string, extension: string, state: DeviceState): void
  queues(connectionId: string, states: readonly QueueState[]): void
  /** What time changes: pages that are gone, wrap-ups that are over. */
  sweep(): Promise<void>
  /** Everything that was heard so far has been told. */
  settled(): Promise<void>
  /** The same, and nobody is looked at any more. */
  close(): Promise<void>
}

interface Device {
  readonly connectionId: string
  readonly extension: string
  readonly state: DeviceState
}

/** At rest at once; where calls come and go, what they change is looked at together (PERF-2). */
const EVERY_MS = 200
/** Of all agents so many with each sweep, in turn: for what nobody says, such as an extension that is another's now. */
const IN_TURN = 100
/** In a hurry so many with each look. */
const IN_HURRY = 200
/** How far a PBX's clock is believed to be off (CALL-17). */
const CLOCK_ERROR_MS = 2 * 60_000

export function createPresence(options: PresenceOptions): Presence {
  const { database, log, clock } = options
  const waiting = new Set<string>()
  // The last state of each is what counts: a PBX tells faster than a database takes.
  const devices = new Map<string, Device>()
  const queues = new Map<string, readonly QueueState[]>()
  const talks: TalkEnded[] = []
  /** Whose agents are to be looked at: what is kept already is no news when it is tried again. */
  const extensions = new Set<string>()
  let isSweep = false
  /** Looked at once more with the next sweep: another process may have looked between two changes. */
  let again = new Set<string>()
  /** Of all agents those up to here have had their turn. */
  let turnTo = ''
  /**
   * So many times more all of them in a hurry, of thousands some with each look (HOLD-6): at the start, since what
   * changed while no process was there nobody says, and after a failure.
   */
  let roundsInHurry = 1
  let isDue = false
  let isClosed = false
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let last: Promise<void> = Promise.resolve()

  /** A call is told again and again after its end: when which of them was heard first, the oldest first. */
  const heard = new Map<string, number>()
  /** One thing after another; what fails is put right by the next sweep. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch((error: unknown) => {
      // To the end, and from there those before.
      roundsInHurry = turnTo === '' ? 1 : 2
      log.warn('presence.failed', { error })
    })
    return last
  }
  const takeHeard = async (): Promise<void> => {
    const ended = talks.splice(0)
    if (ended.length > 0) await noteEnded(database.db, ended, heard, clock())
    for (const [key, device] of [...devices]) {
      const { connectionId, extension, state } = device
      const isNews = await saveDevice(database.db, connectionId, extension, state)
      if (isNews) extensions.add(extension)
      // It may have changed meanwhile; where it could not be kept it is tried again.
      if (devices.get(key) === device) devices.delete(key)
    }
    for (const [connectionId, states] of [...queues]) {
      for (const each of await tellQueues(options, connectionId, states)) extensions.add(each)
      if (queues.get(connectionId) === states) queues.delete(connectionId)
    }
    const agentIds = await listAgentsOfExtensions(database.db, [...extensions])
    for (const agentId of agentIds) waiting.add(agentId)
    extensions.clear()
  }
  const toSweep = async (): Promise<string[]> => {
    const due = await listDue(database.db, clock())
    const seen = [...again]
    again = new Set()
    return [...due, ...seen]
  }
  const nextInTurn = async (): Promise<string[]> => {
    const limit = roundsInHurry > 0 ? IN_HURRY : IN_TURN
    const some = await listAgentIds(database.db, { after: turnTo, limit })
    const isEnd = some.length < limit
    turnTo = isEnd ? '' : (some.at(-1) ?? '')
    if (isEnd && roundsInHurry > 0) roundsInHurry -= 1
    return some
  }
  const refreshSoon = (): void => {
    if (isDue || isClosed) return
    isDue = true
    void inTurn(async () => {
      const waitMs = lookedAtMs + EVERY_MS - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      lookedAtMs = performance.now()
      isDue = false
      await takeHeard()
      const swept = isSweep ? await toSweep() : []
      const some = isSweep || roundsInHurry > 0 ? await nextInTurn() : []
      isSweep = false
      const heardOf = [...waiting]
      waiting.clear()
      for (const agentId of heardOf) again.add(agentId)
      await refresh(options, [...new Set([...heardOf, ...swept, ...some])])
      if (roundsInHurry > 0) refreshSoon()
    })
  }

  const look = (agentIds: readonly string[]): void => {
    for (const agentId of agentIds) waiting.add(agentId)
    refreshSoon()
  }

  return {
    hear: ({ type, data, audience }) => {
      if (type !== 'call') return
      // The outbox's own entry of this type.
      const call = data as CallView
      talks.push(...talksEnded(call))
      // Who was on it before, too.
      look([...agentsIn(call), ...(audience ?? [])])
    },
    look,
    choose: async (agentId, chosen, reason) => {
      const now = clock()
      const change = { chosen, chosenReason: reason, chosenAt: now }
      again.add(agentId)
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
      isSweep = true
      refreshSoon()
      await last
    },
    settled: () => last,
    close: () => {
      isClosed = true
      return last
    },
  }
}

/** Gives the extensions of those whom it may concern. */
async function tellQueues(
  { database, clock, onTold }: PresenceOptions,
  connectionId: string,
  states: readonly QueueState[],
): Promise<readonly string[]> {
  const { isTold, extensions } = await inTransaction(database.db, async (tx) => {
    const { changed, extensions } = await saveQueues(tx, connectionId, states)
    const rows = await together(changed.map((state) => toQueueRow(tx, connectionId, state)))
    const told = rows.map(
      (row): OutboxEntry => ({ type: 'queue', audience: null, data: toQueueView(row) }),
    )
    await appendOutbox(tx, told, clock())
    return { isTold: told.length > 0, extensions }
  })
  if (isTold) onTold()
  return extensions
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

/** By our clock, because the PBX's can be off; what ended long ago is told of late. */
async function noteEnded(
  db: Db,
  ended: readonly TalkEnded[],
  heard: Map<string, number>,
  now: Date,
): Promise<void> {
  const { wrapUpSeconds } = await loadSettings(db)
  if (wrapUpSeconds === 0) return
  const since = now.getTime() - wrapUpSeconds * 1000 - CLOCK_ERROR_MS
  for (const [key, atMs] of heard) {
    if (atMs > since - CLOCK_ERROR_MS) break
    heard.delete(key)
  }
  for (const { agentId, at, key } of ended) {
    if (at.getTime() <= since || heard.has(key)) continue
    heard.set(key, now.getTime())
    await noteTalkEnded(db, agentId, now, now)
  }
}
