/** Why a recording does not play, in words that say what to do. */
import { ApiError } from '../client/api.ts'
import type { Key } from '../i18n/t.ts'

export type Failure = 'gone' | 'codec' | 'policy' | 'offline' | 'forbidden' | 'signedOut' | 'server'

export const FAILURE_TEXT: Readonly<Record<Failure, Key>> = {
  gone: 'recording.gone',
  codec: 'recording.codec',
  policy: 'recording.policy',
  offline: 'error.offline',
  forbidden: 'error.forbidden',
  signedOut: 'error.signedOut',
  server: 'error.server',
}

/** What another try can mend. */
export function canRetry(failure: Failure): boolean {
  return failure === 'offline' || failure === 'server'
}

/** What an answer of the server means for whoever wants to listen. */
export function failureOf(error: unknown): Failure {
  const status = error instanceof ApiError ? error.status : Number(error)
  if (status === 0) return 'offline'
  if (status === 401) return 'signedOut'
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'gone'
  // The file is there: it is the browser that cannot make sense of it.
  return status >= 200 && status < 300 ? 'codec' : 'server'
}

/** Hears of it when the page's Content-Security-Policy keeps recordings from being loaded. */
export interface PolicyWatch {
  readonly isBlocked: boolean
  stop(): void
}

let isTold = false

export function watchPolicy(address: string): PolicyWatch {
  const server = new URL(address).origin
  let isBlocked = false
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    if (event.effectiveDirective !== 'media-src' || event.disposition !== 'enforce') return
    if (!event.blockedURI.startsWith(server)) return
    isBlocked = true
    if (isTold) return
    isTold = true
    // biome-ignore lint/suspicious/noConsole: the page's developer is told here and nowhere else.
    console.warn(
      `ringside-widget: recordings cannot be played, because of this page’s Content-Security-Policy. Add ${server} to "media-src".`,
    )
  }
  document.addEventListener('securitypolicyviolation', onViolation)
  return {
    get isBlocked() {
      return isBlocked
    },
    stop: () => document.removeEventListener('securitypolicyviolation', onViolation),
  }
}
