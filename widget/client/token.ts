/** The agent's token: given by the page, or fetched from the page's own address before it ends. */
import { ApiError } from './api.ts'

export interface TokenOptions {
  readonly token: string | null
  readonly tokenUrl: string | null
  readonly fetch?: typeof fetch
  readonly now?: () => number
  /** A token-url that has not answered by then counts as failed. */
  readonly timeoutMs?: number
}

/** Fetched again this long before its end. */
const EARLY_MS = 60_000

/** Returns the function that gives a token good now; `again` where the server refused the last one. */
export function createToken(options: TokenOptions): (again: boolean) => Promise<string | null> {
  const now = options.now ?? Date.now
  const fetchNow = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args))
  let token = options.token
  let fetching: Promise<string | null> | null = null

  async function renew(url: string): Promise<string | null> {
    const response = await fetchNow(url, {
      cache: 'no-store',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(options.timeoutMs ?? 15_000),
    })
    if (response.status === 401 || response.status === 403) return null
    if (!response.ok) throw new Error(`token-url answered ${response.status}`)
    token = parseToken(await response.text())
    return token
  }

  return async (again) => {
    if (options.tokenUrl === null) return token
    const isGood = token !== null && !again && endOf(token) - EARLY_MS > now()
    if (isGood) return token
    fetching ??= renew(options.tokenUrl)
      .catch((cause: unknown) => {
        // Tried again like a server that is away: who waits for an answer is told so.
        throw new ApiError(
          0,
          { title: cause instanceof Error ? cause.message : 'token-url' },
          cause,
        )
      })
      .finally(() => {
        fetching = null
      })
    return fetching
  }
}

/** The answer is the token as text, or `{ token }`. A login page in its place is neither. */
export function parseToken(text: string): string {
  let found: unknown = text.trim()
  if (String(found).startsWith('{')) found = (JSON.parse(text) as { token?: unknown }).token
  if (typeof found === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(found)) return found
  throw new Error('token-url answered neither a JWT nor { "token": "…" }')
}

/** When a JWT ends, in milliseconds; one that cannot be read is left to the server to judge. */
function endOf(token: string): number {
  const { exp } = claimsOf(token)
  return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY
}

function claimsOf(token: string): { readonly exp?: unknown; readonly sub?: unknown } {
  try {
    const part = token.split('.')[1] ?? ''
    const claims: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}

/** Whom a JWT names; null where it cannot be read. */
export function subjectOf(token: string): string | null {
  const { sub } = claimsOf(token)
  return typeof sub === 'string' ? sub : null
}
