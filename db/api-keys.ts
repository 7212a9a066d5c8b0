import { v7 as newId } from 'uuid'
import { type Db, toJson } from './database.ts'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdAt: Date
}

const COLUMNS = ['id', 'name', 'scopes', 'createdAt'] as const

export function loadApiKeyByHash(db: Db, keyHash: string): Promise<ApiKey | undefined> {
  return db.selectFrom('apiKeys').select(COLUMNS).where('keyHash', '=', keyHash).executeTakeFirst()
}

/** Keys, newest first. */
export function listApiKeys(
  db: Db,
  page: { readonly limit: number; readonly before: string | null },
): Promise<ApiKey[]> {
  let query = db.selectFrom('apiKeys').select(COLUMNS).orderBy('id', 'desc').limit(page.limit)
  if (page.before !== null) query = query.where('id', '<', page.before)
  return query.execute()
}

/** Keeps a key by its hash; the key itself is nowhere afterwards. */
export async function insertApiKey(
  db: Db,
  key: { readonly name: string; readonly scopes: readonly string[]; readonly keyHash: string },
  now: Date,
): Promise<string> {
  const id = newId()
  const { name, scopes, keyHash } = key
  await db
    .insertInto('apiKeys')
    .values({ id, name, scopes: toJson(scopes), keyHash, createdAt: now })
    .execute()
  return id
}

export async function deleteApiKey(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('apiKeys').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
