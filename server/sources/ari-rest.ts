import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type CheckedAddress, lookupOf } from '../net/address-guard.ts'
import type { Secret } from '../secret.ts'
import {
  AriError,
  causeOfAnswer,
  codeOfAnswer,
  codeOfSocketError,
  messageOfAnswer,
  wordsOfSocketError,
} from './ari-error.ts'
import { type AriUrl, hostOf } from './ari-url.ts'
import { because, createProgress } from './check-cause.ts'

/** The requests of ARI, over HTTP or over the websocket that a PBX opened; paths are below `/ari`. */
export interface AriRest {
  get(path: string): Promise<unknown>
  /** Sends `query` in the address and `body` as JSON. */
  post(path: string, query?: AriQuery, body?: unknown): Promise<unknown>
  delete(path: string, query?: AriQuery): Promise<unknown>
}
export type AriQuery = Readonly<Record<string, string>>

export interface AriRestOptions {
  readonly url: AriUrl
  readonly address: CheckedAddress
  readonly userName: string
  readonly password: Secret
  /** False accepts a self-signed certificate. */
  readonly verifyTls: boolean
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** A list of a thousand channels is about 1 MiB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** ARI's requests over HTTP: no redirects, always to the checked address. */
export function createAriRest(options: AriRestOptions): AriRest {
  const send = async (method: string, path: string, query: AriQuery = {}, body?: unknown) => {
    const { status, text, server } = await exchange(options, method, pathOf(path, query), body)
    return readAnswer(status, text, server)
  }
  return {
    get: (path) => send('GET', path),
    post: (path, query, body) => send('POST', path, query, body),
    delete: (path, query) => send('DELETE', path, query),
  }
}

/** `channels/1` with `{ reason: 'busy' }` → `channels/1?reason=busy`. */
export function pathOf(path: string, query: AriQuery): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`
}

/** What an answer of ARI says; throws an `AriError` for everything but success. */
export function readAnswer(status: number, text: string, server: string | null = null): unknown {
  if (status < 200 || status > 299) {
    const cause = causeOfAnswer(status, server)
    throw new AriError(codeOfAnswer(status), status, messageOfAnswer(status, text), cause)
  }
  if (text.trim() === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const cause = because('not-asterisk', `HTTP ${status}, and no JSON`)
    cause.cause = error
    throw new AriError('not-ari', status, 'the answer is not JSON', cause)
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  /** The header of this name. */
  readonly server: string | null
}

function exchange(
  options: AriRestOptions,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  const { url, address, timeoutMs } = options
  const limit = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal])
  const text = body === undefined ? null : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const progress = createProgress()
    const fail = (error: unknown): void =>
      reject(toAriError(error, signal, { timeoutMs, lateness: progress.lateness }))
    const request = (url.isTls ? requestHttps : requestHttp)({
      host: url.host,
      port: url.port,
      path: `${url.prefix}/ari/${path}`,
      method,
      headers: headersOf(options, text),
      lookup: lookupOf(address),
      // One request, one connection: no pool that would have to be closed.
      agent: false,
      rejectUnauthorized: options.verifyTls,
      signal,
    })
    request.once('socket', (socket) => {
      progress.connects(socket)
      progress.hears(socket)
    })
    request.once('error', fail)
    let isAnswered = false
    request.once('response', (response) => {
      isAnswered = true
      readBody(response).then(resolve, fail)
    })
    // Of 101 Node tells nothing else; an answer may still be read when this is told.
    request.once('close', () => {
      if (!isAnswered) fail(Object.assign(new Error('no answer'), { code: 'HPE_UPGRADE' }))
    })
    request.end(text ?? undefined)
  })
}

function headersOf(options: AriRestOptions, text: string | null): Record<string, string> {
  const account = `${options.userName}:${options.password.reveal()}`
  return {
    host: hostOf(options.url),
    authorization: `Basic ${Buffer.from(account).toString('base64')}`,
    accept: 'application/json',
    ...(text === null
      ? { 'content-length': '0' }
      : {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(text)),
        }),
  }
}

async function readBody(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response) {
    const bytes = part as Buffer // no encoding is set, so a part is bytes
    size += bytes.length
    if (size > MAX_ANSWER_BYTES) {
      response.destroy()
      const cause = because('too-large')
      const status = response.statusCode ?? null
      throw new AriError('not-ari', status, 'the answer is larger than 16 MiB', cause)
    }
    parts.push(bytes)
  }
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(parts).toString('utf8'),
    server: response.headers.server?.toString() ?? null,
  }
}

function toAriError(
  error: unknown,
  signal: AbortSignal,
  late: { readonly timeoutMs: number; readonly lateness: () => Error },
): AriError {
  if (error instanceof AriError) return error
  if (isTimeout(signal))
    return new AriError(
      'timeout',
      null,
      `no answer within ${late.timeoutMs / 1000} s`,
      late.lateness(),
    )
  return new AriError(codeOfSocketError(error), null, wordsOfSocketError(error), error)
}

/** True where it was the time that ran out, and nobody gave up. */
export function isTimeout(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
}
