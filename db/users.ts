import { sql } from 'kysely'
import type { Phone } from '../server/calls/call.ts'
import { type Db, isAnyOf, toJson } from './database.ts'
import { keysOfPerson, lockPeople } from './locks.ts'
import { insertRows, upsertRows } from './table-rows.ts'
import { toSearchText } from './user-search.ts'

/** A number with the key by which calls find it. */
export interface UserPhone extends Phone {
  readonly key: string
}

/** What people and programs say of a user. */
export interface UserFacts {
  readonly externalId: string | null
  readonly name: string
  readonly email: string | null
  readonly company: string | null
  readonly phones: readonly UserPhone[]
  readonly note: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface User extends UserFacts {
  readonly id: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

const COLUMNS = [
  'id',
  'externalId',
  'name',
  'email',
  'company',
  'note',
  'fields',
  'createdAt',
  'updatedAt',
] as const

export async function loadUser(db: Db, id: string): Promise<User | undefined> {
  return (await loadUsers(db, [id]))[0]
}

/** The users with these ids, in the order of the ids; ids of nobody are left out. */
export async function loadUsers(db: Db, ids: readonly string[]): Promise<User[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('users').select(COLUMNS).where(isAnyOf('id', ids)).execute()
  const phones = await loadPhones(db, ids)
  const byId = new Map(rows.map((row) => [row.id, { ...row, phones: phones.get(row.id) ?? [] }]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** The users that the helpdesk knows by these ids. */
export async function loadUsersByExternalId(
  db: Db,
  externalIds: readonly string[],
): Promise<Map<string, User>> {
  if (externalIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where(isAnyOf('externalId', externalIds))
    .execute()
  const users = await loadUsers(
    db,
    rows.map(({ id }) => id),
  )
  return new Map(users.map((user) => [String(user.externalId), user]))
}

/** Users newest first, optionally only those with a number. */
export async function listUsers(
  db: Db,
  page: {
    readonly limit: number
    readonly before: string | null
    readonly phoneKey: string | null
  },
): Promise<User[]> {
  let query = db.selectFrom('users').select('id').orderBy('id', 'desc').limit(page.limit)
  if (page.before !== null) query = query.where('id', '<', page.before)
  if (page.phoneKey !== null) {
    const key = page.phoneKey
    query = query.where('id', 'in', (eb) =>
      eb.selectFrom('userPhones').select('userId').where('key', '=', key),
    )
  }
  const rows = await query.execute()
  return loadUsers(
    db,
    rows.map(({ id }) => id),
  )
}

/**
 * Keeps calls and other edits away from these users until the transaction ends: by their ids and
 * their numbers, those that they have and those that they get.
 */
export async function lockUsers(
  tx: Db,
  users: readonly { readonly id: string; readonly phones: readonly UserPhone[] }[],
): Promise<void> {
  await lockPeople(tx, users.flatMap(keysOfUser))
}

/** The keys under which a user and the user's numbers are locked. */
export function keysOfUser({ id, phones }: Pick<User, 'id' | 'phones'>): string[] {
  return [
    ...keysOfPerson({ personKey: null, userId: id }),
    ...phones.flatMap(({ key }) => keysOfPerson({ personKey: key, userId: null })),
  ]
}

/** Two requests that name the same external id come one after the other; before `lockUsers`. */
export function lockExternalIds(tx: Db, externalIds: readonly string[]): Promise<void> {
  return lockPeople(
    tx,
    externalIds.map((externalId) => `external:${externalId}`),
  )
}

/** Writes new and changed users with their numbers. From then on they are a person's, not automatic. */
export async function saveUsers(tx: Db, users: readonly User[]): Promise<void> {
  if (users.length === 0) return
  await upsertRows(
    tx,
    'users',
    USER_COLUMNS,
    users.map((user) => ({ ...user, autoKey: null, search: toSearchText(user) })),
  )
  await savePhones(tx, users)
}

export const USER_COLUMNS = {
  id: 'text',
  externalId: 'text',
  name: 'text',
  email: 'text',
  company: 'text',
  note: 'text',
  fields: 'jsonb',
  autoKey: 'text',
  search: 'text',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
} as const

async function savePhones(tx: Db, users: readonly User[]): Promise<void> {
  const ids = users.map(({ id }) => id)
  await tx.deleteFrom('userPhones').where(isAnyOf('userId', ids)).execute()
  await insertPhones(tx, users)
}

/** The numbers of users who have none yet. */
export async function insertPhones(
  tx: Db,
  users: readonly Pick<User, 'id' | 'phones'>[],
): Promise<void> {
  const rows = users.flatMap(({ id, phones }) =>
    phones.map((phone, position) => ({ userId: id, position, ...phone })),
  )
  await insertRows(tx, 'user_phones', PHONE_COLUMNS, rows)
}

const PHONE_COLUMNS = {
  userId: 'text',
  position: 'integer',
  raw: 'text',
  e164: 'text',
  display: 'text',
  key: 'text',
} as const

/** After a number was added by linking: the user is found by it from then on. */
export async function refreshUserSearch(tx: Db, userId: string): Promise<void> {
  const user = await loadUser(tx, userId)
  if (user === undefined) return
  await tx
    .updateTable('users')
    .set({ search: toSearchText(user) })
    .where('id', '=', userId)
    .execute()
}

/** Deletes a user; gives the calls that offered it, or null where there are cases or calls. */
export async function deleteUser(tx: Db, id: string): Promise<string[] | null> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (select from calls where user_id = ${id})
      or exists (select from cases where user_id = ${id}) as used
  `.execute(tx)
  if (rows[0]?.used !== false) return null
  const offering = await stopOffering(tx, id)
  await tx.deleteFrom('users').where('id', '=', id).execute()
  return offering
}

/**
 * The calls that offer this user as their caller. Those that have ended are found by their cases:
 * calls are too many to look through.
 */
export async function callsOffering(db: Db, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from calls where ${isOffering(userId)}
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** Calls of the user's numbers offer it no longer; gives their ids. They are locked before. */
export async function stopOffering(tx: Db, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update calls set candidate_user_ids = candidate_user_ids - ${userId}::text
    where ${isOffering(userId)} returning id
  `.execute(tx)
  return rows.map(({ id }) => id)
}

function isOffering(userId: string) {
  return sql<boolean>`candidate_user_ids @> ${toJson([userId])}::jsonb
    and (ended_at is null or id in (
      select message.call_id from messages as message join cases on cases.id = message.case_id
      where cases.person_key in (select key from user_phones where user_id = ${userId})
    ))`
}

async function loadPhones(db: Db, userIds: readonly string[]): Promise<Map<string, UserPhone[]>> {
  const rows = await db
    .selectFrom('userPhones')
    .select(['userId', 'raw', 'e164', 'display', 'key'])
    .where(isAnyOf('userId', userIds))
    .orderBy('userId')
    .orderBy('position')
    .execute()
  const phones = new Map<string, UserPhone[]>()
  for (const { userId, ...phone } of rows) {
    phones.set(userId, [...(phones.get(userId) ?? []), phone])
  }
  return phones
}
