import { sql } from 'kysely'
import type { Phone } from '../server/calls/call.ts'
import { type Db, isAnyOf, toArray, toJson } from './database.ts'
import { insertRows } from './table-rows.ts'
import { toSearchText } from './user-search.ts'
import {
  callsOffering,
  insertPhones,
  refreshUserSearch,
  stopOffering,
  USER_COLUMNS,
  type User,
} from './users.ts'

/** The users who have each of these numbers, in ascending order. */
export async function listHolders(db: Db, keys: readonly string[]): Promise<Map<string, string[]>> {
  if (keys.length === 0) return new Map()
  const { rows } = await sql<{ key: string; userIds: string[] }>`
    select key, jsonb_agg(user_id order by user_id) as user_ids from user_phones
    where key = any(${toArray(keys)}) group by key
  `.execute(db)
  return new Map(rows.map(({ key, userIds }) => [key, userIds]))
}

/** Everybody who has one of these numbers. */
export async function holdersOf(db: Db, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return []
  const rows = await db
    .selectFrom('userPhones')
    .select('userId')
    .distinct()
    .where(isAnyOf('key', keys))
    .execute()
  return rows.map((row) => row.userId)
}

/** USER-3: an unknown number is a user, with the number as its name until somebody edits it. */
export interface AutoUser {
  readonly user: User
  /** The number that it was made for. */
  readonly autoKey: string
}

export async function insertAutoUsers(tx: Db, made: readonly AutoUser[]): Promise<void> {
  await insertRows(
    tx,
    'users',
    USER_COLUMNS,
    made.map(({ user, autoKey }) => ({ ...user, autoKey, search: toSearchText(user) })),
  )
  await insertPhones(
    tx,
    made.map(({ user }) => user),
  )
}

/** USER-4: the caller's number becomes one of the user's. */
export async function addNumber(
  tx: Db,
  userId: string,
  phone: Phone,
  key: string,
): Promise<boolean> {
  const { position } = await tx
    .selectFrom('userPhones')
    .select((eb) => eb.fn.coalesce(eb.fn.max('position'), eb.lit(-1)).as('position'))
    .where('userId', '=', userId)
    .executeTakeFirstOrThrow()
  const added = await tx
    .insertInto('userPhones')
    .values({ userId, position: Number(position) + 1, ...phone, key })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  const isNew = Number(added.numInsertedOrUpdatedRows ?? 0) > 0
  if (isNew) await refreshUserSearch(tx, userId)
  return isNew
}

/** Those of these users who were made by themselves for this number, with nothing else: they can be merged away. */
export async function listOnlyAuto(
  db: Db,
  userIds: readonly string[],
  key: string,
): Promise<string[]> {
  if (userIds.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    select id from users where id = any(${toArray(userIds)}) and auto_key = ${key}
      and external_id is null
      and not exists (select from user_phones where user_id = users.id and key <> ${key})
    order by id
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** Moves everything of an automatic user to another one; gives the cases and the open calls that moved. */
export async function mergeAway(
  tx: Db,
  autoUserId: string,
  userId: string,
  now: Date,
): Promise<{ caseIds: string[]; callIds: string[] }> {
  const calls = await tx
    .updateTable('calls')
    .set({ userId })
    .where('userId', '=', autoUserId)
    .returning(['id', 'endedAt'])
    .execute()
  await stopOffering(tx, autoUserId)
  const moved = await tx
    .updateTable('cases')
    .set((eb) => ({ userId, updatedAt: now, version: eb('version', '+', 1) }))
    .where('userId', '=', autoUserId)
    .returning('id')
    .execute()
  await tx.deleteFrom('users').where('id', '=', autoUserId).execute()
  return {
    caseIds: moved.map((row) => row.id),
    callIds: calls.filter((row) => row.endedAt === null).map((row) => row.id),
  }
}

/** The case's other calls from the same number are the same user's; gives those that changed. */
export async function followCase(tx: Db, caseId: string, caller: Caller): Promise<string[]> {
  const rows = await tx
    .updateTable('calls')
    .set({ userId: caller.userId, candidateUserIds: toJson([]) })
    .where(isFollower(caseId, caller))
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

/** Who the caller of a number turns out to be. */
export interface Caller {
  readonly userId: string
  readonly personKey: string
}

/** The calls that `followCase`, and `mergeAway` of these automatic users, would change. */
export async function callsToMove(
  db: Db,
  caller: Caller,
  from: { readonly caseId: string | null; readonly autoUserIds: readonly string[] },
): Promise<string[]> {
  const { caseId, autoUserIds } = from
  const rows = await db
    .selectFrom('calls')
    .select('id')
    .where((eb) => (caseId === null ? eb.lit(false) : isFollower(caseId, caller)))
    .union(db.selectFrom('calls').select('id').where(isAnyOf('userId', autoUserIds)))
    .execute()
  const callIds = rows.map(({ id }) => id)
  for (const userId of autoUserIds) callIds.push(...(await callsOffering(db, userId)))
  return callIds
}

function isFollower(caseId: string, { userId, personKey }: Caller) {
  return sql<boolean>`person_key = ${personKey} and user_id is distinct from ${userId}
    and id in (select call_id from messages where case_id = ${caseId} and call_id is not null)`
}

export async function userExists(db: Db, userId: string): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst()
  return row !== undefined
}
