import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { lookupOf, type Resolve } from '../net/address-guard.ts'
import { AriError, type AriErrorCode, codeOfSocketError, wordsOfSocketError } from './ari-error.ts'
import { type AriAccount, type ReachedAri, reachAri, readIsReadOnly } from './ari-reach.ts'
import { hostOf } from './ari-url.ts'
import type { Check } from './pbx.ts'

export interface AriCheckOptions extends AriAccount {
  readonly timeoutMs?: number
  readonly resolve?: Resolve
  readonly signal?: AbortSignal
}

const HINTS: Readonly<Record<AriErrorCode, string>> = {
  unauthorized:
    'Check the user name and the password: ari.conf needs a section [user name] with type = user and this password; then "module reload res_ari.so".',
  'not-found': '',
  conflict: '',
  refused:
    'The PBX answers, but not to this account or address: look at permit, deny and acl of the user in ari.conf.',
  unreachable:
    'Check host and port, and that nothing in between blocks it: http.conf needs enabled = yes and a bindaddr that is reachable from here; Asterisk listens on 8088 (HTTP) and 8089 (HTTPS).',
  tls: 'The certificate is not one that can be trusted. Give the PBX a certificate for this name (tlscertfile in http.conf), or allow a self-signed one in this connection. A port of plain HTTP (8088) needs http:// in the address.',
  timeout:
    'The PBX, or a firewall before it, does not answer. Check the port, and bindaddr in http.conf.',
  'not-ari':
    'Something answers there, but it is not ARI: check the port (8088 for HTTP, 8089 for HTTPS), http:// or https://, and enabled = yes in ari.conf and http.conf.',
  'no-websocket':
    'Requests work, events do not: load res_http_websocket.so and res_ari_events.so; a proxy in between must pass the Upgrade header on.',
}

/** Tries an account out: reaches the PBX, signs in, opens the websocket, looks at its rights (ADMIN-1). */
export async function checkAri(options: AriCheckOptions): Promise<Check> {
  const timeoutMs = options.timeoutMs ?? 10_000
  try {
    const reached = await reachAri(options, timeoutMs, options.signal, options.resolve)
    await tryWebsocket(options, reached, timeoutMs)
    const isReadOnly = await readIsReadOnly(reached.rest)
    return {
      ok: true,
      code: 'ok',
      message: `Asterisk ${reached.version}`,
      hint: isReadOnly
        ? 'This user may only read: events work, dialling and hanging up do not. For those set read_only = no in ari.conf.'
        : '',
    }
  } catch (error) {
    if (!(error instanceof AriError)) throw error
    return toCheck(error)
  }
}

function toCheck(error: AriError): Check {
  // A user who is known and may not ask is, for whoever sets this up, one without rights.
  const code = error.code === 'refused' ? 'unauthorized' : error.code
  return { ok: false, code, message: error.message, hint: HINTS[error.code] || HINTS['not-ari'] }
}

/** A name of its own: the websocket of the session that may be open must stay. */
const APP = 'ringside-check'
/** A closing frame of a websocket, masked as a client's must be. */
const GOODBYE = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

function tryWebsocket(
  options: AriCheckOptions,
  { url, address }: ReachedAri,
  timeoutMs: number,
): Promise<void> {
  const account = `${options.userName}:${options.password.reveal()}`
  const limit = AbortSignal.timeout(timeoutMs)
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
      signal: options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]),
    })
    request.once('upgrade', (_response, socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(GOODBYE, () => socket.destroy())
      resolve()
    })
    request.once('response', (response) => {
      response.destroy()
      reject(
        new AriError(
          'no-websocket',
          response.statusCode ?? null,
          `the websocket of events answers HTTP ${response.statusCode ?? '?'}`,
        ),
      )
    })
    request.once('error', (error) => {
      const code = limit.aborted ? 'timeout' : codeOfSocketError(error)
      // The same server answered a request just now: what fails is the upgrade.
      const found = code === 'unreachable' || code === 'not-ari' ? 'no-websocket' : code
      const message = limit.aborted
        ? `the websocket of events did not open within ${timeoutMs / 1000} s`
        : `the websocket of events does not open: ${wordsOfSocketError(error)}`
      reject(new AriError(found, null, message, error))
    })
    request.end()
  })
}
