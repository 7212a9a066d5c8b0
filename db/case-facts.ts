import { type RawBuilder, sql } from 'kysely'
import type {
  CaseFacts,
  CaseStatus,
  Draft,
  Handset,
  Origin,
  OwnCase,
} from '../server/cases/case.ts'
import type { Db } from './database.ts'

/** Whose calls belong together: a user, or a number that no single user has. */
export interface Person {
  readonly userId: string | null
  /** Null: an anonymous caller, who shares nothing with anybody. */
  readonly personKey: string | null
}

interface FactsRow {
  id: string
  status: CaseStatus
  handset: Handset
  userId: string | null
  personKey: string | null
  assigneeId: string | null
  touchedAt: Date | null
  statusSetAt: Date | null
  otherMessages: number
  otherMissedCalls: number
  otherAnsweredCalls: number
  lastMissedAt: Date | null
}

interface OwnRow extends FactsRow {
  messageId: string
  messageAt: Date
  messageText: string
  origin: Origin
  chosenAt: Date | null
}

/** The case that a call is in. */
export async function ownCaseOf(tx: Db, callId: string): Promise<OwnCase | null> {
  const { rows } = await sql<OwnRow>`
    select ${FACTS}, own.id as message_id, own.created_at as message_at, own.text as message_text,
      own.origin, own.chosen_at
    from messages as own
    join cases as c on c.id = own.case_id
    ${others(callId)}
    where own.call_id = ${callId}
  `.execute(tx)
  return rows[0] ?? null
}

/** A case as the rules see it, the given call left out of its counts. */
export async function caseFactsOf(
  tx: Db,
  caseId: string,
  exceptCallId: string,
): Promise<CaseFacts | null> {
  const { rows } = await sql<FactsRow>`
    select ${FACTS} from cases as c ${others(exceptCallId)}
    where c.id = ${caseId} and c.withdrawn_to is null
  `.execute(tx)
  return rows[0] ?? null
}

/** The person's open missed-call cases (red and not closed), newest missed call first. */
export async function openMissedOf(
  tx: Db,
  person: Person,
  exceptCallId: string,
): Promise<CaseFacts[]> {
  if (isNobody(person)) return []
  const { rows } = await sql<FactsRow>`
    select ${FACTS} from cases as c ${others(exceptCallId)}
    where c.handset = 'red' and c.status <> 'closed' and c.withdrawn_to is null
      and ${belongsTo('c', person)}
    order by c.last_missed_at desc nulls last, c.id desc
  `.execute(tx)
  return rows
}

/** When the person was last talked to, in any other call. */
export async function lastConversationAt(
  tx: Db,
  person: Person,
  exceptCallId: string,
): Promise<Date | null> {
  if (isNobody(person)) return null
  const { rows } = await sql<{ at: Date | null }>`
    select max(c.answered_at) as at from calls as c
    where c.answered_at is not null and c.direction <> 'internal' and c.id <> ${exceptCallId}
      and ${belongsTo('c', person)}
  `.execute(tx)
  return rows[0]?.at ?? null
}

export async function draftOf(db: Db, callId: string): Promise<Draft | null> {
  const row = await db
    .selectFrom('drafts')
    .select(['subject', 'essence'])
    .where('callId', '=', callId)
    .executeTakeFirst()
  return row ?? null
}

function isNobody(person: Person): boolean {
  return person.userId === null && person.personKey === null
}

function belongsTo(table: string, { userId, personKey }: Person): RawBuilder<boolean> {
  const byNumber = sql<boolean>`(${sql.ref(`${table}.userId`)} is null and ${sql.ref(`${table}.personKey`)} = ${personKey})`
  if (userId === null) return byNumber
  const byUser = sql<boolean>`${sql.ref(`${table}.userId`)} = ${userId}`
  return personKey === null ? byUser : sql<boolean>`(${byUser} or ${byNumber})`
}

const FACTS = sql`
  c.id, c.status, c.handset, c.user_id, c.person_key, c.assignee_id, c.touched_at, c.status_set_at,
  others.other_messages, others.other_missed_calls, others.other_answered_calls, others.last_missed_at
`

function others(exceptCallId: string): RawBuilder<unknown> {
  return sql`
    cross join lateral (
      select count(*)::int as other_messages,
        (count(*) filter (where ${MISSED}))::int as other_missed_calls,
        (count(*) filter (where call.answered_at is not null))::int as other_answered_calls,
        max(call.ended_at) filter (where ${MISSED}) as last_missed_at
      from messages as other left join calls as call on call.id = other.call_id
      where other.case_id = c.id and other.call_id is distinct from ${exceptCallId}
    ) as others
  `
}

const MISSED = sql`call.direction = 'incoming' and call.ended_at is not null and call.answered_at is null`
