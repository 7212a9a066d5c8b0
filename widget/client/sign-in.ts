/** Signing in by a personal link, and the sessions of 15 minutes that follow from it (EMBED-7). */
import { ApiError } from './api.ts'
import { createSharing } from './session-sharing.ts'
import { canKeep, forgetSignIn, type Kept, loadSignIn, saveSignIn } from './sign-in-store.ts'

/** `ended`: this browser was signed in until the server refused it. */
export type SignInState = 'unknown' | 'in' | 'out' | 'ended'

/** The sign-in of this page's origin at one server. */
export interface SignIn {
  readonly state: SignInState
  /** A session that is good now; null: the agent has to sign in. Throws where the server is away. */
  readonly getToken: (again: boolean) => Promise<string | null>
  /** Uses up a link; throws an `ApiError`: 400 where the text is none, 401 where the link is of no use. */
  readonly useLink: (text: string) => Promise<void>
  /** Ends the sign-in, in all tabs. */
  readonly signOut: () => Promise<void>
  /** Told when somebody signed in or out, here or in another tab. */
  readonly subscribe: (listener: () => void) => () => void
}

export interface Session {
  readonly keyId: string
  readonly token: string
  /** In milliseconds of this browser's clock. */
  readonly until: number
}

const EARLY_MS = 60_000
const SESSION_MS = 15 * 60_000
const TIMEOUT_MS = 15_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const

const known = new Map<string, SignIn>()

/** One for each server: all elements of a page share its session. */
export function signInAt(server: string): SignIn {
  const found = known.get(server) ?? createSignIn(server)
  known.set(server, found)
  return found
}

function createSignIn(server: string): SignIn {
  const listeners = new Set<() => void>()
  const sharing = createSharing(server, {
    onSession: (told) => {
      session = told
    },
    onChange: () => changed('unknown'),
    current: () => (isGood(session) ? session : null),
  })
  let state: SignInState = 'unknown'
  let session: Session | null = null
  let refused: string | null = null
  let renewing: Promise<string | null> | null = null
  /** How far the server's clock is ahead of ours; asked for only where it matters. */
  let aheadMs = 0

  function isGood(some: Session | null): boolean {
    return some !== null && some.token !== refused && some.until - EARLY_MS > Date.now()
  }

  function changed(next: SignInState): void {
    session = null
    state = next
    for (const listener of [...listeners]) listener()
  }

  async function renew(): Promise<string | null> {
    const kept = await loadSignIn(server)
    if (kept === null) {
      session = null
      if (state !== 'ended') state = 'out'
      return null
    }
    return sharing.alone(kept.keyId, async () => {
      const isShared = isGood(session) && session?.keyId === kept.keyId
      session = isShared ? session : await startSession(kept)
      state = session === null ? 'ended' : 'in'
      if (session !== null && !isShared) sharing.tell(session)
      return session?.token ?? null
    })
  }

  /** Null where the server knows this browser no longer. */
  async function startSession(kept: Kept): Promise<Session | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const body = await proofOf(kept, new Date(Date.now() + aheadMs).toISOString())
        const { token, expiresAt } = await post(server, '/api/session', body)
        const until = Math.min(Date.parse(String(expiresAt)) - aheadMs, Date.now() + SESSION_MS)
        return { keyId: kept.keyId, token: String(token), until }
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error
        if (!(error instanceof WrongClock) || attempt > 1) return null
        aheadMs = error.aheadMs
      }
    }
  }

  return {
    get state() {
      return state
    },
    async getToken(again) {
      if (again) refused = session?.token ?? refused
      if (isGood(session)) return session?.token ?? null
      renewing ??= renew().finally(() => {
        renewing = null
      })
      return renewing
    },
    async useLink(text) {
      await saveSignIn(server, await exchange(server, tokenOf(text)))
      changed('in')
      sharing.tellChange()
    },
    async signOut() {
      const token = await this.getToken(false).catch(() => null)
      if (token !== null) {
        // Where the server is away the key is gone all the same, and nobody else has it.
        await send(server, 'DELETE', '/api/session', { token }).catch(() => undefined)
      }
      await forgetSignIn(server)
      changed('out')
      sharing.tellChange()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The token of a pasted link: what stands after `#`, or the text itself. */
function tokenOf(text: string): string {
  const token = text.trim().replace(/^[^#]*#/, '')
  if (/^[\w-]{20,200}$/.test(token)) return token
  throw new ApiError(400, { title: 'This is no sign-in link', type: '/problems/not-a-link' })
}

/** Uses up a link, for a key where one can be kept, else for a secret of this tab. */
async function exchange(server: string, token: string): Promise<Kept> {
  const pair = await makeKey(server)
  if (pair === null) {
    const { agentId, keyId, secret } = await post(server, '/api/sign-in', { token })
    return { agentId: String(agentId), keyId: String(keyId), secret: String(secret) }
  }
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const body = { token, publicKey: { kty, crv, x, y } }
  const { agentId, keyId } = await post(server, '/api/sign-in', body)
  return { agentId: String(agentId), keyId: String(keyId), privateKey: pair.privateKey }
}

/** No browser keeps a key for a page that comes by plain http, but for localhost. */
export function holdsForTab(): boolean {
  return globalThis.crypto?.subtle === undefined
}

/** Tried before the link is used up: a browser that keeps no key must not lose it. */
async function makeKey(server: string): Promise<CryptoKeyPair | null> {
  if (holdsForTab()) return null
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  return (await canKeep(server, pair.privateKey)) ? pair : null
}

async function proofOf(kept: Kept, at: string): Promise<Record<string, string>> {
  const { agentId, keyId } = kept
  if ('secret' in kept) return { agentId, secret: kept.secret }
  const text = new TextEncoder().encode(`ringside-session\n${agentId}\n${at}`)
  const signed = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, kept.privateKey, text)
  const signature = btoa(String.fromCharCode(...new Uint8Array(signed)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
  return { agentId, keyId, signature, at }
}

/** This computer's clock is too far from the server's for a signature to count. */
class WrongClock extends ApiError {
  readonly aheadMs: number

  constructor(now: string) {
    super(401, { title: 'The clock is wrong', type: '/problems/clock' })
    this.aheadMs = Date.parse(now) - Date.now()
  }
}

function post(server: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  return send(server, 'POST', path, { body })
}

async function send(
  server: string,
  method: string,
  path: string,
  what: { readonly body?: unknown; readonly token?: string },
): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = {}
  if (what.body !== undefined) headers['Content-Type'] = 'application/json'
  if (what.token !== undefined) headers.Authorization = `Bearer ${what.token}`
  const response = await fetch(`${server}${path}`, {
    method,
    headers,
    body: what.body === undefined ? null : JSON.stringify(what.body),
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new ApiError(0, { title: 'The server was not reached' }, cause)
  })
  if (response.status === 204) return {}
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  if (response.ok) return answer
  if (answer.type === '/problems/clock') throw new WrongClock(String(answer.now))
  throw new ApiError(response.status, answer)
}
