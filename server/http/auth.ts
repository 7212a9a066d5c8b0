import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import * as v from 'valibot'
import {
  type Agent,
  hasExactly,
  type KnownAgent,
  listKnownAgents,
  loadAgent,
  replaceExtensions,
  updateAgent,
  upsertByExternalId,
} from '../../db/agents.ts'
import { useApiKey } from '../../db/api-keys.ts'
import { listConnectionIds } from '../../db/connections.ts'
import type { Db } from '../../db/database.ts'
import { isBrowserKeyValid, listRevokedSince } from '../../db/sign-in.ts'
import { batched } from '../batched.ts'
import { RingsideError } from '../errors.ts'
import { deriveKey } from '../seal.ts'
import type { Secret } from '../secret.ts'
import { type AppEnv, type Identity, SCOPES, type Scope } from './access.ts'
import { type AgentClaims, parseAgentClaims, toExtensions } from './agent-claims.ts'
import { signJwt, type VerifiedJwt, verifyJwt } from './jwt.ts'
import { createKnownRights, ENVIRONMENT_KEY } from './known-rights.ts'

export interface AuthOptions {
  readonly db: Db
  readonly clock: () => Date
  /** Whatever a helpdesk's token may be signed with now. */
  readonly embedSecrets: () => readonly Secret[]
  readonly ringsideSecret: Secret
  readonly adminApiKey: Secret | null
}

export interface Authenticator {
  /** Whose token this is; throws `unauthorized` for everything else. */
  identify(token: string): Promise<Identity>
  /** A session of an agent who signed in with a browser's key (EMBED-7). */
  startSession(agentId: string, browserKeyId: string): { token: string; expiresAt: Date }
  /** Forgets what is remembered of an agent or a key, after a change of its rights. */
  forget(id: string): void
  /** Forgets everybody: a secret by which tokens are signed does not count any more. */
  forgetAll(): void
  /** Forgets from whom another process took rights: sign-ins, roles, keys; asked again and again. */
  forgetRevoked(): Promise<void>
  /** Calls back when the identity is forgotten: what it began must not go on by the old rights. */
  onForget(identity: Identity, listener: () => void): () => void
}

export const API_KEY_PREFIX = 'rsk_'
export const SESSION_MS = 15 * 60_000
/** Longer than the clocks of two processes differ and a round of asking takes. */
const REVOKED_LATELY_MS = 2 * 60_000
/** How long a verified token is believed without asking the database again. */
const REMEMBER_MS = 60_000
const MAX_REMEMBERED = 20_000
const MAX_TOKEN_CHARS = 8192
/** Of thousands who come at once so many are looked up together (HOLD-6). */
const LOOK_UP_AT_ONCE = 64
const SESSION_TYPE = 'ringside-session'

interface Remembered {
  readonly identity: Promise<Identity>
  readonly until: number
}

/** Verifies tokens; a verified one is remembered for a while, so that a request costs no query. */
export function createAuthenticator(options: AuthOptions): Authenticator {
  const remembered = new Map<string, Remembered>()
  const owners = new Map<string, string>()
  const rights = createKnownRights(options.db)
  const listeners = new Map<string, Set<() => void>>()
  const revoked = new Set<string>()
  let forgotten = 0
  const known = batched(async (externalIds: readonly string[]) => {
    const found = await listKnownAgents(options.db, externalIds)
    return externalIds.map((externalId) => found.get(externalId) ?? null)
  }, LOOK_UP_AT_ONCE)
  const verifying = { ...options, known, sessionKey: deriveKey(options.ringsideSecret, 'session') }
  const drop = (hash: string): void => {
    remembered.delete(hash)
    owners.delete(hash)
  }
  const forget = (id: string): void => {
    forgotten += 1
    for (const [hash, owner] of [...owners]) if (owner === id) drop(hash)
    for (const listener of [...(listeners.get(id) ?? [])]) listener()
  }

  const identify = async (token: string): Promise<Identity> => {
    const now = options.clock().getTime()
    const hash = hashToken(token)
    const known = remembered.get(hash)
    if (known !== undefined) {
      const identity = now < known.until ? await known.identity : null
      if (identity !== null && !isExpired(identity, now)) return identity
      drop(hash)
    }
    const before = forgotten
    const identity = verify(verifying, token)
    remembered.set(hash, { identity, until: now + REMEMBER_MS })
    if (remembered.size > MAX_REMEMBERED) drop(remembered.keys().next().value ?? hash)
    try {
      const verified = await identity
      // Rights changed while they were looked up: which ones these are nobody knows.
      if (forgotten !== before) {
        drop(hash)
        return await identify(token)
      }
      // The helpdesk's tokens tell the role, too: those of a higher one are not believed any longer.
      if (rights.note(verified)) forget(ownerOf(verified))
      owners.set(hash, ownerOf(verified))
      return verified
    } catch (error) {
      drop(hash)
      throw error
    }
  }

  return {
    identify,
    startSession(agentId, browserKeyId) {
      const exp = Math.floor((options.clock().getTime() + SESSION_MS) / 1000)
      const token = signJwt({ sub: agentId, key: browserKeyId, exp }, verifying.sessionKey, {
        typ: SESSION_TYPE,
      })
      return { token, expiresAt: new Date(exp * 1000) }
    },
    forget,
    forgetAll() {
      forgotten += 1
      remembered.clear()
      owners.clear()
      for (const own of [...listeners.values()]) for (const listener of [...own]) listener()
    },
    async forgetRevoked() {
      for (const id of await rights.takeLost()) forget(id)
      const since = new Date(options.clock().getTime() - REVOKED_LATELY_MS)
      const found = await listRevokedSince(options.db, since)
      const agents = found.filter(({ id }) => !revoked.has(id)).map(({ agentId }) => agentId)
      revoked.clear()
      for (const { id } of found) revoked.add(id)
      for (const agentId of new Set(agents)) forget(agentId)
    },
    onForget(identity, listener) {
      const id = ownerOf(identity)
      const own = listeners.get(id) ?? new Set()
      listeners.set(id, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size === 0 && listeners.get(id) === own) listeners.delete(id)
      }
    },
  }
}

/** Sets `identity` from `Authorization: Bearer …`; the routes say whether one is needed. */
export function authenticate(authenticator: Authenticator): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('identity', null)
    c.set('refusal', null)
    const header = c.req.header('authorization')
    if (header !== undefined) {
      try {
        c.set('identity', await authenticator.identify(readBearer(header)))
      } catch (error) {
        if (!(error instanceof RingsideError)) throw error
        c.set('refusal', error)
      }
    }
    await next()
  }
}

/** What is kept of a key or a token instead of itself. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function readBearer(header: string): string {
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1]
  if (token === undefined || token.length > MAX_TOKEN_CHARS) {
    throw refuse('the Authorization header is not "Bearer" and a token')
  }
  return token
}

interface Verifying extends AuthOptions {
  readonly sessionKey: Buffer
  readonly known: (externalId: string) => Promise<KnownAgent | null>
}

function verify(options: Verifying, token: string): Promise<Identity> {
  if (options.adminApiKey !== null && isSame(token, options.adminApiKey.reveal())) {
    return Promise.resolve({ kind: 'key', keyId: ENVIRONMENT_KEY, scopes: ['admin'] })
  }
  if (token.startsWith(API_KEY_PREFIX)) return verifyApiKey(options, token)
  const session = verifyJwt(token, options.sessionKey)
  if (session?.header.typ === SESSION_TYPE) return verifySession(options, session.claims)
  const jwt = verifyByAny(token, options.embedSecrets())
  if (jwt === null) {
    return Promise.reject(
      refuse('the token is not a JWT signed by HS256 with the embed secret, nor an API key'),
    )
  }
  return verifyAgent(options, parseAgentClaims(jwt.claims, options.clock()))
}

function verifyByAny(token: string, secrets: readonly Secret[]): VerifiedJwt | null {
  for (const secret of secrets) {
    const jwt = verifyJwt(token, Buffer.from(secret.reveal(), 'utf8'))
    if (jwt !== null) return jwt
  }
  return null
}

async function verifyApiKey(options: AuthOptions, token: string): Promise<Identity> {
  const key = await useApiKey(options.db, hashToken(token), options.clock())
  if (key === undefined) throw refuse('there is no such API key (any more)')
  const scopes = SCOPES.filter((scope: Scope) => key.scopes.includes(scope))
  return { kind: 'key', keyId: key.id, scopes }
}

const sessionClaims = v.object({ sub: v.string(), key: v.string(), exp: v.number() })

async function verifySession(options: AuthOptions, claims: unknown): Promise<Identity> {
  const parsed = v.safeParse(sessionClaims, claims)
  if (!parsed.success) throw refuse('the session cannot be read')
  const { sub, key, exp } = parsed.output
  const expiresAt = new Date(exp * 1000)
  if (expiresAt <= options.clock()) throw refuse('the session has expired')
  const agent = await loadAgent(options.db, sub)
  if (agent === undefined || !(await isBrowserKeyValid(options.db, sub, key))) {
    throw refuse('the sign-in of this browser was revoked')
  }
  refuseLeft(agent)
  return { ...toIdentity(agent, expiresAt), browserKeyId: key }
}

async function verifyAgent(options: Verifying, claims: AgentClaims): Promise<Identity> {
  const { db, clock } = options
  const known = await options.known(claims.sub)
  const facts = {
    externalId: claims.sub,
    name: claims.name,
    email: claims.email,
    role: claims.role,
  }
  const agent =
    known === null
      ? await upsertByExternalId(db, facts, clock())
      : await updateAgent(db, known.agent, facts, clock())
  refuseLeft(agent)
  if (claims.extensions !== undefined) {
    const connections = Array.isArray(claims.extensions) ? [] : await listConnectionIds(db)
    const extensions = toExtensions(claims.extensions, connections)
    if (known === null || !hasExactly(known.extensions, extensions)) {
      await replaceExtensions(db, agent.id, extensions)
    }
  }
  return toIdentity(agent, new Date(claims.exp * 1000))
}

function refuseLeft({ leftAt }: Agent): void {
  if (leftAt !== null) throw refuse('this agent has left; an admin can let them in again')
}

function toIdentity(agent: Agent, expiresAt: Date): Extract<Identity, { kind: 'agent' }> {
  return { kind: 'agent', agentId: agent.id, role: agent.role, expiresAt }
}

function ownerOf(identity: Identity): string {
  return identity.kind === 'agent' ? identity.agentId : identity.keyId
}

function isExpired(identity: Identity, now: number): boolean {
  return identity.kind === 'agent' && identity.expiresAt.getTime() <= now
}

/** In constant time, whatever the lengths: hashes are compared. */
function isSame(found: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(hashToken(found)), Buffer.from(hashToken(expected)))
}

function refuse(why: string): RingsideError {
  return new RingsideError('unauthorized', why)
}
