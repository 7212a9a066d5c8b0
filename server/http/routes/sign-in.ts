import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type * as v from 'valibot'
import { loadAgent } from '../../../db/agents.ts'
import type { Db } from '../../../db/database.ts'
import {
  consumeSignInLink,
  findBrowserBySecret,
  listBrowserKeys,
  noteBrowserUse,
} from '../../../db/sign-in.ts'
import { RingsideError } from '../../errors.ts'
import type { AppEnv } from '../access.ts'
import { type Authenticator, hashToken } from '../auth.ts'
import { badInput, body, describe } from '../route.ts'
import { sessionInput, sessionSchema, signInInput, signInSchema } from '../setup-schemas.ts'

export interface SignInRoutesDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly authenticator: Pick<Authenticator, 'startSession'>
}

type SessionInput = v.InferOutput<typeof sessionInput>

const MAX_CLOCK_DIFFERENCE_MS = 2 * 60_000
const open = { tag: 'sign-in', access: 'public' } as const

/** A link is exchanged for a browser's key, and that key's signature for sessions (EMBED-7). */
export function signInRoutes({ db, clock, authenticator }: SignInRoutesDeps) {
  return new Hono<AppEnv>()
    .post(
      '/api/sign-in',
      describe({
        ...open,
        audited: true,
        summary: 'Use up a sign-in link',
        answers: { 200: signInSchema },
      }),
      body(signInInput),
      async (c) => {
        const { token, publicKey = null } = c.req.valid('json')
        if (publicKey !== null && toPublicKey(publicKey) === null) {
          throw badInput([{ path: 'publicKey', message: 'is no point of the curve P-256' }])
        }
        const secret = publicKey === null ? randomBytes(32).toString('base64url') : null
        const signedIn = await consumeSignInLink(
          db,
          hashToken(token),
          {
            publicKey,
            secretHash: secret === null ? null : hashToken(secret),
            origin: header(c, 'origin'),
            userAgent: header(c, 'user-agent'),
          },
          clock(),
        )
        if (signedIn === null) {
          throw new RingsideError('unauthorized', 'the link was used, has expired or never was')
        }
        const { role = 'agent' } = (await loadAgent(db, signedIn.agentId)) ?? {}
        c.set('actor', { agentId: signedIn.agentId, keyId: null })
        return c.json({ ...signedIn, role, ...(secret === null ? {} : { secret }) })
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
        const asked = c.req.valid('json')
        const keyId = await findBrowser(db, asked, clock())
        if (keyId === null) {
          throw new RingsideError('unauthorized', 'no browser of this agent signed this')
        }
        await noteBrowserUse(db, keyId, clock())
        const { token, expiresAt } = authenticator.startSession(asked.agentId, keyId)
        return c.json({ token, expiresAt: expiresAt.toISOString() })
      },
    )
}

/** What a browser signs: it is of no use for anything else, and for two minutes only. */
export function toSignedText(agentId: string, at: string): string {
  return `ringside-session\n${agentId}\n${at}`
}

/** The sign-in that a request proves; null for none. */
async function findBrowser(db: Db, asked: SessionInput, now: Date): Promise<string | null> {
  if ('secret' in asked) return findBrowserBySecret(db, asked.agentId, hashToken(asked.secret))
  const { agentId, keyId = null, signature, at } = asked
  const difference = Math.abs(now.getTime() - new Date(at).getTime())
  if (!(difference <= MAX_CLOCK_DIFFERENCE_MS)) {
    // Agents' computers go wrong by more: the widget asks again by our clock.
    throw new RingsideError('unauthorized', 'at is more than two minutes from now', {
      type: 'clock',
      extensions: { now: now.toISOString() },
    })
  }
  const signed = Buffer.from(toSignedText(agentId, at))
  const bytes = Buffer.from(signature, 'base64url')
  const keys = await listBrowserKeys(db, agentId, keyId)
  return keys.find(({ publicKey }) => isSignedBy(publicKey, signed, bytes))?.id ?? null
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

/** What a browser says of itself, cut to what an admin reads. */
function header(c: Context, name: string): string | null {
  return c.req.header(name)?.slice(0, 300) || null
}
