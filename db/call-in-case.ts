import type { Origin } from '../server/cases/case.ts'
import type { Member, MemberCall, MessageRow } from './call-messages.ts'
import { type Author, alter, bump, noteHandled, noteHistory, rowOf } from './case-changes.ts'
import { leaveOpening } from './case-opening.ts'
import { newId } from './new-id.ts'
import type { WorkingSet } from './working/working-set.ts'

/** Puts a call's message into a case; gives the other case that it was moved out of. */
export async function putCallMessage(
  work: WorkingSet,
  message: { caseId: string; callId: string; text: string; origin: Origin },
  author: Author,
): Promise<string | null> {
  const { caseId, callId, text, origin } = message
  const before = await work.messages.find(callId)
  const row =
    before === null
      ? newMessage(message, author)
      : { ...before, caseId, ...rewritten(text, origin, author) }
  work.messages.put(callId, row)
  const left = before === null || before.caseId === caseId ? null : before.caseId
  await moveMember(work, row, left)
  noteHistory(work, caseId, author, [{ kind: 'call', from: null, to: callId }])
  if (before === null) await copyActions(work, caseId, callId)
  if (origin !== 'auto') noteHandled(work, caseId, author)
  if (left !== null) {
    await work.directly((tx) => leaveOpening(tx, left, callId))
    noteHistory(work, left, author, [{ kind: 'call', from: callId, to: null }])
    await refreshMissed(work, left)
    await bump(work, left, author.at)
  }
  await keepClaim(work, caseId, callId)
  await refreshMissed(work, caseId)
  await bump(work, caseId, author.at)
  return left
}

/** The call was none of its own: its message goes, and the case is of the others alone. */
export async function takeOutCall(
  work: WorkingSet,
  caseId: string,
  callId: string,
  author: Author,
): Promise<void> {
  await work.directly(async (tx) => {
    await tx.deleteFrom('messages').where('callId', '=', callId).execute()
    await leaveOpening(tx, caseId, callId)
  })
  noteHistory(work, caseId, author, [{ kind: 'call', from: callId, to: null }])
  await refreshMissed(work, caseId)
  await bump(work, caseId, author.at)
}

function newMessage(
  {
    caseId,
    callId,
    text,
    origin,
  }: { caseId: string; callId: string; text: string; origin: Origin },
  author: Author,
): MessageRow {
  return {
    id: newId(),
    caseId,
    kind: 'call',
    callId,
    authorId: author.agentId,
    text,
    origin,
    chosenAt: origin === 'auto' ? null : author.at,
    createdAt: author.at,
  }
}

/** The call's message is among those of its case, and no other's. */
async function moveMember(
  { members, calls }: WorkingSet,
  { id, caseId, callId }: MessageRow,
  left: string | null,
): Promise<void> {
  const without = async (from: string): Promise<Member[]> =>
    ((await members.find(from)) ?? []).filter((member) => member.messageId !== id)
  const call = callId === null ? null : ((await calls.find(callId))?.call ?? null)
  if (left !== null) members.know(left, await without(left))
  members.know(caseId, [...(await without(caseId)), { messageId: id, callId, call }])
}

/** What was done with the call before it came into a case is part of the case's history. */
async function copyActions(work: WorkingSet, caseId: string, callId: string): Promise<void> {
  for (const action of (await work.actions.find(callId)) ?? []) {
    const { at, agentId, action: name, details, result, message } = action
    const to = { ...details, callId, action: name, result, message }
    noteHistory(work, caseId, { at, agentId, rule: null }, [{ kind: 'control', from: null, to }])
  }
}

/** CASE-17: a claim that led to a call is not given back any more; the assignee stays. */
async function keepClaim(work: WorkingSet, caseId: string, callId: string): Promise<void> {
  if ((await rowOf(work, caseId)).claimedAt === null) return
  const call = (await work.calls.find(callId))?.call
  if (call === undefined || (call.direction !== 'outgoing' && call.answeredAt === null)) return
  await alter(work, caseId, { claimedAt: null })
}

/** Gives the call's message another text and origin, where it is; tells the case that somebody handled by that. */
export async function rewriteCallMessage(
  work: WorkingSet,
  callId: string,
  text: string,
  origin: Origin,
  author: Author,
): Promise<string | null> {
  const before = await work.messages.find(callId)
  if (before === null) return null
  work.messages.put(callId, { ...before, ...rewritten(text, origin, author) })
  if (origin === 'auto' || author.agentId === null) return null
  noteHandled(work, before.caseId, author)
  return before.caseId
}

function rewritten(text: string, origin: Origin, author: Author) {
  if (origin === 'auto') return { text, origin }
  return { text, origin, authorId: author.agentId, chosenAt: author.at }
}

/** Since when the case's callers wait, when the last one was missed, and how many were. */
export async function refreshMissed(work: WorkingSet, caseId: string): Promise<void> {
  const row = await rowOf(work, caseId)
  const missed = (await callsInCase(work, caseId))
    .map(({ call }) => call)
    .filter((call) => call !== null)
    .filter(isMissed)
  const waitingSince = first(missed.map((call) => call.startedAt))
  const lastMissedAt = last(missed.flatMap((call) => call.endedAt ?? []))
  const isSame =
    row.missedCalls === missed.length &&
    row.waitingSince?.getTime() === waitingSince?.getTime() &&
    row.lastMissedAt?.getTime() === lastMissedAt?.getTime()
  if (!isSame) await alter(work, caseId, { waitingSince, lastMissedAt, missedCalls: missed.length })
}

/** The messages of a case, their calls as they are now. */
export async function callsInCase(work: WorkingSet, caseId: string): Promise<readonly Member[]> {
  return ((await work.members.find(caseId)) ?? []).map((member) => ({
    ...member,
    call: work.calls.peek(member.callId ?? '')?.call ?? member.call,
  }))
}

export function isMissed({ direction, endedAt, answeredAt }: MemberCall): boolean {
  return direction === 'incoming' && endedAt !== null && answeredAt === null
}

function first(times: readonly Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.min(...times.map(Number)))
}

/** The latest of these instants; null where there is none. */
export function last(times: readonly Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.max(...times.map(Number)))
}
