import { v7 as newId } from 'uuid'
import { type Db, inTransaction, toJson } from './database.ts'

/** A link works once, until it expires. */
export async function insertSignInLink(
  db: Db,
  link: { readonly tokenHash: string; readonly agentId: string; readonly expiresAt: Date },
): Promise<void> {
  await db.insertInto('signInLinks').values(link).execute()
}

/** Uses up a link and keeps the browser's key; null where the link is unknown, used or expired. */
export function consumeSignInLink(
  db: Db,
  tokenHash: string,
  publicKey: unknown,
  now: Date,
): Promise<{ agentId: string; keyId: string } | null> {
  return inTransaction(db, async (tx) => {
    const link = await tx
      .updateTable('signInLinks')
      .set({ usedAt: now })
      .where('tokenHash', '=', tokenHash)
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', now)
      .returning('agentId')
      .executeTakeFirst()
    if (link === undefined) return null
    const keyId = newId()
    await tx
      .insertInto('browserKeys')
      .values({ id: keyId, agentId: link.agentId, publicKey: toJson(publicKey), createdAt: now })
      .execute()
    return { agentId: link.agentId, keyId }
  })
}

/** The keys of an agent's browsers that were not revoked, newest first. */
export function listBrowserKeys(
  db: Db,
  agentId: string,
): Promise<{ id: string; publicKey: unknown }[]> {
  return db
    .selectFrom('browserKeys')
    .select(['id', 'publicKey'])
    .where('agentId', '=', agentId)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .limit(100)
    .execute()
}

export async function isBrowserKeyValid(db: Db, agentId: string, keyId: string): Promise<boolean> {
  const found = await db
    .selectFrom('browserKeys')
    .select('id')
    .where('id', '=', keyId)
    .where('agentId', '=', agentId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

/** Ends every sign-in of an agent: browsers, and links that nobody used yet. */
export async function revokeSignIns(db: Db, agentId: string, now: Date): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx
      .updateTable('browserKeys')
      .set({ revokedAt: now })
      .where('agentId', '=', agentId)
      .where('revokedAt', 'is', null)
      .execute()
    await tx
      .updateTable('signInLinks')
      .set({ usedAt: now })
      .where('agentId', '=', agentId)
      .where('usedAt', 'is', null)
      .execute()
  })
}
