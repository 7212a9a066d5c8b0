import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { lookupOf, type Resolve, resolveAllowed } from '../net/address-guard.ts'

/** What a receiver said; never what its answer contained (SAFE-5). */
export interface Answer {
  /** Null: none came. */
  readonly status: number | null
  readonly isOk: boolean
  readonly reason: string
}

export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SendRules {
  readonly allowPrivate: boolean
  readonly connectMs?: number | undefined
  readonly wholeMs?: number | undefined
  readonly resolve?: Resolve | undefined
}

const CONNECT_MS = 5000
const WHOLE_MS = 15_000
/** So much of an answer is read politely and thrown away. */
const MAX_ANSWER_BYTES = 16 * 1024
const MAX_REASON = 200

/** Posts a message once. Whatever goes wrong is an answer too; it never throws. */
export async function send(
  message: Message,
  rules: SendRules,
  signal?: AbortSignal,
): Promise<Answer> {
  const { connectMs = CONNECT_MS, wholeMs = WHOLE_MS } = rules
  const url = new URL(message.url)
  const cut = new AbortController()
  const deadline = setTimeout(() => cut.abort('late'), wholeMs)
  const stop = (): void => cut.abort('stopped')
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  try {
    const found = await resolveAllowed(url.hostname, { ...rules, timeoutMs: connectMs })
    if (!found.ok) return failed(found.message)
    const answer = await post(url, message, {
      lookup: lookupOf(found),
      connectMs,
      signal: cut.signal,
    })
    const status = answer.statusCode ?? 0
    await drain(answer)
    return judge(status)
  } catch (error) {
    if (cut.signal.reason === 'late') return failed(`no answer within ${wholeMs / 1000} s`)
    return failed(reasonOf(error, connectMs))
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', stop)
  }
}

function judge(status: number): Answer {
  if (status >= 200 && status < 300) return { status, isOk: true, reason: `answered ${status}` }
  const reason =
    status >= 300 && status < 400
      ? `answered ${status}: redirects are not followed, name the address that it leads to`
      : `answered ${status}`
  return { status, isOk: false, reason }
}

class ConnectTimeout extends Error {}
class NoAnswer extends Error {}

function post(
  url: URL,
  { headers, body }: Message,
  options: Pick<RequestOptions, 'lookup' | 'signal'> & { connectMs: number },
): Promise<IncomingMessage> {
  const { connectMs, ...rest } = options
  const bytes = Buffer.from(body)
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      ...rest,
      method: 'POST',
      // A socket of its own: a pooled one may lead to an address that was checked long ago.
      agent: false,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'Ringside',
      },
    })
    const connecting = setTimeout(() => request.destroy(new ConnectTimeout()), connectMs)
    const isConnected = url.protocol === 'https:' ? 'secureConnect' : 'connect'
    request.once('socket', (socket) => socket.once(isConnected, () => clearTimeout(connecting)))
    request.once('response', (response) => {
      clearTimeout(connecting)
      resolve(response)
    })
    request.once('error', (error) => {
      clearTimeout(connecting)
      reject(error)
    })
    // Of 101 Node tells nothing else; after an answer or an error this says nothing.
    request.once('close', () => {
      clearTimeout(connecting)
      reject(new NoAnswer())
    })
    request.end(bytes)
  })
}

/** The status counts; of the rest a little is read, so that the receiver sees a clean end. */
function drain(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_ANSWER_BYTES) answer.destroy()
    })
    answer.once('error', () => resolve())
    answer.once('close', () => resolve())
  })
}

function failed(reason: string): Answer {
  return { status: null, isOk: false, reason: reason.slice(0, MAX_REASON) }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection: nothing listens on that port',
  ECONNRESET: 'ended the connection without an answer',
  EPIPE: 'ended the connection without an answer',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ETIMEDOUT: 'cannot be reached from here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by an authority that is known here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by an authority that is known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate cannot be verified: an intermediate one is missing',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'does not speak TLS there: the address may need http://',
}

/** In our words: messages of errors can have parts of an answer in them. */
function reasonOf(error: unknown, connectMs: number): string {
  if (error instanceof ConnectTimeout) return `no connection within ${connectMs / 1000} s`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (error instanceof NoAnswer || code.startsWith('HPE_')) return 'did not answer in HTTP'
  if (code.startsWith('ERR_SSL_')) return WORDS.EPROTO ?? code
  return WORDS[code] ?? `could not be asked (${code === '' ? 'unknown' : code.slice(0, 60)})`
}
