/** Requests to the server: bearer token, problem details as typed errors, reads tried again. */
import type { CaseView, Problem } from '../../server/http/schemas.ts'
import { backoffMs } from './backoff.ts'

/** Why a request failed, in the words that `problem.ts` of the server puts into `type`. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** 0: the server was not reached. */
  readonly status: number
  /** The last part of the problem's `type`, such as `not-answered`; empty where there is none. */
  readonly code: string
  readonly errors: readonly { readonly path: string; readonly message: string }[]
  /** What somebody else has made of it meanwhile (409). */
  readonly current: CaseView | null

  constructor(
    status: number,
    problem: Partial<Problem> & { current?: CaseView; case?: CaseView },
    cause?: unknown,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`, { cause })
    this.status = status
    this.code = problem.type?.split('/').at(-1) ?? ''
    this.errors = problem.errors ?? []
    this.current = problem.current ?? problem.case ?? null
  }
}

export interface ApiOptions {
  readonly server: string
  readonly getToken: (again: boolean) => Promise<string | null>
  /** The agent signed in by a personal link. */
  readonly signsIn?: boolean
  readonly fetch?: typeof fetch
  readonly backoff?: (attempt: number, random: number) => number
}

export interface RequestOptions {
  readonly body?: unknown
  /** Goes out as it is, with its type, in place of `body`. */
  readonly file?: Blob
  /** The answer is no JSON, but text as it is. */
  readonly isText?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Goes out even when the page is being left. */
  readonly keepalive?: boolean
}

export interface Api {
  readonly server: string
  /** The agent signs in, and out, here: no token comes from the page. */
  readonly signsIn: boolean
  readonly get: <T>(path: string, options?: RequestOptions) => Promise<T>
  readonly send: <T>(method: string, path: string, options?: RequestOptions) => Promise<T>
  /** An address that the server gave, for the page: it may stand relative to the server. */
  readonly resolve: (address: string) => string
}

const READS = 3

/** The server's API as two functions; what they return is the contract of `schemas.ts`. */
export function createApi(options: ApiOptions): Api {
  const fetchNow = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args))
  const backoff = options.backoff ?? backoffMs

  async function once(method: string, path: string, init: RequestOptions, again: boolean) {
    const token = await options.getToken(again)
    if (token === null) throw new ApiError(401, { title: 'No token' })
    const headers: Record<string, string> = { Authorization: `Bearer ${token}`, ...init.headers }
    if (init.body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await fetchNow(`${options.server}${path}`, {
      method,
      headers,
      body:
        init.file ?? (init.body === undefined ? undefined : JSON.stringify(init.body, asTheyAre)),
      signal: init.signal ?? null,
      keepalive: init.keepalive ?? false,
      credentials: 'omit',
    }).catch((cause: unknown) => {
      if (init.signal?.aborted) throw cause
      throw new ApiError(0, { title: 'The server was not reached' }, cause)
    })
    return init.isText && response.ok ? response.text() : parse(response)
  }

  /** A refused token is renewed once. */
  async function request(method: string, path: string, init: RequestOptions): Promise<unknown> {
    try {
      return await once(method, path, init, false)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      return once(method, path, init, true)
    }
  }

  async function read(path: string, init: RequestOptions): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request('GET', path, init)
      } catch (error) {
        const canRetry = error instanceof ApiError && (error.status === 0 || error.status >= 500)
        if (!canRetry || attempt >= READS) throw error
        await pause(backoff(attempt, Math.random()), init.signal)
      }
    }
  }

  return {
    server: options.server,
    signsIn: options.signsIn ?? false,
    // The contract is the server's own; its types are the schemas that made the answer.
    get: <T>(path: string, init: RequestOptions = {}) => read(path, init) as Promise<T>,
    send: <T>(method: string, path: string, init: RequestOptions = {}) =>
      request(method, path, init) as Promise<T>,
    resolve: (address) => new URL(address, options.server).href,
  }
}

/** Lists as lists: scripts of old (Prototype) gave arrays a `toJSON` of their own, which makes texts of them. */
function asTheyAre(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const given = this[key]
  return Array.isArray(given) ? given : value
}

async function parse(response: Response): Promise<unknown> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  const body: unknown = isJson ? await response.json().catch(() => null) : null
  if (!response.ok) throw new ApiError(response.status, isObject(body) ? body : {})
  // 202 and 204: taken, with nothing to say. Else somebody in between has answered, or the line broke off.
  if (response.status !== 202 && response.status !== 204 && body === null) {
    throw new ApiError(0, { title: 'The answer is not JSON' })
  }
  return body
}

function isObject(value: unknown): value is Record<string, never> {
  return typeof value === 'object' && value !== null
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
