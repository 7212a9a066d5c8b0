import { type Selectable, sql } from 'kysely'
import type { Call } from '../server/calls/call.ts'
import { type Db, isAnyOf, toArray } from './database.ts'
import type { MessagesTable } from './schema.ts'
import { upsertRows } from './table-rows.ts'

/** A message of a case as it is kept. */
export type MessageRow = Selectable<MessagesTable>

/** The messages of these calls. */
export async function loadCallMessages(tx: Db, callIds: readonly string[]): Promise<MessageRow[]> {
  return tx.selectFrom('messages').selectAll().where(isAnyOf('callId', callIds)).execute()
}

/** Writes new and changed messages of calls; of each call there is one. */
export function saveCallMessages(tx: Db, messages: readonly MessageRow[]): Promise<void> {
  return upsertRows(tx, 'messages', COLUMNS, messages)
}

const COLUMNS = {
  id: 'text',
  caseId: 'text',
  kind: 'text',
  callId: 'text',
  authorId: 'text',
  text: 'text',
  origin: 'text',
  chosenAt: 'timestamptz',
  createdAt: 'timestamptz',
} as const

/** What a case's message says of its call. */
export type MemberCall = Pick<Call, 'direction' | 'startedAt' | 'answeredAt' | 'endedAt'>

/** A message of a case; a note has no call. */
export interface Member {
  readonly messageId: string
  readonly callId: string | null
  readonly call: MemberCall | null
}

/** The messages of each of these cases, with their calls. */
export async function listMembers(
  tx: Db,
  caseIds: readonly string[],
): Promise<Map<string, Member[]>> {
  const { rows } = await sql<
    MemberCall & { caseId: string; messageId: string; callId: string | null }
  >`
    select m.case_id, m.id as message_id, m.call_id, call.direction, call.started_at,
      call.answered_at, call.ended_at
    from messages as m left join calls as call on call.id = m.call_id
    where m.case_id = any(${toArray(caseIds)})
  `.execute(tx)
  const members = new Map<string, Member[]>(caseIds.map((caseId) => [caseId, []]))
  for (const { caseId, messageId, callId, ...call } of rows) {
    members.get(caseId)!.push({ messageId, callId, call: callId === null ? null : call })
  }
  return members
}
