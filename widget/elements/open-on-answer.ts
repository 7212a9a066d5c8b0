/** The call that an agent answers or dials opens the profile by itself (POP-3, POP-6). */
import type { CallView } from '../../server/http/schemas.ts'
import type { Client } from '../client/client.ts'
import { selectCallUsers, selectCurrentCalls } from '../client/select.ts'
import type { State } from '../client/state.ts'
import type { Route } from './route.ts'

/** Calls that go on at once are few; those before them have ended. */
const MOST = 100

/** The agent's call that is new since an earlier state, once; `opened` remembers those that were. */
export function answeredCall(before: State, after: State, opened: Set<string>): CallView | null {
  const had = new Set(selectCurrentCalls(before).map((call) => call.id))
  const [answered] = selectCurrentCalls(after).filter((call) => !had.has(call.id))
  // A call that was on hold comes back to what the agent had on the screen.
  if (answered === undefined || opened.has(answered.id)) return null
  opened.add(answered.id)
  for (const id of opened) if (opened.size > MOST) opened.delete(id)
  return answered
}

/**
 * What it opens; empty: nothing. `isReload`: the page has been loaded while the call goes on, so that a call with a
 * case has been seen to, and one that was being written about is gone on with.
 */
export function routesOf(client: Client, call: CallView, isReload: boolean): readonly Route[] {
  if (isReload && call.caseId !== null) return []
  const draft = client.state.drafts.get(call.id)
  const hasDraft = draft !== undefined && `${draft.subject}${draft.essence}`.trim() !== ''
  const profile = { view: 'call', callId: call.id } as const
  return isReload && hasDraft ? [profile, { view: 'form', callId: call.id }] : [profile]
}

/** The one user that a call is with, as far as it is known. */
export function onlyUserId(client: Client, call: CallView): string | null {
  const users = selectCallUsers(client.state, call)
  return users.length === 1 ? (users[0]?.id ?? null) : null
}
