import { randomBytes } from 'node:crypto'
import { hasAdmin, upsertByExternalId } from '../../db/agents.ts'
import type { Db } from '../../db/database.ts'
import { insertSignInLink } from '../../db/sign-in.ts'
import { hashToken } from './auth.ts'

/** The external id of the agent that the first sign-in is for. */
const FIRST_ADMIN = 'admin'

const LINK_MS = 24 * 60 * 60_000

/** A link that signs an agent in once. The token stands after `#`, so that no server logs it. */
export async function createSignInLink(
  db: Db,
  agentId: string,
  publicUrl: string,
  now: Date,
): Promise<{ url: string; expiresAt: Date }> {
  const token = randomBytes(24).toString('base64url')
  const expiresAt = new Date(now.getTime() + LINK_MS)
  await insertSignInLink(db, { tokenHash: hashToken(token), agentId, expiresAt })
  return { url: `${publicUrl}/sign-in#${token}`, expiresAt }
}

/**
 * For the first start: the address where the first admin signs in, and null once there is an admin
 * who can be signed in as. The agent `Admin` is made on the way.
 */
export async function createFirstAdminLink(
  db: Db,
  publicUrl: string,
  now: Date,
): Promise<string | null> {
  if (await hasAdmin(db, FIRST_ADMIN)) return null
  const facts = { externalId: FIRST_ADMIN, name: 'Admin', role: 'admin' } as const
  const { id } = await upsertByExternalId(db, facts, now)
  return (await createSignInLink(db, id, publicUrl, now)).url
}
