import type { MessageRow } from '../../db/call-messages.ts'
import { loadCall } from '../../db/calls.ts'
import { toCase, toMessage } from '../../db/cases.ts'
import { type Db, together } from '../../db/database.ts'
import type { KeptDraft } from '../../db/drafts.ts'
import { appendOutbox, type HookEvent, type OutboxEntry } from '../../db/outbox.ts'
import { refreshFacts } from '../../db/report-facts.ts'
import { createWorkingSet, type WorkingSet } from '../../db/working/working-set.ts'
import type { Call } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import { type Message, toCaseSummary, toMessageView } from '../cases/case-view.ts'
import type { CallView, CaseEventView } from '../http/schemas.ts'
import { toUserView } from '../http/view.ts'
import { newest } from './newest.ts'
import { toView, viewPauses } from './view-calls.ts'

/** One transaction's work: what it reads and writes, and what is to be told when it is true. */
export interface Unit {
  readonly tx: Db
  readonly now: Date
  readonly work: WorkingSet
  readonly told: OutboxEntry[]
  /** Recordings that became known, to be measured after the commit. */
  readonly recordingIds: string[]
  /** Cases that were opened and not told of yet. */
  readonly openedCases: Set<string>
  /** What the dialplans are known to have sent, and what they sent besides. */
  readonly seenBefore: ReadonlySet<string>
  readonly seen: Set<string>
  /** What is told of cases that have no number before they are written. */
  readonly unnumbered: { id: string; number: number }[]
}

export function createUnit(tx: Db, now: Date, seenBefore: ReadonlySet<string> = new Set()): Unit {
  return {
    tx,
    now,
    work: createWorkingSet(tx, now),
    told: [],
    recordingIds: [],
    openedCases: new Set(),
    seenBefore,
    seen: new Set(),
    unnumbered: [],
  }
}

/** Writes everything, puts the facts of reports in order, and writes what is to be told; the last thing that a transaction does. */
export async function tellAll({ tx, now, work, told, unnumbered }: Unit): Promise<void> {
  await work.flush()
  for (const each of unnumbered) each.number = (await work.cases.find(each.id))?.number ?? 0
  await together([
    refreshFacts(tx, [...work.news.reportedCases].sort()),
    appendOutbox(tx, newest(told), now),
  ])
}

async function viewCall({ tx, work }: Unit, call: Call): Promise<CallView> {
  const recordings = (await work.recordings.find(call.id)) ?? []
  const message = await work.messages.find(call.id)
  // Few calls have a recording yet when they are told.
  const pauses = recordings.length === 0 ? [] : await viewPauses(tx, call)
  return toView(call, { caseId: message?.caseId ?? null, recordings, pauses })
}

/** A call as it is now, to the agents whom it concerns; those it rang before hear of it too. */
export async function tellCall(
  unit: Unit,
  call: Call,
  alsoTo: readonly string[] = [],
  events: readonly HookEvent[] = [],
): Promise<void> {
  const data = await viewCall(unit, call)
  const audience = [...new Set([...agentsOn(call), ...alsoTo])]
  unit.told.push({ type: 'call', audience, data, events })
}

/** A case as it is now, with the message that changed. */
export async function tellCase(unit: Unit, caseId: string, message: Message | null): Promise<void> {
  const row = await unit.work.cases.find(caseId)
  if (row === null) return
  const data: CaseEventView = {
    ...toCaseSummary(toCase(row)),
    message: message === null ? null : await viewMessage(unit, message),
    withdrawnTo: row.withdrawnTo,
  }
  if (data.number === 0) unit.unnumbered.push(data)
  const event = unit.openedCases.delete(caseId) ? 'case.created' : 'case.updated'
  unit.told.push({ type: 'case', audience: null, data, events: [event] })
}

/** The case that a call is in, after the call changed. */
export async function tellCaseOfCall(unit: Unit, callId: string): Promise<void> {
  const message: MessageRow | null = await unit.work.messages.find(callId)
  if (message !== null) await tellCase(unit, message.caseId, toMessage(message))
}

async function viewMessage(unit: Unit, message: Message) {
  const call = message.callId === null ? null : await callNow(unit, message.callId)
  return toMessageView(message, call === null ? null : await viewCall(unit, call))
}

/** A call as it is now, whoever may be changing it next. */
export async function callNow({ tx, work }: Unit, callId: string): Promise<Call | null> {
  const kept = work.calls.peek(callId) ?? (await loadCall(tx, callId))
  return kept?.call ?? null
}

export async function tellUser(
  unit: Unit,
  userId: string,
  events: readonly HookEvent[] = [],
): Promise<void> {
  const user = await unit.work.users.find(userId)
  if (user !== null)
    unit.told.push({ type: 'user', audience: null, data: toUserView(user), events })
}

/** A person said who the caller is (USER-4): the user, and the call that it was said of. */
export async function tellLinked(unit: Unit, userId: string, callId: string): Promise<void> {
  const user = await unit.work.users.find(userId)
  if (user === null) return
  const data = { ...toUserView(user), callId }
  unit.told.push({ type: 'hook', audience: [], data, events: ['user.linked'] })
}

/** The stream's `draft` event. */
export function toDraftEvent({ updatedAt, ...draft }: KeptDraft) {
  return { ...draft, updatedAt: updatedAt.toISOString() }
}
