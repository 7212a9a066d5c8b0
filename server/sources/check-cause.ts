import type { Socket } from 'node:net'
import type { ResolvedAddress } from '../net/address-guard.ts'
import type { CheckCode } from './check-table.ts'

/** Why a connection did not come about, in the terms of the table; `detail` has nothing of a body. */
export interface Cause {
  readonly checkCode: CheckCode
  readonly detail: string
}

/** An error that knows its line of the table; the `cause` of an `AriError` or `AmiError`. */
export function because(checkCode: CheckCode, detail = ''): Error & Cause {
  return Object.assign(new Error(detail || checkCode), { checkCode, detail })
}

/** Why an address is not used. */
export function causeOfAddress(found: ResolvedAddress & { readonly ok: false }): Error & Cause {
  return found.code === 'not-found'
    ? because('name-not-found', found.message)
    : because('forbidden-address', found.message)
}

const REASONS: readonly { readonly found: RegExp; readonly checkCode: CheckCode }[] = [
  { found: /^(ENOTFOUND|EAI_)/, checkCode: 'name-not-found' },
  { found: /^ECONNREFUSED$/, checkCode: 'refused' },
  { found: /^(ETIMEDOUT|ESOCKETTIMEDOUT)$/, checkCode: 'timed-out' },
  { found: /^(ECONNRESET|EPIPE|ECONNABORTED|HPE_INVALID_EOF_STATE)$/, checkCode: 'closed' },
  { found: /^CERT_HAS_EXPIRED$/, checkCode: 'tls-expired' },
  { found: /^CERT_NOT_YET_VALID$/, checkCode: 'tls-not-yet' },
  { found: /^ERR_TLS_CERT_ALTNAME_INVALID$/, checkCode: 'tls-wrong-name' },
  { found: /^DEPTH_ZERO_SELF_SIGNED_CERT$/, checkCode: 'tls-self-signed' },
  { found: /^HPE_HEADER_OVERFLOW$/, checkCode: 'too-large' },
  { found: /^HPE_/, checkCode: 'not-asterisk' },
]

/** The first cause in an error and what caused it; null where none of them says. */
export function causeOf(error: unknown): Cause | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('checkCode' in at) return at as Error & Cause // only `because` makes this member
    // Trying several addresses collects its failures in an error that says nothing itself.
    if (at instanceof AggregateError && at.errors.length > 0) return causeOf(at.errors[0])
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    const cause = causeOfCode(code, at.message)
    if (cause !== null) return cause
  }
  return null
}

function causeOfCode(code: string, message: string): Cause | null {
  const checkCode = REASONS.find(({ found }) => found.test(code))?.checkCode
  if (checkCode === 'not-asterisk') return { checkCode, detail: 'it does not answer by HTTP' }
  if (checkCode !== undefined) return { checkCode, detail: code }
  if (/^(EPROTO|ERR_SSL_|ERR_TLS_)/.test(code)) return causeOfTls(code, message)
  if (/CERT|_ISSUER|_SIGNATURE|_CA$|CHAIN/.test(code))
    return { checkCode: 'tls-untrusted', detail: code }
  // EHOSTUNREACH and other words of the operating system.
  return /^E[A-Z]+$/.test(code) ? { checkCode: 'unreachable', detail: code } : null
}

/** OpenSSL's message names its reason at the end; what is no TLS record at all has one of three. */
function causeOfTls(code: string, message: string): Cause {
  const isOther =
    /wrong.version.number|packet.length.too.long|record.layer|http.request|unexpected.message/i
  return isOther.test(`${code} ${message}`)
    ? { checkCode: 'tls-not-spoken', detail: code }
    : { checkCode: 'tls-failed', detail: code }
}

/** Remembers how far a socket came, for when it comes no further. */
export interface Progress {
  connects(socket: Socket): void
  /** Its bytes flow from now on. */
  hears(socket: Socket): void
  /** Why the time was not enough. */
  lateness(): Error & Cause
}

export function createProgress(): Progress {
  let isConnected = false
  let hasHeard = false
  return {
    connects: (socket) => {
      isConnected = !socket.connecting
      socket.once('connect', () => {
        isConnected = true
      })
    },
    hears: (socket) => {
      socket.once('data', () => {
        hasHeard = true
      })
    },
    lateness: () => because(!isConnected ? 'timed-out' : hasHeard ? 'unfinished' : 'silent'),
  }
}
