import { sql } from 'kysely'
import type { CaseFacts, Draft, OwnCase } from '../server/cases/case.ts'
import { callsInCase, isMissed, last } from './call-in-case.ts'
import type { CaseRow, Person } from './case-rows.ts'
import { type Db, toArray, together } from './database.ts'
import { keysOfPerson } from './locks.ts'
import { rowsAs } from './table-rows.ts'
import type { WorkingSet } from './working/working-set.ts'

/** The case that a call is in. */
export async function ownCaseOf(work: WorkingSet, callId: string): Promise<OwnCase | null> {
  const message = await work.messages.find(callId)
  const row = message === null ? null : await work.cases.find(message.caseId)
  if (message === null || row === null || message.origin === null) return null
  return {
    ...(await factsOf(work, row, callId)),
    messageId: message.id,
    messageAt: message.createdAt,
    messageText: message.text,
    origin: message.origin,
    chosenAt: message.chosenAt,
  }
}

/** A case as the rules see it, the given call left out of its counts. */
export async function caseFactsOf(
  work: WorkingSet,
  caseId: string,
  exceptCallId: string,
): Promise<CaseFacts | null> {
  const row = await work.cases.find(caseId)
  return row === null || row.withdrawnTo !== null ? null : factsOf(work, row, exceptCallId)
}

/** The person's open missed-call cases (red and not closed), newest missed call first. */
export async function openMissedOf(
  work: WorkingSet,
  person: Person,
  exceptCallId: string,
): Promise<CaseFacts[]> {
  await work.missedOf.load(keysOfPerson(person))
  const rows = work.cases
    .values()
    .filter((row) => row.handset === 'red' && isOf(row, person))
    .filter(({ status, withdrawnTo }) => status !== 'closed' && withdrawnTo === null)
    .sort(byLastMissed)
  await work.members.load(rows.map(({ id }) => id))
  return together(rows.map((row) => factsOf(work, row, exceptCallId)))
}

function byLastMissed(a: CaseRow, b: CaseRow): number {
  const [missedA, missedB] = [a.lastMissedAt?.getTime() ?? null, b.lastMissedAt?.getTime() ?? null]
  if (missedA !== missedB) return (missedB ?? -Infinity) - (missedA ?? -Infinity)
  return a.id < b.id ? 1 : -1
}

/** When the person was last talked to, in any other call. */
export async function lastConversationAt(
  work: WorkingSet,
  person: Person,
  exceptCallId: string,
): Promise<Date | null> {
  if (person.userId === null && person.personKey === null) return null
  // Here first: those that are known are left out of the look.
  const here: Date[] = []
  for (const { call } of work.calls.values()) {
    const { id, answeredAt, direction } = call
    if (answeredAt === null || id === exceptCallId || direction === 'internal') continue
    if (isOf(call, person)) here.push(answeredAt)
  }
  const elsewhere = await work.talks.find(talksKey(person))
  return last(elsewhere === null ? here : [...here, elsewhere])
}

/** Under which key it is kept when a person was talked to. */
export function talksKey({ userId, personKey }: Person): string {
  return JSON.stringify([userId, personKey])
}

/** When each of these persons was last talked to, in calls other than these. */
export async function lastTalks(
  tx: Db,
  keys: readonly string[],
  except: readonly string[],
): Promise<Map<string, Date>> {
  const people = keys.map((key) => {
    const [userId, personKey]: [string | null, string | null] = JSON.parse(key)
    return { key, userId, personKey }
  })
  const columns = { key: 'text', userId: 'text', personKey: 'text' }
  const talked = sql`c.answered_at is not null and c.direction <> 'internal'
    and c.id <> all(${toArray(except)})`
  const { rows } = await sql<{ key: string; at: Date | null }>`
    select person.key, greatest(
      (select max(c.answered_at) from calls as c
        where c.person_key = person.person_key and c.user_id is null and ${talked}),
      (select max(c.answered_at) from calls as c where c.user_id = person.user_id and ${talked})
    ) as at
    from ${rowsAs('person', columns, people)}
  `.execute(tx)
  return new Map(rows.flatMap(({ key, at }) => (at === null ? [] : [[key, at] as const])))
}

export async function draftOf(work: WorkingSet, callId: string): Promise<Draft | null> {
  const draft = await work.drafts.find(callId)
  return draft === null ? null : { subject: draft.subject, essence: draft.essence }
}

/** By the user, or by the number where no single user has it. */
function isOf(row: Person, { userId, personKey }: Person): boolean {
  if (userId !== null && row.userId === userId) return true
  return row.userId === null && personKey !== null && row.personKey === personKey
}

async function factsOf(work: WorkingSet, row: CaseRow, exceptCallId: string): Promise<CaseFacts> {
  const others = (await callsInCase(work, row.id)).filter(({ callId }) => callId !== exceptCallId)
  const calls = others.map(({ call }) => call).filter((call) => call !== null)
  const missed = calls.filter(isMissed)
  return {
    id: row.id,
    status: row.status,
    handset: row.handset,
    userId: row.userId,
    personKey: row.personKey,
    assigneeId: row.assigneeId,
    touchedAt: row.touchedAt,
    statusSetAt: row.statusSetAt,
    otherMessages: others.length,
    otherMissedCalls: missed.length,
    otherAnsweredCalls: calls.filter(({ answeredAt }) => answeredAt !== null).length,
    lastMissedAt: last(missed.flatMap(({ endedAt }) => endedAt ?? [])),
  }
}
