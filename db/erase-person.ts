/**
 * SAFE-9: what is personal in calls, cases and users is emptied; that a call or a case was there, when,
 * with which agent and how it ended stays, so that reports still add up.
 */
import { sql } from 'kysely'
import { toCallEvent } from './call-events.ts'
import { type Db, isAnyOf, toArray, toJson } from './database.ts'
import { eraseDeliveries } from './hook-deliveries.ts'

/** Where a text or a name was. */
export const ERASED = '***'
/** What a caller's number is from then on: as that of somebody who hides it, also if the call is folded anew. */
const NO_NUMBER = 'anonymous'

/** The users empty, and findable no more; they go when nothing refers to them. */
export async function emptyUsers(tx: Db, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('users')
    .set({
      externalId: null,
      name: ERASED,
      email: null,
      company: null,
      note: '',
      fields: toJson({}),
      autoKey: null,
      search: '',
      updatedAt: now,
    })
    .where(isAnyOf('id', ids))
    .execute()
  await tx.deleteFrom('userPhones').where(isAnyOf('userId', ids)).execute()
}

/** Takes a number away from users who stay. */
export async function dropNumbers(
  tx: Db,
  userIds: readonly string[],
  keys: readonly string[],
  now: Date,
): Promise<void> {
  if (userIds.length === 0 || keys.length === 0) return
  await tx
    .deleteFrom('userPhones')
    .where(isAnyOf('userId', userIds))
    .where(isAnyOf('key', keys))
    .execute()
  await tx.updateTable('users').set({ updatedAt: now }).where(isAnyOf('id', userIds)).execute()
}

/** The users are gone, where nothing refers to them; false where a call or a case came in between. */
export async function removeUsers(tx: Db, ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return true
  const { rows } = await sql<{ used: boolean }>`
    select exists (select from calls where user_id = any(${toArray(ids)}))
      or exists (select from cases where user_id = any(${toArray(ids)})) as used
  `.execute(tx)
  if (rows[0]?.used !== false) return false
  await tx.deleteFrom('users').where(isAnyOf('id', ids)).execute()
  return true
}

/** Calls of these people, or with one of these numbers on either side. One look through the table. */
export async function callsOf(
  db: Db,
  userIds: readonly string[],
  keys: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from calls
    where user_id = any(${toArray(userIds)}) or person_key = any(${toArray(keys)})
      or from_e164 = any(${toArray(keys)}) or to_e164 = any(${toArray(keys)})
    order by id
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** Cases of these people, or of one of these numbers where nobody else is meant. */
export async function casesOf(
  db: Db,
  userIds: readonly string[],
  keys: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from cases
    where user_id = any(${toArray(userIds)})
      or (user_id is null and person_key = any(${toArray(keys)}))
    order by id
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** Of these calls, which are the person's: those of another user keep that one, and lose the number. */
export async function wholeCallsOf(
  tx: Db,
  callIds: readonly string[],
  userIds: readonly string[],
  keys: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from calls where id = any(${toArray(callIds)})
      and (user_id = any(${toArray(userIds)})
        or (user_id is null and (person_key = any(${toArray(keys)}) or erased_at is not null)))
    order by id
  `.execute(tx)
  return rows.map(({ id }) => id)
}

/** Takes the numbers out of calls; of those that are wholly the person's, everything personal. */
export async function emptyCalls(
  tx: Db,
  callIds: readonly string[],
  whole: readonly string[],
  keys: readonly string[],
  now: Date,
): Promise<void> {
  for (const side of ['from', 'to'] as const) {
    const isCustomers = side === 'from' ? sql`direction = 'incoming'` : sql`direction <> 'incoming'`
    const [raw, e164, display] = ['raw', 'e164', 'display'].map((part) =>
      sql.ref(`${side}_${part}`),
    )
    await sql`
      update calls set ${raw} = ${NO_NUMBER}, ${e164} = null, ${display} = ${NO_NUMBER}
      where id = any(${toArray(callIds)})
        and (${e164} = any(${toArray(keys)}) or ${isCustomers}
          and (id = any(${toArray(whole)}) or person_key = any(${toArray(keys)})))
    `.execute(tx)
  }
  await sql`
    update calls set person_key = null
    where id = any(${toArray(callIds)})
      and (id = any(${toArray(whole)}) or person_key = any(${toArray(keys)}))
  `.execute(tx)
  if (whole.length === 0) return
  await sql`
    update calls set user_id = null, candidate_user_ids = '[]', extra = '{}', erased_at = ${now},
      recordings_gone = case when exists (select from recordings where call_id = calls.id)
        then 'erased' else recordings_gone end
    where id = any(${toArray(whole)})
  `.execute(tx)
  await tx.deleteFrom('drafts').where(isAnyOf('callId', whole)).execute()
  await tx.deleteFrom('recordings').where(isAnyOf('callId', whole)).execute()
  await sql`update call_actions set details = '{}', message = '' where call_id = any(${toArray(whole)})`.execute(
    tx,
  )
  await sql`update messages set text = '' where call_id = any(${toArray(whole)})`.execute(tx)
  await emptyEvents(tx, whole)
}

/** What of an event is no person's: the call can still be folded from it, and its trace be read. */
const KEPT_OF_EVENTS = [
  'source',
  'connectionId',
  'uniqueId',
  'at',
  'atKnown',
  'arrivedAt',
  'order',
  'channelIds',
  'type',
  'direction',
  'extensions',
  'queue',
  'makesLegs',
  'extension',
  'result',
  'durationSeconds',
  'failure',
  'callId',
  'agentId',
]

/** The events of calls without numbers, names and recordings. */
async function emptyEvents(tx: Db, callIds: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('callEvents')
    .where(isAnyOf('callId', callIds))
    .where('type', '=', 'recorded')
    .execute()
  const rows = await tx
    .selectFrom('callEvents')
    .select(['id', 'event', 'trace'])
    .where(isAnyOf('callId', callIds))
    .execute()
  await saveEvents(
    tx,
    rows.map(({ id, event, trace }) => ({
      id,
      event: emptyEvent(event),
      trace: emptyTrace(trace),
    })),
  )
}

/** An event as somebody without a number and a name would have made it. */
export function emptyEvent(stored: unknown): Record<string, unknown> {
  const event = toCallEvent(stored)
  const kept = Object.entries(event).filter(([name]) => KEPT_OF_EVENTS.includes(name))
  const isIncoming = 'direction' in event && event.direction === 'incoming'
  return {
    ...Object.fromEntries(kept),
    extra: {},
    ...('from' in event ? { from: isIncoming ? NO_NUMBER : event.from } : {}),
    ...('to' in event ? { to: isIncoming ? event.to : NO_NUMBER } : {}),
  }
}

/** Its words name subjects; who it was shown to, and by which rule, stays. */
function emptyTrace(trace: unknown): unknown {
  return typeof trace === 'object' && trace !== null ? { ...trace, result: null } : null
}

/** Writes events without what they were made of. */
export async function saveEvents(
  tx: Db,
  rows: readonly { readonly id: number; readonly event: unknown; readonly trace: unknown }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update call_events set event = found.event, trace = found.trace, raw = '{}'
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as found (id bigint, event jsonb, trace jsonb)
    where call_events.id = found.id
  `.execute(tx)
}

/** The kinds of history whose values are words of a fixed set, or ids. */
const KEPT_HISTORY = [
  'opened',
  'reopened',
  'status',
  'handset',
  'assignee',
  'claimed',
  'released',
  'withdrawn',
  'call',
]

/** What is personal in cases and all that was written in them. */
export async function emptyCases(tx: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update cases set subject = ${ERASED}, user_id = null, person_key = null, phone_raw = null,
      phone_e164 = null, phone_display = null, external_id = null, version = version + 1
    where id = any(${toArray(ids)})
  `.execute(tx)
  await sql`
    update messages set text = case when kind = 'note' then ${ERASED} else '' end
    where case_id = any(${toArray(ids)})
  `.execute(tx)
  await sql`
    update case_history set "from" = 'null'::jsonb, "to" = case
      when kind = 'control' then jsonb_build_object('callId', "to" -> 'callId',
        'action', "to" -> 'action', 'result', "to" -> 'result', 'message', '')
      else 'null'::jsonb end
    where case_id = any(${toArray(ids)}) and kind <> all(${toArray(KEPT_HISTORY)})
  `.execute(tx)
}

/** Locks cases, in ascending order. */
export async function lockCases(tx: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx
    .selectFrom('cases')
    .select('id')
    .where(isAnyOf('id', ids))
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** What was told of them before, to browsers and to hooks. */
export async function forgetTold(
  db: Db,
  about: { readonly [K in 'callIds' | 'caseIds' | 'userIds']: readonly string[] },
): Promise<void> {
  const ids = toArray([...about.callIds, ...about.caseIds, ...about.userIds])
  await sql`
    delete from outbox where data ->> 'id' = any(${ids}) or data ->> 'callId' = any(${ids})
      or data ->> 'userId' = any(${ids}) or data #>> '{message,call,id}' = any(${ids})
  `.execute(db)
  await eraseDeliveries(db, about)
}
