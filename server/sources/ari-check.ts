import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { lookupOf, type Resolve } from '../net/address-guard.ts'
import { readEndpoints } from './ari-endpoints.ts'
import { AriError, wordsOfSocketError } from './ari-error.ts'
import {
  type AriAccount,
  askAri,
  type LocatedAri,
  locateAri,
  type ReachedAri,
  readIsReadOnly,
} from './ari-reach.ts'
import { isTimeout } from './ari-rest.ts'
import { hostOf } from './ari-url.ts'
import { because, causeOf } from './check-cause.ts'
import { failed, speaksTls } from './check-result.ts'
import { CHECKS } from './check-table.ts'
import type { Check, Endpoint } from './pbx.ts'

export interface AriCheckOptions extends AriAccount {
  readonly timeoutMs?: number
  readonly resolve?: Resolve
  readonly signal?: AbortSignal
}

/** How long a port may take to show that it speaks TLS. */
const TLS_QUESTION_MS = 2000

/** Tries an account out: reaches the PBX, signs in, opens the websocket, looks at its rights (ADMIN-1). */
export async function checkAri(options: AriCheckOptions): Promise<Check> {
  const timeoutMs = options.timeoutMs ?? 10_000
  const limit = AbortSignal.timeout(timeoutMs)
  const given = options.signal === undefined ? [] : [options.signal]
  // All of it together: an endless answer to each question must not add up.
  const signal = AbortSignal.any([limit, ...given])
  let located: LocatedAri | null = null
  try {
    located = await locateAri(options, timeoutMs, options.resolve)
    const reached = await askAri(options, located, timeoutMs, signal)
    await tryWebsocket(options, reached, signal)
    const isReadOnly = await readIsReadOnly(reached.rest)
    const endpoints = await readEndpoints(reached.rest).catch(noEndpoints)
    return toGood(reached.version, isReadOnly, endpoints)
  } catch (error) {
    if (!(error instanceof AriError)) throw error
    return toFailed(located, error, Math.min(timeoutMs, TLS_QUESTION_MS))
  }
}

function toGood(version: string, isReadOnly: boolean, endpoints: readonly Endpoint[]): Check {
  if (isReadOnly) {
    return {
      ok: true,
      code: 'no-rights',
      message: `Asterisk ${version}; this user may only read`,
      hint: 'Events work, dialling and hanging up do not. For those set read_only = no in the section of this user in ari.conf.',
      endpoints,
    }
  }
  const hint = endpoints.length === 0 ? CHECKS.ok.ari.replace('Nothing. ', '') : ''
  return { ok: true, code: 'ok', message: `Asterisk ${version}`, hint, endpoints }
}

async function toFailed(
  located: LocatedAri | null,
  error: AriError,
  timeoutMs: number,
): Promise<Check> {
  const cause = causeOf(error) ?? because('unreachable', 'the connection failed')
  if (located === null) return failed('ari', '', cause)
  const { url, address } = located
  const isOdd = !url.isTls && /^(not-asterisk|closed|silent)$/.test(cause.checkCode)
  const isTls = isOdd && (await speaksTls({ ...url, address, timeoutMs }))
  return failed('ari', hostOf(url), isTls ? because('tls-needed') : cause)
}

/** An ARI without its endpoints is good for calls all the same. */
function noEndpoints(error: unknown): readonly Endpoint[] {
  if (error instanceof AriError) return []
  throw error
}

/** A name of its own: the websocket of the session that may be open must stay. */
const APP = 'ringside-check'
/** A closing frame of a websocket, masked as a client's must be. */
const GOODBYE = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

function tryWebsocket(
  options: AriCheckOptions,
  { url, address }: ReachedAri,
  signal: AbortSignal,
): Promise<void> {
  const account = `${options.userName}:${options.password.reveal()}`
  return new Promise((resolve, reject) => {
    const request = (url.isTls ? requestHttps : requestHttp)({
      host: url.host,
      port: url.port,
      path: `${url.prefix}/ari/events?app=${APP}`,
      headers: {
        host: hostOf(url),
        authorization: `Basic ${Buffer.from(account).toString('base64')}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('ringside-asks-it').toString('base64'),
      },
      lookup: lookupOf(address),
      agent: false,
      rejectUnauthorized: options.verifyTls,
      signal,
    })
    const refuse = (status: number | null, detail: string, error?: Error): void => {
      const cause = because('no-websocket', detail)
      cause.cause = error
      reject(new AriError('no-websocket', status, `the websocket of events: ${detail}`, cause))
    }
    request.once('upgrade', (_response, socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(GOODBYE, () => socket.destroy())
      resolve()
    })
    request.once('response', (response) => {
      response.destroy()
      refuse(response.statusCode ?? null, `HTTP ${response.statusCode ?? '?'}`)
    })
    // The same server answered a request just now: what fails is the upgrade.
    request.once('error', (error) => {
      const isLate = isTimeout(signal)
      refuse(null, isLate ? 'no answer in time' : wordsOfSocketError(error), error)
    })
    request.end()
  })
}
