import { createHash } from 'node:crypto'
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { setTimeout } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { RingsideError } from '../errors.ts'
import type { S3Place } from './recordings-place.ts'

/** One request to S3. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Without the prefix; absent: the bucket itself. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** What is wrong only with this request, and no error: 404, mostly. */
  readonly expects?: readonly number[]
  readonly signal?: AbortSignal | undefined
  readonly attempts?: number
}

/** Sends a request, again where that helps; the answer's body is the caller's to read. */
export type S3Send = (asked: S3Request) => Promise<IncomingMessage>

export interface S3SendOptions {
  readonly place: S3Place
  /** So long may nothing come or go. */
  readonly idleMs?: number
  /** How long to wait before the next attempt, by the number of those that failed. */
  readonly retryMs?: (failures: number) => number
}

/** Why something did not work: `away` may pass by itself, `refused` will not. */
export type S3Failure = 'away' | 'refused'

const ATTEMPTS = 4
const IDLE_MS = 15_000
/** Somebody listens, and may pause for long. */
const LISTENING_MS = 5 * 60_000
const MAX_ERROR_BYTES = 16 * 1024
const EMPTY = new Uint8Array(0)

/** Signs (Signature Version 4, body included) and sends; never follows a redirect with a signature. */
export function createS3Send(options: S3SendOptions): S3Send & { close(): void } {
  const isPlain = options.place.endpoint.startsWith('http:')
  const settings = { keepAlive: true, maxSockets: 64 }
  const agent = isPlain ? new HttpAgent(settings) : new HttpsAgent(settings)
  const { retryMs = backoffMs } = options
  const send: S3Send = async (asked) => {
    const attempts = asked.attempts ?? ATTEMPTS
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt(options, agent, asked)
      } catch (error) {
        if (failureOf(error) !== 'away' || failures >= attempts || asked.signal?.aborted) {
          throw error
        }
        await setTimeout(retryMs(failures), undefined, { signal: asked.signal })
      }
    }
  }
  return Object.assign(send, { close: () => agent.destroy() })
}

function backoffMs(failures: number): number {
  return Math.random() * Math.min(5000, 100 * 2 ** failures)
}

async function attempt(
  { place, idleMs = IDLE_MS }: S3SendOptions,
  agent: HttpAgent,
  asked: S3Request,
): Promise<IncomingMessage> {
  const { url, headers } = await sign(place, asked)
  const answer = await exchange({ url, headers, agent, idleMs, asked })
  const status = answer.statusCode ?? 0
  const isGood = status >= 200 && status < 300
  if (isGood || asked.expects?.includes(status)) return answer
  const code = /<Code>([\w.]{1,60})<\/Code>/.exec(await readSome(answer))?.[1] ?? null
  throw toError(place, status, code, answer.headers['x-amz-bucket-region'])
}

async function sign(
  place: S3Place,
  { method, key, query = {}, headers = {}, body = EMPTY }: S3Request,
): Promise<{ url: URL; headers: Record<string, string> }> {
  const path = key === undefined ? '' : `/${place.prefix}${key}`
  const url = new URL(`/${place.bucket}${path}`, place.endpoint)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const signed = await new AwsV4Signer({
    method,
    url: url.href,
    headers: {
      ...headers,
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    },
    accessKeyId: place.accessKeyId,
    secretAccessKey: place.secretAccessKey.reveal(),
    ...(place.sessionToken === null ? {} : { sessionToken: place.sessionToken.reveal() }),
    service: 's3',
    region: place.region,
  }).sign()
  return { url: signed.url, headers: Object.fromEntries(signed.headers) }
}

interface Exchange {
  readonly url: URL
  readonly headers: Record<string, string>
  readonly agent: HttpAgent
  readonly idleMs: number
  readonly asked: S3Request
}

function exchange({ url, headers, agent, idleMs, asked }: Exchange): Promise<IncomingMessage> {
  const { method, body = EMPTY, signal } = asked
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    const outgoing = send(url, {
      method,
      agent,
      headers: { ...headers, 'content-length': String(body.length) },
      ...(signal === undefined ? {} : { signal }),
    })
    outgoing.setTimeout(idleMs, () => {
      outgoing.destroy(away(url.origin, `nothing came for ${idleMs} ms`))
    })
    outgoing.on('response', (answer) => {
      if (method === 'GET') outgoing.setTimeout(LISTENING_MS)
      resolve(answer)
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isOurs = error instanceof RingsideError || signal?.aborted
      reject(isOurs ? error : away(url.origin, error.code ?? error.message))
    })
    // Of 101 Node tells nothing else; after an answer or an error this says nothing.
    outgoing.on('close', () => reject(away(url.origin, 'it gave no answer')))
    outgoing.end(body)
  })
}

/** The text of a short answer; of a long one its beginning. */
export async function readSome(
  answer: IncomingMessage,
  maxBytes: number = MAX_ERROR_BYTES,
): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pieces.push(piece)
      size += piece.length
      if (size > maxBytes) break
    }
  } catch {
    // Its status says enough.
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** What an error of this file says: null for any other. */
export function failureOf(error: unknown): S3Failure | null {
  if (!(error instanceof RingsideError)) return null
  const { type } = error.details
  if (type === 'storage-away') return 'away'
  return type === 'storage-refused' ? 'refused' : null
}

function away(origin: string, why: string): RingsideError {
  return new RingsideError('unavailable', `the storage at ${origin} does not answer: ${why}`, {
    type: 'storage-away',
  })
}

/** S3's word for it, never its text: that holds what was signed. */
function toError(
  place: S3Place,
  status: number,
  code: string | null,
  region: string | string[] | undefined,
): RingsideError {
  if (status >= 500 || status === 429 || status === 408) {
    return away(place.endpoint, `${status} ${code ?? ''}`.trim())
  }
  // The answer to HEAD has no code.
  const told = code ?? (status === 403 ? 'AccessDenied' : null)
  const message = inWords(place, told, region) ?? `answered ${status} ${code ?? ''}`.trim()
  return new RingsideError('unavailable', message, { type: 'storage-refused' })
}

function inWords(
  { endpoint, bucket, region: asked }: S3Place,
  code: string | null,
  region: string | string[] | undefined,
): string | null {
  if (typeof region === 'string' && region !== asked && /^[a-z0-9-]{1,40}$/.test(region)) {
    return `RECORDINGS_URL has region=${asked}, the bucket "${bucket}" is in ${region}`
  }
  switch (code) {
    case 'NoSuchBucket':
      return `RECORDINGS_URL names the bucket "${bucket}", which is not at ${endpoint}`
    case 'InvalidAccessKeyId':
      return `AWS_ACCESS_KEY_ID is not known at ${endpoint}`
    case 'SignatureDoesNotMatch':
      return `AWS_SECRET_ACCESS_KEY is not that of AWS_ACCESS_KEY_ID at ${endpoint}`
    case 'AccessDenied':
      return `AWS_ACCESS_KEY_ID lacks rights in the bucket "${bucket}": it must list, read, write and delete`
    case 'RequestTimeTooSkewed':
      return `the clock of this machine differs from that of ${endpoint}, so RECORDINGS_URL cannot be used`
    default:
      return null
  }
}
