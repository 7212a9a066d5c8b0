import { listActiveCallsOf, listCalls } from '../../db/calls.ts'
import type { Db } from '../../db/database.ts'
import { listDismissals, loadDrafts } from '../../db/drafts.ts'
import { outboxRange } from '../../db/outbox.ts'
import { batched } from '../batched.ts'
import type { Call } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import { onlyOwn } from '../http/access.ts'
import type { HelloView } from '../http/schemas.ts'
import { toDraftView } from '../http/view.ts'
import { viewCalls } from '../pipeline/view-calls.ts'
import type { Listener } from './subscribers.ts'

/** A listener's active calls, drafts and closed pop-ups, at least as new as a position. */
export interface Snapshot extends Pick<HelloView, 'calls' | 'drafts' | 'dismissed'> {
  readonly at: number
}

/** What is shown to a client that comes; for thousands who come at once it is read together (HOLD-6). */
export interface Snapshots {
  of(listener: Listener): Promise<Snapshot>
}

/** Of more calls than this at once, a client is told the newest. */
const MAX_ACTIVE = 5000
const AT_ONCE = 64

export function createSnapshots(db: Db, maxActive = MAX_ACTIVE): Snapshots {
  return { of: batched((listeners) => readAll(db, listeners, maxActive), AT_ONCE) }
}

async function readAll(
  db: Db,
  listeners: readonly Listener[],
  maxActive: number,
): Promise<Snapshot[]> {
  // Before the rest: what is told meanwhile is heard again, and nothing is missed.
  const at = (await outboxRange(db))?.last ?? 0
  const shown = await callsOf(db, listeners, maxActive)
  const calls = [...new Map(shown.flat().map((call) => [call.id, call])).values()]
  const ids = calls.map(({ id }) => id)
  const views = new Map((await viewCalls(db, calls)).map((view) => [view.id, view]))
  const drafts = new Map((await loadDrafts(db, ids)).map((draft) => [draft.callId, draft]))
  const closed = await listDismissals(db, ids)
  return listeners.map(({ agentId }, index) => {
    const own = new Set(shown[index]?.map(({ id }) => id))
    const ownDrafts = [...own].flatMap((id) => drafts.get(id) ?? [])
    return {
      at,
      calls: [...own].flatMap((id) => views.get(id) ?? []),
      drafts: Object.fromEntries(ownDrafts.map((draft) => [draft.callId, toDraftView(draft)])),
      dismissed: closed.flatMap((each) =>
        each.agentId === agentId && own.has(each.callId) ? [each.callId] : [],
      ),
    }
  })
}

/** Of each listener, newest first. */
async function callsOf(
  db: Db,
  listeners: readonly Listener[],
  limit: number,
): Promise<(readonly Call[])[]> {
  const newestOf = (visibleTo: string | null): Promise<Call[]> =>
    listCalls(db, { visibleTo, state: 'active', limit })
  const agentIds = new Set(listeners.flatMap((listener) => onlyOwn(listener) ?? []))
  const ofAgents = await listActiveCallsOf(db, [...agentIds], limit)
  if (ofAgents.length === limit) {
    // Too many together: an agent's must not be missing for those of another.
    const found: (readonly Call[])[] = []
    for (const listener of listeners) found.push(await newestOf(onlyOwn(listener)))
    return found
  }
  const seesAll = listeners.some((listener) => onlyOwn(listener) === null)
  const everybodys = seesAll ? await newestOf(null) : []
  const byAgent = new Map<string, Call[]>([...agentIds].map((id) => [id, []]))
  for (const call of ofAgents) for (const id of agentsOn(call)) byAgent.get(id)?.push(call)
  return listeners.map((listener) => {
    const agentId = onlyOwn(listener)
    return agentId === null ? everybodys : (byAgent.get(agentId) ?? [])
  })
}
