import { type Db, isAnyOf, toJson } from './database.ts'
import { newId } from './new-id.ts'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdAt: Date
}

/** A key as an admin sees it. */
export interface ListedApiKey extends ApiKey {
  readonly createdBy: string | null
  readonly createdByName: string | null
  readonly lastUsedAt: Date | null
}

const COLUMNS = ['id', 'name', 'scopes', 'createdAt'] as const
/** Longer than a key that was looked up is remembered. */
const NOTE_USE_EVERY_MS = 60_000

/** The key of this hash, whose use is noted once a minute. */
export async function useApiKey(db: Db, keyHash: string, now: Date): Promise<ApiKey | undefined> {
  const found = await db
    .selectFrom('apiKeys')
    .select([...COLUMNS, 'lastUsedAt'])
    .where('keyHash', '=', keyHash)
    .executeTakeFirst()
  if (found === undefined) return undefined
  const { lastUsedAt, ...key } = found
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= NOTE_USE_EVERY_MS) {
    await db.updateTable('apiKeys').set({ lastUsedAt: now }).where('id', '=', key.id).execute()
  }
  return key
}

/** Keys, newest first. */
export function listApiKeys(
  db: Db,
  page: { readonly limit: number; readonly before: string | null },
): Promise<ListedApiKey[]> {
  let query = db
    .selectFrom('apiKeys')
    .leftJoin('agents', 'agents.id', 'apiKeys.createdBy')
    .select([
      'apiKeys.id',
      'apiKeys.name',
      'apiKeys.scopes',
      'apiKeys.createdAt',
      'apiKeys.createdBy',
      'apiKeys.lastUsedAt',
      'agents.name as createdByName',
    ])
    .orderBy('apiKeys.id', 'desc')
    .limit(page.limit)
  if (page.before !== null) query = query.where('apiKeys.id', '<', page.before)
  return query.execute()
}

/** Which of these keys were not deleted. */
export async function listExistingKeys(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db.selectFrom('apiKeys').select('id').where(isAnyOf('id', ids)).execute()
  return new Set(rows.map(({ id }) => id))
}

export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly string[]
  readonly keyHash: string
  readonly createdBy: string | null
}

/** Keeps a key by its hash; the key itself is nowhere afterwards. */
export async function insertApiKey(db: Db, key: NewApiKey, now: Date): Promise<string> {
  const id = newId()
  const { name, scopes, keyHash, createdBy } = key
  await db
    .insertInto('apiKeys')
    .values({ id, name, scopes: toJson(scopes), keyHash, createdBy, createdAt: now })
    .execute()
  return id
}

export async function deleteApiKey(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('apiKeys').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
