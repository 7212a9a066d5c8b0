import { sql } from 'kysely'
import { v7 as newId } from 'uuid'
import type { Phone } from '../server/calls/call.ts'
import type { CaseChanges, NewCase, Origin } from '../server/cases/case.ts'
import { copyActionsToCase } from './call-actions.ts'
import { leaveOpening } from './case-opening.ts'
import { type Db, toJson } from './database.ts'
import { factsOfChange, factsOfOpening, type Reported } from './facts-of-case.ts'
import { addFacts, addHandled, removeFacts } from './report-facts.ts'

/** Who changes a case, and when: a person, or a rule by its id. */
export interface Author {
  readonly at: Date
  readonly agentId: string | null
  readonly rule: string | null
}

export interface CasePerson {
  readonly userId: string | null
  readonly personKey: string | null
  readonly phone: Phone | null
}

/** Opens a case for a call. `createdAt` is the call's end where a rule opened it. */
export async function insertCase(
  tx: Db,
  opened: NewCase & { person: CasePerson; createdAt: Date; callId: string },
  author: Author,
): Promise<string> {
  const id = newId()
  const { person, createdAt, callId } = opened
  await tx
    .insertInto('cases')
    .values({
      id,
      subject: opened.subject,
      status: opened.status,
      handset: opened.handset,
      assigneeId: opened.assigneeId,
      ...personColumns(person),
      externalId: null,
      // Its first message makes it 1.
      version: 0,
      createdAt,
      updatedAt: author.at,
      closedAt: opened.status === 'closed' ? createdAt : null,
    })
    .execute()
  await appendHistory(tx, id, author, [{ kind: 'opened', from: null, to: opened.status }])
  await addFacts(tx, id, factsOfOpening(opened, { at: createdAt, callId }), callId)
  return id
}

/** Puts a call's message into a case; gives the other case that it was moved out of. */
export async function putCallMessage(
  tx: Db,
  message: { caseId: string; callId: string; text: string; origin: Origin },
  author: Author,
): Promise<string | null> {
  const { caseId, callId, text, origin } = message
  const before = await tx
    .selectFrom('messages')
    .select('caseId')
    .where('callId', '=', callId)
    .executeTakeFirst()
  await tx
    .insertInto('messages')
    .values({
      id: newId(),
      caseId,
      kind: 'call',
      callId,
      authorId: author.agentId,
      text,
      origin,
      chosenAt: origin === 'auto' ? null : author.at,
      createdAt: author.at,
    })
    .onConflict((conflict) =>
      conflict.column('callId').doUpdateSet({ caseId, ...rewritten(text, origin, author) }),
    )
    .execute()
  await appendHistory(tx, caseId, author, [{ kind: 'call', from: null, to: callId }])
  const left = before === undefined || before.caseId === caseId ? null : before.caseId
  if (before === undefined) await copyActionsToCase(tx, callId)
  if (origin !== 'auto') await addHandled(tx, caseId, author)
  if (left !== null) {
    await leaveOpening(tx, left, callId)
    await appendHistory(tx, left, author, [{ kind: 'call', from: callId, to: null }])
    await refreshMissed(tx, left)
    await bump(tx, left, author.at)
  }
  await keepClaim(tx, caseId, callId)
  await refreshMissed(tx, caseId)
  await bump(tx, caseId, author.at)
  return left
}

/** The call was none of its own: its message goes, and the case is of the others alone. */
export async function takeOutCall(
  tx: Db,
  caseId: string,
  callId: string,
  author: Author,
): Promise<void> {
  await tx.deleteFrom('messages').where('callId', '=', callId).execute()
  await leaveOpening(tx, caseId, callId)
  await appendHistory(tx, caseId, author, [{ kind: 'call', from: callId, to: null }])
  await refreshMissed(tx, caseId)
  await bump(tx, caseId, author.at)
}

/** CASE-17: a claim that led to a call is not given back any more; the assignee stays. */
async function keepClaim(tx: Db, caseId: string, callId: string): Promise<void> {
  await sql`
    update cases set claimed_at = null from calls as call
    where cases.id = ${caseId} and cases.claimed_at is not null and call.id = ${callId}
      and (call.direction = 'outgoing' or call.answered_at is not null)
  `.execute(tx)
}

/** Gives the call's message another text and origin, where it is; tells the case that somebody handled by that. */
export async function rewriteCallMessage(
  tx: Db,
  callId: string,
  text: string,
  origin: Origin,
  author: Author,
): Promise<string | null> {
  await tx
    .updateTable('messages')
    .set(rewritten(text, origin, author))
    .where('callId', '=', callId)
    .execute()
  if (origin === 'auto' || author.agentId === null) return null
  const own = await tx
    .selectFrom('messages')
    .select('caseId')
    .where('callId', '=', callId)
    .executeTakeFirstOrThrow()
  await addHandled(tx, own.caseId, author)
  return own.caseId
}

function rewritten(text: string, origin: Origin, author: Author) {
  if (origin === 'auto') return { text, origin }
  return { text, origin, authorId: author.agentId, chosenAt: author.at }
}

/** Changes a case and writes its history; false where nothing is different. */
export async function changeCase(
  tx: Db,
  caseId: string,
  changes: CaseChanges & { externalId?: string | null },
  author: Author,
): Promise<boolean> {
  const change = await writeChanges(tx, caseId, changes, author, 'reopened')
  if (change === null) return false
  await addFacts(tx, caseId, factsOfChange(change.before, change.after, author))
  return true
}

/** Changes the case and its history, and no facts; null where nothing is different. */
export async function writeChanges(
  tx: Db,
  caseId: string,
  changes: CaseChanges & { externalId?: string | null },
  author: Author,
  /** How the history calls it that a closed case is closed no longer. */
  reopened: 'reopened' | 'status',
): Promise<{ readonly before: Reported; readonly after: Reported } | null> {
  const before = await tx
    .selectFrom('cases')
    .select(['subject', 'status', 'handset', 'assigneeId', 'externalId'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
  const keys = ['subject', 'status', 'handset', 'assigneeId', 'externalId'] as const
  const different = keys.filter((key) => changes[key] !== undefined && changes[key] !== before[key])
  if (different.length === 0) return null
  const isPerson = author.rule === null
  await tx
    .updateTable('cases')
    .set({
      ...Object.fromEntries(different.map((key) => [key, changes[key]])),
      ...(different.includes('status')
        ? { closedAt: changes.status === 'closed' ? author.at : null }
        : {}),
      // Whoever closes it, gets through, or gives it to somebody has done what it was claimed for.
      ...(different.some((key) => key !== 'subject' && key !== 'externalId')
        ? { claimedAt: null }
        : {}),
    })
    .where('id', '=', caseId)
    .execute()
  if (isPerson) await touch(tx, caseId, author.at)
  if (isPerson && different.includes('status')) {
    await tx.updateTable('cases').set({ statusSetAt: author.at }).where('id', '=', caseId).execute()
  }
  await appendHistory(
    tx,
    caseId,
    author,
    different.map((key) => ({
      kind: key === 'status' && before.status === 'closed' ? reopened : KINDS[key],
      from: before[key],
      to: changes[key],
    })),
  )
  await bump(tx, caseId, author.at)
  const { status = before.status, assigneeId = before.assigneeId } = changes
  return { before, after: { status, assigneeId } }
}

const KINDS = {
  subject: 'subject',
  status: 'status',
  handset: 'handset',
  assigneeId: 'assignee',
  externalId: 'externalId',
} as const

/** The case belongs to this person now (USER-4, CASE-16). */
export async function adoptPerson(
  tx: Db,
  caseId: string,
  person: CasePerson,
  author: Author,
): Promise<void> {
  const before = await tx
    .selectFrom('cases')
    .select(['userId', 'personKey'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
  if (before.userId === person.userId && before.personKey === person.personKey) return
  await tx.updateTable('cases').set(personColumns(person)).where('id', '=', caseId).execute()
  await appendHistory(tx, caseId, author, [
    { kind: 'user', from: before.userId, to: person.userId },
  ])
  await bump(tx, caseId, author.at)
}

/** The case goes, because its only call is in another one; it shows nowhere any more (CASE-19). */
export async function withdrawCase(
  tx: Db,
  caseId: string,
  movedTo: string,
  author: Author,
): Promise<void> {
  await tx.updateTable('cases').set({ withdrawnTo: movedTo }).where('id', '=', caseId).execute()
  await removeFacts(tx, caseId)
  await appendHistory(tx, caseId, author, [{ kind: 'withdrawn', from: null, to: movedTo }])
  await bump(tx, caseId, author.at)
}

/** A person did something to the case: rules keep their hands off from now on (CASE-16). */
export async function touch(tx: Db, caseId: string, at: Date): Promise<void> {
  await tx.updateTable('cases').set({ touchedAt: at }).where('id', '=', caseId).execute()
}

/** Every change gives the case a new version, by which a stale change is noticed (CASE-15). */
export async function bump(tx: Db, caseId: string, at: Date): Promise<void> {
  await tx
    .updateTable('cases')
    .set((eb) => ({ version: eb('version', '+', 1), updatedAt: at }))
    .where('id', '=', caseId)
    .execute()
}

/** Since when the case's callers wait, when the last one was missed, and how many were. */
export async function refreshMissed(tx: Db, caseId: string): Promise<void> {
  await sql`
    update cases set (waiting_since, last_missed_at, missed_calls) = (
      select min(call.started_at), max(call.ended_at), count(*)
      from messages as m join calls as call on call.id = m.call_id
      where m.case_id = cases.id and call.direction = 'incoming'
        and call.ended_at is not null and call.answered_at is null
    ) where id = ${caseId}
  `.execute(tx)
}

export async function appendHistory(
  tx: Db,
  caseId: string,
  author: Author,
  entries: readonly { kind: string; from: unknown; to: unknown }[],
): Promise<void> {
  if (entries.length === 0) return
  await tx
    .insertInto('caseHistory')
    .values(
      entries.map(({ kind, from, to }) => ({
        caseId,
        at: author.at,
        agentId: author.agentId,
        kind,
        from: toJson(from ?? null),
        to: toJson(to ?? null),
        rule: author.rule,
      })),
    )
    .execute()
}

function personColumns(person: CasePerson) {
  return {
    userId: person.userId,
    personKey: person.personKey,
    phoneRaw: person.phone?.raw ?? null,
    phoneE164: person.phone?.e164 ?? null,
    phoneDisplay: person.phone?.display ?? null,
  }
}
