import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { Hono } from 'hono'
import type { Db } from '../../../db/database.ts'
import { consumeSignInLink, listBrowserKeys } from '../../../db/sign-in.ts'
import { RingsideError } from '../../errors.ts'
import type { AppEnv } from '../access.ts'
import { type Authenticator, hashToken } from '../auth.ts'
import { badInput, body, describe } from '../route.ts'
import { sessionInput, sessionSchema, signInInput, signInSchema } from '../setup-schemas.ts'

export interface SignInRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly authenticator: Authenticator
}

const MAX_CLOCK_DIFFERENCE_MS = 2 * 60_000
const open = { tag: 'sign-in', access: 'public' } as const

/** A link is exchanged for a browser's key, and that key's signature for sessions (EMBED-7). */
export function signInRoutes({ db, clock, authenticator }: SignInRoutesDeps) {
  return new Hono<AppEnv>()
    .post(
      '/api/sign-in',
      describe({ ...open, summary: 'Use up a sign-in link', answers: { 200: signInSchema } }),
      body(signInInput),
      async (c) => {
        const { token, publicKey } = c.req.valid('json')
        if (toPublicKey(publicKey) === null) {
          throw badInput([{ path: 'publicKey', message: 'is no point of the curve P-256' }])
        }
        const signedIn = await consumeSignInLink(db, hashToken(token), publicKey, clock())
        if (signedIn === null) {
          throw new RingsideError('unauthorized', 'the link was used, has expired or never was')
        }
        return c.json(signedIn)
      },
    )
    .post(
      '/api/session',
      describe({
        ...open,
        summary: 'A session of 15 minutes for a browser that signed in',
        answers: { 200: sessionSchema },
      }),
      body(sessionInput),
      async (c) => {
        const { agentId, signature, at } = c.req.valid('json')
        const difference = Math.abs(clock().getTime() - new Date(at).getTime())
        if (!(difference <= MAX_CLOCK_DIFFERENCE_MS)) {
          throw new RingsideError('unauthorized', 'at is more than two minutes from now')
        }
        const signed = Buffer.from(toSignedText(agentId, at))
        const bytes = Buffer.from(signature, 'base64url')
        const keys = await listBrowserKeys(db, agentId)
        const key = keys.find(({ publicKey }) => isSignedBy(publicKey, signed, bytes))
        if (key === undefined) {
          throw new RingsideError('unauthorized', 'no browser of this agent signed this')
        }
        const { token, expiresAt } = authenticator.startSession(agentId, key.id)
        return c.json({ token, expiresAt: expiresAt.toISOString() })
      },
    )
}

/** What a browser signs: it is of no use for anything else, and for two minutes only. */
export function toSignedText(agentId: string, at: string): string {
  return `ringside-session\n${agentId}\n${at}`
}

function isSignedBy(publicKey: unknown, signed: Buffer, signature: Buffer): boolean {
  const key = toPublicKey(publicKey as JsonWebKey)
  if (key === null) return false
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

function toPublicKey(jwk: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    // Its coordinates are on no curve; who sent it is told so.
    return null
  }
}
