import { sql } from 'kysely'
import type { Phone } from '../server/calls/call.ts'
import { type Db, isAnyOf, toArray, toJson } from './database.ts'
import { insertRows } from './table-rows.ts'
import { toSearchText } from './user-search.ts'
import { insertPhones, refreshUserSearch, stopOffering, USER_COLUMNS, type User } from './users.ts'

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

/** True for a user made by itself for this number, with nothing else: it can be merged away. */
export async function isOnlyAuto(db: Db, userId: string, key: string): Promise<boolean> {
  const user = await db
    .selectFrom('users')
    .select(['autoKey', 'externalId'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (user === undefined || user.autoKey !== key || user.externalId !== null) return false
  const phones = await db
    .selectFrom('userPhones')
    .select('key')
    .where('userId', '=', userId)
    .execute()
  return phones.every((phone) => phone.key === key)
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
export async function followCase(
  tx: Db,
  caseId: string,
  { userId, personKey }: { readonly userId: string; readonly personKey: string },
): Promise<string[]> {
  const rows = await tx
    .updateTable('calls')
    .set({ userId, candidateUserIds: toJson([]) })
    .where('personKey', '=', personKey)
    .where((eb) => eb.or([eb('userId', 'is', null), eb('userId', '!=', userId)]))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('messages')
        .select((own) => own.ref('callId').$notNull().as('callId'))
        .where('caseId', '=', caseId)
        .where('callId', 'is not', null),
    )
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

export async function userExists(db: Db, userId: string): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst()
  return row !== undefined
}
