import { sql } from 'kysely'
import type { Phone } from '../server/calls/call.ts'
import { type Db, toArray, toJson } from './database.ts'
import { keysOfPerson, lockPeople } from './locks.ts'
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
  const rows = await db
    .selectFrom('users')
    .select(COLUMNS)
    .where(sql<boolean>`id = any(${toArray(ids)})`)
    .execute()
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
    .where('externalId', 'in', externalIds)
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
  const keys = users.flatMap(({ id, phones }) => [
    ...keysOfPerson({ personKey: null, userId: id }),
    ...phones.flatMap(({ key }) => keysOfPerson({ personKey: key, userId: null })),
  ])
  await lockPeople(tx, keys)
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
  await tx
    .insertInto('users')
    .values(
      users.map((user) => ({
        id: user.id,
        externalId: user.externalId,
        name: user.name,
        email: user.email,
        company: user.company,
        note: user.note,
        fields: toJson(user.fields),
        autoKey: null,
        search: toSearchText(user),
        createdAt: user.createdAt,
        updatedAt: user.updatedAt,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        externalId: eb.ref('excluded.externalId'),
        name: eb.ref('excluded.name'),
        email: eb.ref('excluded.email'),
        company: eb.ref('excluded.company'),
        note: eb.ref('excluded.note'),
        fields: eb.ref('excluded.fields') as never,
        autoKey: null,
        search: eb.ref('excluded.search'),
        updatedAt: eb.ref('excluded.updatedAt'),
      })),
    )
    .execute()
  await savePhones(tx, users)
}

async function savePhones(tx: Db, users: readonly User[]): Promise<void> {
  const ids = users.map(({ id }) => id)
  await tx.deleteFrom('userPhones').where('userId', 'in', ids).execute()
  const rows = users.flatMap(({ id, phones }) =>
    phones.map(({ raw, e164, display, key }, position) => ({
      userId: id,
      position,
      raw,
      e164,
      display,
      key,
    })),
  )
  for (let start = 0; start < rows.length; start += 5000) {
    await tx
      .insertInto('userPhones')
      .values(rows.slice(start, start + 5000))
      .execute()
  }
}

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
 * Calls of the user's numbers offer it no longer; gives their ids. Those that have ended are found by
 * their cases: calls are too many to look through.
 */
export async function stopOffering(tx: Db, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update calls set candidate_user_ids = candidate_user_ids - ${userId}::text
    where candidate_user_ids @> ${toJson([userId])}::jsonb
      and (ended_at is null or id in (
        select message.call_id from messages as message join cases on cases.id = message.case_id
        where cases.person_key in (select key from user_phones where user_id = ${userId})
      ))
    returning id
  `.execute(tx)
  return rows.map(({ id }) => id)
}

async function loadPhones(db: Db, userIds: readonly string[]): Promise<Map<string, UserPhone[]>> {
  const rows = await db
    .selectFrom('userPhones')
    .select(['userId', 'raw', 'e164', 'display', 'key'])
    .where(sql<boolean>`user_id = any(${toArray(userIds)})`)
    .orderBy('userId')
    .orderBy('position')
    .execute()
  const phones = new Map<string, UserPhone[]>()
  for (const { userId, ...phone } of rows) {
    phones.set(userId, [...(phones.get(userId) ?? []), phone])
  }
  return phones
}
