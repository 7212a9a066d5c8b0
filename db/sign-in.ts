import { type Db, inTransaction, toJson } from './database.ts'
import { newId } from './new-id.ts'

/** A link works once, until it expires. */
export async function insertSignInLink(
  db: Db,
  link: { readonly tokenHash: string; readonly agentId: string; readonly expiresAt: Date },
): Promise<void> {
  await db.insertInto('signInLinks').values(link).execute()
}

/** How a browser will prove itself: by a key that it keeps, or by a secret for one tab. */
export interface NewBrowser {
  readonly publicKey: unknown
  readonly secretHash: string | null
  /** Of the page, and what the browser calls itself: by these an admin tells them apart. */
  readonly origin: string | null
  readonly userAgent: string | null
}

/** Uses up a link and keeps the browser; null where the link is unknown, used or expired. */
export function consumeSignInLink(
  db: Db,
  tokenHash: string,
  browser: NewBrowser,
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
    const { publicKey, secretHash, origin, userAgent } = browser
    await tx
      .insertInto('browserKeys')
      .values({
        id: keyId,
        agentId: link.agentId,
        publicKey: publicKey === null ? null : toJson(publicKey),
        secretHash,
        origin,
        userAgent,
        createdAt: now,
      })
      .execute()
    return { agentId: link.agentId, keyId }
  })
}

/** The keys of an agent's browsers that were not revoked, newest first; or only one of them. */
export function listBrowserKeys(
  db: Db,
  agentId: string,
  keyId: string | null,
): Promise<{ id: string; publicKey: unknown }[]> {
  let query = db
    .selectFrom('browserKeys')
    .select(['id', 'publicKey'])
    .where('agentId', '=', agentId)
    .where('publicKey', 'is not', null)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .limit(100)
  if (keyId !== null) query = query.where('id', '=', keyId)
  return query.execute()
}

/** The sign-in that a tab's secret is of. */
export async function findBrowserBySecret(
  db: Db,
  agentId: string,
  secretHash: string,
): Promise<string | null> {
  const found = await db
    .selectFrom('browserKeys')
    .select('id')
    .where('secretHash', '=', secretHash)
    .where('agentId', '=', agentId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return found?.id ?? null
}

/** Written this often at most: it is for admins to see which browsers are still in use. */
const USED_EVERY_MS = 10 * 60_000

export async function noteBrowserUse(db: Db, keyId: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - USED_EVERY_MS)
  await db
    .updateTable('browserKeys')
    .set({ usedAt: now })
    .where('id', '=', keyId)
    .where((eb) => eb.or([eb('usedAt', 'is', null), eb('usedAt', '<', before)]))
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

/** A browser, or a tab, in which an agent is signed in. */
export interface Browser {
  readonly id: string
  readonly isTab: boolean
  readonly origin: string | null
  readonly userAgent: string | null
  readonly createdAt: Date
  readonly usedAt: Date | null
}

/** Where an agent is signed in, newest first. */
export async function listBrowsers(
  db: Db,
  agentId: string,
  page: { readonly limit: number; readonly before: string | null },
): Promise<Browser[]> {
  let query = db
    .selectFrom('browserKeys')
    .select(['id', 'secretHash', 'origin', 'userAgent', 'createdAt', 'usedAt'])
    .where('agentId', '=', agentId)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .limit(page.limit)
  if (page.before !== null) query = query.where('id', '<', page.before)
  const rows = await query.execute()
  return rows.map(({ secretHash, ...row }) => ({ ...row, isTab: secretHash !== null }))
}

/** Ends one sign-in; false where there is none such (any more). */
export async function revokeBrowser(
  db: Db,
  agentId: string,
  keyId: string,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('browserKeys')
    .set({ revokedAt: now })
    .where('id', '=', keyId)
    .where('agentId', '=', agentId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** What was revoked lately, by whichever process. */
export function listRevokedSince(db: Db, since: Date): Promise<{ id: string; agentId: string }[]> {
  return db
    .selectFrom('browserKeys')
    .select(['id', 'agentId'])
    .where('revokedAt', '>', since)
    .unionAll(
      // Whoever has left: tokens of the helpdesk may still be good.
      db.selectFrom('agents').select(['id', 'id as agentId']).where('leftAt', '>', since),
    )
    .execute()
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
