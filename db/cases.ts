import { type Selectable, sql } from 'kysely'
import { v7 as newId } from 'uuid'
import type { Case, Message } from '../server/cases/case-view.ts'
import { type Author, appendHistory, bump, changeCase, touch } from './case-changes.ts'
import type { Db } from './database.ts'
import { addHandled } from './report-facts.ts'
import type { CasesTable, MessagesTable } from './schema.ts'

export async function loadCase(db: Db, id: string): Promise<Case | null> {
  const row = await db.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toCase(row)
}

export async function loadCases(db: Db, ids: readonly string[]): Promise<Case[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('cases')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .execute()
  return rows.map(toCase)
}

/** Locks the case until the transaction ends; null for one that is not there or was withdrawn. */
export async function loadCaseForUpdate(tx: Db, id: string): Promise<Case | null> {
  const row = await tx
    .selectFrom('cases')
    .selectAll()
    .where('id', '=', id)
    .where('withdrawnTo', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? null : toCase(row)
}

export async function messagesOf(db: Db, caseId: string): Promise<Message[]> {
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where('caseId', '=', caseId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(toMessage)
}

export async function messageOfCall(db: Db, callId: string): Promise<Message | null> {
  const row = await db
    .selectFrom('messages')
    .selectAll()
    .where('callId', '=', callId)
    .executeTakeFirst()
  return row === undefined ? null : toMessage(row)
}

export async function caseIdOfCall(db: Db, callId: string): Promise<string | null> {
  const row = await db
    .selectFrom('messages')
    .select('caseId')
    .where('callId', '=', callId)
    .executeTakeFirst()
  return row?.caseId ?? null
}

export interface HistoryEntry {
  readonly id: number
  readonly at: Date
  readonly agentId: string | null
  readonly kind: string
  readonly from: unknown
  readonly to: unknown
  readonly rule: string | null
}

/** What changed in a case, oldest first. */
export async function listHistory(
  db: Db,
  caseId: string,
  page: { afterId: number; limit: number },
): Promise<HistoryEntry[]> {
  return db
    .selectFrom('caseHistory')
    .select(['id', 'at', 'agentId', 'kind', 'from', 'to', 'rule'])
    .where('caseId', '=', caseId)
    .where('id', '>', page.afterId)
    .orderBy('id')
    .limit(page.limit)
    .execute()
}

export async function addNote(
  tx: Db,
  caseId: string,
  text: string,
  author: Author,
): Promise<Message> {
  const message = {
    id: newId(),
    caseId,
    kind: 'note' as const,
    callId: null,
    authorId: author.agentId,
    text,
    createdAt: author.at,
  }
  await tx
    .insertInto('messages')
    .values({ ...message, origin: null })
    .execute()
  await appendHistory(tx, caseId, author, [{ kind: 'note', from: null, to: message.id }])
  await addHandled(tx, caseId, author)
  await touch(tx, caseId, author.at)
  await bump(tx, caseId, author.at)
  return message
}

/** Edits a note or a call's essence; null where the case has no such message. */
export async function editMessage(
  tx: Db,
  message: { caseId: string; id: string; text: string },
  author: Author,
): Promise<Message | null> {
  const before = await tx
    .selectFrom('messages')
    .selectAll()
    .where('id', '=', message.id)
    .where('caseId', '=', message.caseId)
    .executeTakeFirst()
  if (before === undefined) return null
  if (before.text === message.text) return toMessage(before)
  await tx
    .updateTable('messages')
    .set({ text: message.text })
    .where('id', '=', message.id)
    .execute()
  const kind = before.kind === 'call' ? 'essence' : 'note'
  await appendHistory(tx, message.caseId, author, [{ kind, from: before.text, to: message.text }])
  await addHandled(tx, message.caseId, author)
  await touch(tx, message.caseId, author.at)
  await bump(tx, message.caseId, author.at)
  return { ...toMessage(before), text: message.text }
}

/** CASE-17: an agent takes a missed-call case before calling back. */
export async function claimCase(
  tx: Db,
  caseId: string,
  agentId: string,
  author: Author,
): Promise<void> {
  await changeCase(tx, caseId, { assigneeId: agentId }, author)
  await tx.updateTable('cases').set({ claimedAt: author.at }).where('id', '=', caseId).execute()
  await touch(tx, caseId, author.at)
  await appendHistory(tx, caseId, author, [{ kind: 'claimed', from: null, to: agentId }])
  await addHandled(tx, caseId, author)
  await bump(tx, caseId, author.at)
}

export async function releaseCase(tx: Db, caseId: string, author: Author): Promise<void> {
  await changeCase(tx, caseId, { assigneeId: null }, author)
  await tx.updateTable('cases').set({ claimedAt: null }).where('id', '=', caseId).execute()
  await appendHistory(tx, caseId, author, [{ kind: 'released', from: null, to: null }])
  await addHandled(tx, caseId, author)
  await bump(tx, caseId, author.at)
}

/** Claims that are older than `before` and whose agent has not called the person since. */
export async function lapsedClaims(db: Db, before: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from cases as c
    where c.claimed_at is not null and c.claimed_at < ${before} and c.withdrawn_to is null
      and c.handset = 'red' and c.status <> 'closed'
      and not exists (
        select 1 from messages as m join calls as call on call.id = m.call_id
        where m.case_id = c.id and call.direction = 'outgoing' and call.started_at >= c.claimed_at
      )
      and not exists (
        select 1 from calls as call
        where call.direction = 'outgoing' and call.agent_id = c.assignee_id
          and call.started_at >= c.claimed_at
          and (call.person_key = c.person_key or call.user_id = c.user_id)
      )
    order by c.id limit ${limit}
  `.execute(db)
  return rows.map((row) => row.id)
}

/** A row as a case. */
export function toCase(row: Selectable<CasesTable>): Case {
  return {
    ...row,
    phone:
      row.phoneDisplay === null
        ? null
        : { raw: row.phoneRaw ?? '', e164: row.phoneE164, display: row.phoneDisplay },
  }
}

function toMessage(row: Selectable<MessagesTable>): Message {
  return {
    id: row.id,
    caseId: row.caseId,
    kind: row.kind,
    callId: row.callId,
    authorId: row.authorId,
    text: row.text,
    createdAt: row.createdAt,
  }
}
