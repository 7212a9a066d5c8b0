import type { Context } from 'hono'
import { RingsideError } from '../errors.ts'

export const SCOPES = ['admin', 'read', 'users', 'cases', 'calls'] as const
export type Scope = (typeof SCOPES)[number]
export type Role = 'agent' | 'supervisor' | 'admin'

/** Who asks: an agent, or another program with an API key. */
export type Identity =
  | {
      readonly kind: 'agent'
      readonly agentId: string
      readonly role: Role
      readonly expiresAt: Date
      /** The sign-in by a personal link that the session is of. */
      readonly browserKeyId?: string
    }
  | { readonly kind: 'key'; readonly keyId: string; readonly scopes: readonly Scope[] }

/** Somebody in the audit log: an agent, or a program by its key. */
export interface Actor {
  readonly agentId: string | null
  readonly keyId: string | null
}

/** Who somebody is in the audit log. */
export function toActor(identity: Identity): Actor {
  return identity.kind === 'agent'
    ? { agentId: identity.agentId, keyId: null }
    : { agentId: null, keyId: identity.keyId }
}

/** What `describe` leaves for the audit log. */
export interface DescribedRoute {
  /** `/api/agents/:id` */
  readonly pattern: string
  readonly isAudited: boolean
}

/** What `authenticate` leaves for the routes: who asks, or why nobody does. */
export interface AppEnv {
  Variables: {
    identity: Identity | null
    refusal: RingsideError | null
    /** The route that answers, once one was found. */
    described?: DescribedRoute
    /** Who asks, where no token says it. */
    actor?: Actor
  }
}

/**
 * Who may use a route. `read`, `users`, `cases`, `calls`: every agent, and keys of that scope;
 * `agent`: an agent, no key; `anyone`: whoever has a valid token; `import`: an admin, and keys of the
 * scope `users`; `admin` may everything but `agent`.
 */
export type Access =
  | 'public'
  | 'anyone'
  | 'agent'
  | 'read'
  | 'users'
  | 'cases'
  | 'calls'
  | 'import'
  | 'supervisor'
  | 'admin'

/** Who asks; 401 for nobody. */
export function requireIdentity(c: Context<AppEnv>): Identity {
  const identity = c.get('identity')
  if (identity) return identity
  throw c.get('refusal') ?? new RingsideError('unauthorized', 'a bearer token is needed')
}

/** The agent who asks; 403 for a key. */
export function requireAgent(c: Context<AppEnv>): Extract<Identity, { kind: 'agent' }> {
  const identity = requireIdentity(c)
  if (identity.kind === 'agent') return identity
  throw new RingsideError('forbidden', 'this is for agents, not for API keys')
}

/** Lets pass an agent of this role or above it, and keys with the scope `admin`. */
export function requireRole(c: Context<AppEnv>, role: 'supervisor' | 'admin'): Identity {
  return requireAccess(c, role)
}

/** Lets pass who may use a route of this access; `public` asks for nobody. */
export function requireAccess(c: Context<AppEnv>, access: 'public'): null
export function requireAccess(c: Context<AppEnv>, access: Exclude<Access, 'public'>): Identity
export function requireAccess(c: Context<AppEnv>, access: Access): Identity | null
export function requireAccess(c: Context<AppEnv>, access: Access): Identity | null {
  if (access === 'public') return null
  const identity = requireIdentity(c)
  if (mayUse(identity, access)) return identity
  throw new RingsideError('forbidden', `this needs ${WORDS[access]}`)
}

const WORDS: Record<Exclude<Access, 'public'>, string> = {
  anyone: 'a token',
  agent: 'the token of an agent',
  read: 'an agent, or a key with the scope read',
  users: 'an agent, or a key with the scope users',
  cases: 'an agent, or a key with the scope cases',
  calls: 'an agent, or a key with the scope calls',
  import: 'the role admin, or a key with the scope users',
  supervisor: 'the role supervisor or admin',
  admin: 'the role admin, or a key with the scope admin',
}

const RANK: Record<Role, number> = { agent: 0, supervisor: 1, admin: 2 }

/** Whether a role may less than another one. */
export function isBelow(role: Role, other: Role): boolean {
  return RANK[role] < RANK[other]
}

/** Whether a route of this access is for this identity. */
export function mayUse(identity: Identity, access: Exclude<Access, 'public'>): boolean {
  if (access === 'anyone') return true
  if (identity.kind === 'agent') {
    return RANK[identity.role] >= RANK[roleFor(access)]
  }
  if (access === 'agent') return false
  const { scopes } = identity
  if (scopes.includes('admin')) return true
  if (access === 'import') return scopes.includes('users')
  return access !== 'supervisor' && scopes.includes(access)
}

/** The least role of agents who may use a route of this access. */
function roleFor(access: Exclude<Access, 'public' | 'anyone'>): Role {
  if (access === 'import') return 'admin'
  return access === 'supervisor' || access === 'admin' ? access : 'agent'
}

/** As whom the pipeline and the queries act; a key sees everything that its scope lets it ask for. */
export function actorOf(identity: Identity): { agentId: string | null; role: Role } {
  return identity.kind === 'agent'
    ? { agentId: identity.agentId, role: identity.role }
    : { agentId: null, role: 'admin' }
}

/** The agent whose calls alone may be seen; null: all may. */
export function onlyOwn({
  agentId,
  role,
}: {
  readonly agentId: string | null
  readonly role: Role
}): string | null {
  // An agent without an id, who cannot be, sees nothing.
  return role === 'agent' ? (agentId ?? '') : null
}
