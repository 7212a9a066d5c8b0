import { createRenumbering, formatDialplanTime, parseDialplanTime } from './renumber.ts'
import type { PbxRequest } from './scenario.ts'

export interface RewriteOptions {
  /** Added to the counter of every unique id: calls that start in the same second need their own. */
  readonly uniqueIdBase: number
  /** When the call begins now. */
  readonly startAt: Date
  /** The connection's time zone: the dialplan sends local times. */
  readonly timeZone: string
  /** Another number for the customer; '' makes the caller anonymous. */
  readonly callerNumber?: string
  /** Recorded extension → the extension to send. */
  readonly extensions?: Readonly<Record<string, string>>
  /** The audio to upload as the recording. */
  readonly recording?: Uint8Array
}

/**
 * The same call once more: new unique ids and times, on request new numbers. The spacing is kept,
 * and whatever is not replaced keeps its bytes, raw or URL-encoded.
 */
export function rewrite(
  requests: readonly PbxRequest[],
  options: RewriteOptions,
): readonly PbxRequest[] {
  const renumbering = createRenumbering(recordedAt(requests), options)
  return requests.map((request) => {
    const type = header(request, 'content-type')
    const body = type.startsWith('multipart/')
      ? rewriteUpload(request.body, renumbering.text, options.recording)
      : rewriteForm(request.body, renumbering.shiftSeconds, renumbering.text, options)
    return { ...request, headers: withLength(request.headers, body.length), body }
  })
}

/** The time of the first request that tells one. */
function recordedAt(requests: readonly PbxRequest[]): Date {
  for (const { body } of requests) {
    const time = /(?:^|&)datetime=([^&]*)/.exec(body.toString('latin1'))?.[1]
    if (time !== undefined) return parseDialplanTime(decodeURIComponent(time))
  }
  throw new Error('none of these requests has a datetime')
}

function rewriteForm(
  body: Buffer,
  shiftSeconds: number,
  renumber: (text: string) => string,
  options: RewriteOptions,
): Buffer {
  // latin1 keeps every byte as it is.
  const pairs = body
    .toString('latin1')
    .split('&')
    .map((pair) => splitPair(pair))
  const encoded = pairs.some(([key, value]) => key === 'datetime' && value.includes('%3A'))
  const encode = (text: string): string => (encoded ? encodeURIComponent(text) : text)
  const status = pairs.find(([key]) => key === 'status')?.[1] ?? ''
  const customer = status.includes('outgoing') ? 'to_user' : 'from_user'
  const rewriteValue = (key: string, value: string): string => {
    if (key === 'datetime') return encode(shiftTime(value, shiftSeconds, options.timeZone))
    if (key === 'unique_id') return renumber(value)
    if (key === customer) return encode(options.callerNumber ?? decodeURIComponent(value))
    if (key === 'from_user' || key === 'to_user') return mapExtensions(value, options.extensions)
    return value
  }
  const rewritten = pairs.map(([key, value]) => `${key}=${rewriteValue(key, value)}`)
  return Buffer.from(rewritten.join('&'), 'latin1')
}

function rewriteUpload(
  body: Buffer,
  renumber: (text: string) => string,
  recording: Uint8Array | undefined,
): Buffer {
  const text = body.toString('latin1')
  const placeholder = /<([^<>\r\n]+): \d+ bytes>/.exec(text)
  if (placeholder === null || recording === undefined) return Buffer.from(renumber(text), 'latin1')
  const end = placeholder.index + placeholder[0].length
  return Buffer.concat([
    Buffer.from(renumber(text.slice(0, placeholder.index)), 'latin1'),
    recording,
    Buffer.from(text.slice(end), 'latin1'),
  ])
}

/** Replaces the extensions of a list and leaves its separators as they are, `%2C` too. */
function mapExtensions(value: string, extensions: RewriteOptions['extensions'] = {}): string {
  return value.replace(
    /%[0-9A-Fa-f]{2}|\d+/g,
    (token) => (Object.hasOwn(extensions, token) ? extensions[token] : undefined) ?? token,
  )
}

function shiftTime(value: string, shiftSeconds: number, timeZone: string): string {
  const recorded = parseDialplanTime(decodeURIComponent(value))
  return formatDialplanTime(new Date(recorded.getTime() + shiftSeconds * 1000), timeZone)
}

function splitPair(pair: string): [key: string, value: string] {
  const at = pair.indexOf('=')
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

function header(request: PbxRequest, name: string): string {
  return request.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? ''
}

function withLength(headers: PbxRequest['headers'], length: number): PbxRequest['headers'] {
  return headers.map(([name, value]) =>
    name.toLowerCase() === 'content-length' ? [name, String(length)] : [name, value],
  )
}

/** The event's name as the dialplan wrote it, for people. */
export function statusOf({ body }: PbxRequest): string {
  const text = body.toString('latin1')
  const status = /(?:^|&)status=([^&]*)/.exec(text)?.[1]
  if (status === undefined) return /name="status"\r\n\r\n([^\r]*)/.exec(text)?.[1] ?? 'no status'
  return decodeURIComponent(status)
}
