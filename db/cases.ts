import { type Selectable, sql } from 'kysely'
import type { Case, Message } from '../server/cases/case-view.ts'
import {
  type Author,
  alter,
  bump,
  changeCase,
  noteHandled,
  noteHistory,
  touch,
} from './case-changes.ts'
import type { HistoryRow } from './case-history.ts'
import { type Db, isAnyOf } from './database.ts'
import { newId } from './new-id.ts'
import type { CasesTable, MessagesTable } from './schema.ts'
import type { WorkingSet } from './working/working-set.ts'

export async function loadCase(db: Db, id: string): Promise<Case | null> {
  const row = await db.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toCase(row)
}

export async function loadCases(db: Db, ids: readonly string[]): Promise<Case[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('cases')
    .selectAll()
    .where(isAnyOf('id', ids))
    .orderBy('id')
    .execute()
  return rows.map(toCase)
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

export async function caseIdOfCall(db: Db, callId: string): Promise<string | null> {
  const row = await db
    .selectFrom('messages')
    .select('caseId')
    .where('callId', '=', callId)
    .executeTakeFirst()
  return row?.caseId ?? null
}

export interface HistoryEntry extends Omit<HistoryRow, 'caseId'> {
  readonly id: number
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
  work: WorkingSet,
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
  await work.directly((tx) =>
    tx
      .insertInto('messages')
      .values({ ...message, origin: null })
      .execute(),
  )
  noteHistory(work, caseId, author, [{ kind: 'note', from: null, to: message.id }])
  noteHandled(work, caseId, author)
  await touch(work, caseId, author.at)
  await bump(work, caseId, author.at)
  return message
}

/** Edits a note or a call's essence; null where the case has no such message. */
export async function editMessage(
  work: WorkingSet,
  message: { caseId: string; id: string; text: string },
  author: Author,
): Promise<Message | null> {
  const { caseId, id, text } = message
  const before = await work.tx
    .selectFrom('messages')
    .selectAll()
    .where('id', '=', id)
    .where('caseId', '=', caseId)
    .executeTakeFirst()
  if (before === undefined) return null
  if (before.text === text) return toMessage(before)
  await work.directly((tx) =>
    tx.updateTable('messages').set({ text }).where('id', '=', id).execute(),
  )
  const kind = before.kind === 'call' ? 'essence' : 'note'
  noteHistory(work, caseId, author, [{ kind, from: before.text, to: text }])
  noteHandled(work, caseId, author)
  await touch(work, caseId, author.at)
  await bump(work, caseId, author.at)
  return { ...toMessage(before), text }
}

/** CASE-17: an agent takes a missed-call case before calling back. */
export async function claimCase(
  work: WorkingSet,
  caseId: string,
  agentId: string,
  author: Author,
): Promise<void> {
  await changeCase(work, caseId, { assigneeId: agentId }, author)
  await alter(work, caseId, { claimedAt: author.at, touchedAt: author.at })
  noteHistory(work, caseId, author, [{ kind: 'claimed', from: null, to: agentId }])
  noteHandled(work, caseId, author)
  await bump(work, caseId, author.at)
}

export async function releaseCase(work: WorkingSet, caseId: string, author: Author): Promise<void> {
  await changeCase(work, caseId, { assigneeId: null }, author)
  await alter(work, caseId, { claimedAt: null })
  noteHistory(work, caseId, author, [{ kind: 'released', from: null, to: null }])
  noteHandled(work, caseId, author)
  await bump(work, caseId, author.at)
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

/** A row as a message. */
export function toMessage(row: Selectable<MessagesTable>): Message {
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
