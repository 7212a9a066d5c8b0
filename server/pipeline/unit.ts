import { loadCall } from '../../db/calls.ts'
import { loadCase, messageOfCall } from '../../db/cases.ts'
import type { Db } from '../../db/database.ts'
import type { KeptDraft } from '../../db/drafts.ts'
import { appendOutbox, type HookEvent, type OutboxEntry } from '../../db/outbox.ts'
import { refreshFacts } from '../../db/report-facts.ts'
import { loadUser } from '../../db/users.ts'
import type { Call } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import { type Message, toCaseSummary, toMessageView } from '../cases/case-view.ts'
import type { CallView, CaseEventView } from '../http/schemas.ts'
import { toUserView } from '../http/view.ts'
import { viewCalls } from './view-calls.ts'

/** One transaction's work: where it writes, and what is to be told when it is true. */
export interface Unit {
  readonly tx: Db
  readonly now: Date
  readonly told: OutboxEntry[]
  /** Recordings that became known, to be measured after the commit. */
  readonly recordingIds: string[]
  /** Cases that were opened and not told of yet. */
  readonly openedCases: Set<string>
  /** Cases in which something happened that reports count. */
  readonly reportedCases: Set<string>
}

export function createUnit(tx: Db, now: Date): Unit {
  return { tx, now, told: [], recordingIds: [], openedCases: new Set(), reportedCases: new Set() }
}

/** Puts the facts of reports in order and writes what is to be told; the last thing that a transaction does. */
export async function tellAll(unit: Unit): Promise<void> {
  await refreshFacts(unit.tx, [...unit.reportedCases].sort())
  await appendOutbox(unit.tx, unit.told, unit.now)
}

export async function viewCall(tx: Db, call: Call): Promise<CallView> {
  const [view] = await viewCalls(tx, [call])
  return view!
}

/** A call as it is now, to the agents whom it concerns; those it rang before hear of it too. */
export async function tellCall(
  unit: Unit,
  call: Call,
  alsoTo: readonly string[] = [],
  events: readonly HookEvent[] = [],
): Promise<void> {
  const data = await viewCall(unit.tx, call)
  const audience = [...new Set([...agentsOn(call), ...alsoTo])]
  unit.told.push({ type: 'call', audience, data, events })
}

/** A case as it is now, with the message that changed. */
export async function tellCase(unit: Unit, caseId: string, message: Message | null): Promise<void> {
  const found = await loadCase(unit.tx, caseId)
  if (found === null) return
  const data: CaseEventView = {
    ...toCaseSummary(found),
    message: message === null ? null : await viewMessage(unit.tx, message),
    withdrawnTo: found.withdrawnTo,
  }
  const event = unit.openedCases.delete(caseId) ? 'case.created' : 'case.updated'
  unit.told.push({ type: 'case', audience: null, data, events: [event] })
}

/** The case that a call is in, after the call changed. */
export async function tellCaseOfCall(unit: Unit, callId: string): Promise<void> {
  const message = await messageOfCall(unit.tx, callId)
  if (message !== null) await tellCase(unit, message.caseId, message)
}

export async function viewMessage(tx: Db, message: Message) {
  const kept = message.callId === null ? null : await loadCall(tx, message.callId)
  return toMessageView(message, kept === null ? null : await viewCall(tx, kept.call))
}

export async function tellUser(
  unit: Unit,
  userId: string,
  events: readonly HookEvent[] = [],
): Promise<void> {
  const user = await loadUser(unit.tx, userId)
  if (user != null) unit.told.push({ type: 'user', audience: null, data: toUserView(user), events })
}

/** A person said who the caller is (USER-4): the user, and the call that it was said of. */
export async function tellLinked(unit: Unit, userId: string, callId: string): Promise<void> {
  const user = await loadUser(unit.tx, userId)
  if (user == null) return
  const data = { ...toUserView(user), callId }
  unit.told.push({ type: 'hook', audience: [], data, events: ['user.linked'] })
}

/** The stream's `draft` event. */
export function toDraftEvent({ updatedAt, ...draft }: KeptDraft) {
  return { ...draft, updatedAt: updatedAt.toISOString() }
}
