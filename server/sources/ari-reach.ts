import { type CheckedAddress, type Resolve, resolveAllowed } from '../net/address-guard.ts'
import type { Secret } from '../secret.ts'
import { AriError } from './ari-error.ts'
import { readObject, readString } from './ari-fields.ts'
import { type AriRest, createAriRest } from './ari-rest.ts'
import { type AriUrl, parseAriUrl } from './ari-url.ts'
import { because, causeOfAddress } from './check-cause.ts'

export interface AriAccount {
  /** With or without scheme, port and `/ari`. */
  readonly url: string
  readonly userName: string
  readonly password: Secret
  readonly verifyTls: boolean
}

export interface LocatedAri {
  readonly url: AriUrl
  readonly address: CheckedAddress
}

export interface ReachedAri extends LocatedAri {
  readonly version: string
  readonly rest: AriRest
}

/** Asks an ARI who it is; rejects with an `AriError` where it is none, or not for this account. */
export async function reachAri(
  account: AriAccount,
  timeoutMs: number,
  signal?: AbortSignal,
  resolve?: Resolve,
): Promise<ReachedAri> {
  return askAri(account, await locateAri(account, timeoutMs, resolve), timeoutMs, signal)
}

/** Where an ARI is: its name is resolved here, and not again. */
export async function locateAri(
  account: Pick<AriAccount, 'url'>,
  timeoutMs: number,
  resolve?: Resolve,
): Promise<LocatedAri> {
  const parsed = parseAriUrl(account.url)
  if ('refusal' in parsed)
    throw new AriError('unreachable', null, parsed.refusal, because('bad-address', parsed.refusal))
  const { url } = parsed
  const address = await resolveAllowed(url.host, { allowPrivate: true, resolve, timeoutMs })
  if (!address.ok) throw new AriError('unreachable', null, address.message, causeOfAddress(address))
  return { url, address }
}

/** Asks the ARI at a place who it is. */
export async function askAri(
  account: AriAccount,
  located: LocatedAri,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ReachedAri> {
  const rest = createAriRest({
    ...account,
    ...located,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  })
  return { ...located, rest, version: await readVersion(rest) }
}

/** `GET /asterisk/info`; whatever answers something else is not Asterisk's ARI. */
export async function readVersion(rest: AriRest): Promise<string> {
  const answer = await rest.get('asterisk/info').catch((error: unknown) => {
    if (!(error instanceof AriError) || error.status === null) throw error
    const { status } = error
    const isOther = error.code === 'not-found' || error.code === 'conflict'
    const isBroken = error.code === 'refused' && status !== 403
    // Nobody knows yet whether it is a PBX that speaks: its words are not passed on (SAFE-5).
    const message = status === 401 ? 'user or password are wrong' : 'the answer is not that of ARI'
    const code = isOther || isBroken ? 'not-ari' : error.code
    throw new AriError(code, status, `${message} (HTTP ${status})`, error)
  })
  const version = readString(readObject(answer, 'system'), 'version')
  if (version === null) {
    const message = 'the answer to /ari/asterisk/info names no Asterisk version'
    const cause = because('not-asterisk', 'HTTP 200, and no version of Asterisk in it')
    throw new AriError('not-ari', 200, message, cause)
  }
  // What a PBX writes there is short; what somebody else does is not shown at any length.
  return version.replace(/\p{Cc}/gu, ' ').slice(0, 60)
}

/** Asks for something that changes nothing: a read-only account is refused before it is looked at. */
export async function readIsReadOnly(rest: AriRest): Promise<boolean> {
  try {
    await rest.delete('channels/ringside-asks-for-its-rights')
    return false
  } catch (error) {
    if (!(error instanceof AriError)) throw error
    if (error.code === 'unreachable' || error.code === 'timeout') throw error
    return error.status === 403
  }
}
