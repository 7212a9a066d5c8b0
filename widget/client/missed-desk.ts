/** What agents do at the missed-call desk (CASE-17), and what became of those who waited. */
import type { CallView, CaseSummaryView, CaseView } from '../../server/http/schemas.ts'
import { dial } from './call-control.ts'
import { historyOf } from './case-edit.ts'
import type { Client } from './client.ts'
import { claim } from './requests.ts'
import type { State } from './state.ts'

/** Takes the missed call for this agent; one's own stays as it is. */
export async function take(client: Client, found: CaseSummaryView): Promise<void> {
  if (found.assigneeId === client.state.me?.id && found.assigneeId !== null) return
  await claim(client, found.id)
}

/** Takes the missed call, then dials; where it was somebody else's, nothing is dialled. */
export async function callBack(
  client: Client,
  found: CaseSummaryView,
  number: string,
): Promise<CallView> {
  await take(client, found)
  return dial(client, number)
}

/** Seconds until a claim is given back by itself; null where it is not. */
export function claimLeft(state: State, found: CaseSummaryView): number | null {
  if (found.claimedAt === null || state.me === null) return null
  const until = Date.parse(found.claimedAt) + state.me.claimMinutes * 60_000
  return Math.max(0, Math.ceil((until - state.now) / 1000))
}

/** Who settled a missed call: by talking with the caller, or by closing the case. */
export interface Settled {
  readonly didTalk: boolean
  readonly agentId: string | null
}

/** How many of the caller's cases are looked at for the conversation. */
const LOOKED_AT = 3

/** Asks why nobody waits in this case any more. */
export async function whySettled(client: Client, found: CaseSummaryView): Promise<Settled> {
  const history = await historyOf(client, found.id)
  const closed = history.findLast((one) => one.kind === 'status' && one.to === 'closed')
  if (closed !== undefined && closed.rule === null) {
    return { didTalk: false, agentId: closed.agentId }
  }
  for (const id of await casesOfCaller(client, found)) {
    const { messages } = await client.api.get<CaseView>(`/api/cases/${id}`)
    const since = found.waitingSince ?? found.createdAt
    const talk = messages.findLast(({ call }) => (call?.answeredAt ?? '') > since)
    if (talk?.call) return { didTalk: true, agentId: talk.call.agentId }
  }
  return { didTalk: true, agentId: null }
}

/** The case itself, then what the caller has talked about last. */
async function casesOfCaller(client: Client, found: CaseSummaryView): Promise<string[]> {
  if (found.userId === null) return [found.id]
  const path = `/api/cases?userId=${encodeURIComponent(found.userId)}&limit=${LOOKED_AT + 1}`
  const { items } = await client.api.get<{ items: readonly CaseSummaryView[] }>(path)
  const others = items.map((one) => one.id).filter((id) => id !== found.id)
  return [found.id, ...others.slice(0, LOOKED_AT)]
}
