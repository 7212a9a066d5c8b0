import { readString } from './ari-fields.ts'
import { because } from './check-cause.ts'

export type AriErrorCode =
  | 'unauthorized'
  | 'not-found'
  | 'conflict'
  /** The PBX said no; `message` has its words. */
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  /** What answers is no ARI. */
  | 'not-ari'
  /** REST answers, the websocket of events does not open. */
  | 'no-websocket'

/** Why a request or a connection of ARI failed; `status` is that of HTTP, where there was one. */
export class AriError extends Error {
  override readonly name = 'AriError'
  readonly code: AriErrorCode
  readonly status: number | null

  constructor(code: AriErrorCode, status: number | null, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
  }
}

/** What a status that is no success means. */
export function codeOfAnswer(status: number): AriErrorCode {
  if (status === 401) return 'unauthorized'
  if (status === 404) return 'not-found'
  if (status === 409) return 'conflict'
  // Asterisk redirects nothing; whoever does is another server, and is not followed.
  if (status >= 300 && status <= 399) return 'not-ari'
  return 'refused'
}

/** What a status that is no success means to whoever sets the connection up. */
export function causeOfAnswer(status: number, server: string | null): Error {
  const detail = `HTTP ${status}`
  if (status === 401) return because('wrong-login', detail)
  if (status === 403) return because('no-rights', `this user may not read (${detail})`)
  if (status >= 300 && status <= 399) return because('redirect', detail)
  if (status >= 500) return because('http-error', detail)
  // Asterisk names itself unless http.conf takes the header away; with ARI off it answers 404.
  const isOther = server !== null && !/asterisk/i.test(server)
  return status === 404 && !isOther ? because('ari-off', detail) : because('not-asterisk', detail)
}

/** The PBX's own words where they are ARI's, and never a body of anything else (SAFE-5). */
export function messageOfAnswer(status: number, text: string): string {
  try {
    const answer: unknown = JSON.parse(text)
    // A failed originate says `error`, everything else `message`.
    const words = readString(answer, 'message') ?? readString(answer, 'error')
    if (words !== null) return words.slice(0, 200)
  } catch {
    // An HTML page of a proxy, or nothing: the status says what there is to say.
  }
  return `the answer was HTTP ${status}`
}

const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|CERT_|EPROTO$)|CERT|_ISSUER_|_SIGNATURE/

/** Tells a certificate that is not trusted from a host that is not there. */
export function codeOfSocketError(error: unknown): AriErrorCode {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (TLS_CODES.test(code)) return 'tls'
  // Plain HTTP on a TLS port, or the other way round, ends in a parse error.
  if (code.startsWith('HPE_')) return 'not-ari'
  return 'unreachable'
}

/** A failure of the connection in words for an administrator. */
export function wordsOfSocketError(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed'
  // Trying several addresses collects its failures in an error that says nothing itself.
  if (error instanceof AggregateError && error.errors.length > 0)
    return wordsOfSocketError(error.errors[0])
  // OpenSSL's words for it are about its own source files.
  if ('code' in error && error.code === 'EPROTO') return 'the port does not speak TLS'
  // Node adds advice on its own command line.
  return error.message.split(/; if the root CA|\n/)[0] ?? ''
}
