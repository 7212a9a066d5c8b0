import { sql } from 'kysely'
import type { Db } from './database.ts'

/**
 * The end of the call that a rule opened a case for is another one (CALL-12): so is the case's opening,
 * and its closing where it was created closed.
 */
export async function moveOpening(tx: Db, callId: string, endedAt: Date): Promise<void> {
  const { rows } = await sql<{ caseId: string; openedAt: Date }>`
    select c.id as case_id, c.created_at as opened_at
    from case_facts as fact join cases as c on c.id = fact.case_id
    join messages as m on m.call_id = fact.call_id and m.case_id = c.id
    where fact.call_id = ${callId} and fact.kind = 'opened' and m.origin = 'auto'
      and c.touched_at is null and c.created_at <> ${endedAt}
  `.execute(tx)
  const [found] = rows
  if (found !== undefined) await openAt(tx, found.caseId, found.openedAt, endedAt)
}

/**
 * The call that opened a case has left it for another one: of those that stay, the one that ended first
 * opened it.
 */
export async function leaveOpening(tx: Db, caseId: string, callId: string): Promise<void> {
  const { rows } = await sql<Opening>`
    select call.id as call_id, call.ended_at, c.created_at as opened_at,
      c.touched_at is not null as is_touched
    from case_facts as fact join cases as c on c.id = fact.case_id
    join messages as m on m.case_id = c.id join calls as call on call.id = m.call_id
    where fact.case_id = ${caseId} and fact.call_id = ${callId} and fact.kind = 'opened'
    order by call.ended_at nulls last, call.id
    limit 1
  `.execute(tx)
  const [first] = rows
  if (first === undefined) return
  await tx
    .updateTable('caseFacts')
    .set({ callId: first.callId })
    .where('caseId', '=', caseId)
    .where('kind', '=', 'opened')
    .execute()
  if (first.endedAt === null || first.isTouched) return
  await openAt(tx, caseId, first.openedAt, first.endedAt)
}

interface Opening {
  readonly callId: string
  readonly endedAt: Date | null
  readonly openedAt: Date
  readonly isTouched: boolean
}

async function openAt(tx: Db, caseId: string, before: Date, at: Date): Promise<void> {
  await sql`
    update cases set created_at = ${at},
      closed_at = case when closed_at = ${before} then ${at} else closed_at end
    where id = ${caseId}
  `.execute(tx)
  await tx
    .updateTable('caseFacts')
    .set({ at })
    .where('caseId', '=', caseId)
    .where('kind', 'in', ['opened', 'closed'])
    .where('at', '=', before)
    .execute()
}
