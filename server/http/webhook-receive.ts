import type { IncomingMessage } from 'node:http'
import type { RecordingStorage, Upload } from '../recordings/storage.ts'
import type { Refusal } from '../sources/refusal.ts'
import { type DecodedFields, decodeWebhook, MAX_BODY_BYTES } from '../sources/webhook-decode.ts'
import { readSmallBody } from './read-body.ts'
import { readMultipart } from './read-multipart.ts'

export interface ReceiveOptions {
  readonly storage: RecordingStorage
  readonly recordingMaxBytes: number
  /** How long to wait for the next byte of a request. */
  readonly stallMs?: number
}

/** The fields of a webhook's request, and the files that came with them. */
export type Received = DecodedFields & { readonly uploads: readonly Upload[] }

const STALL_MS = 20_000
const NO_UPLOADS: readonly Upload[] = []

/** Reads what a request brings: a form, JSON or files in its body, or a query. */
export async function receive(
  { storage, recordingMaxBytes, stallMs = STALL_MS }: ReceiveOptions,
  incoming: IncomingMessage,
  names: readonly string[],
): Promise<Received | 'too-large' | { readonly refusal: Refusal }> {
  const isGet = incoming.method === 'GET'
  if (!isGet && isMultipart(incoming)) {
    const options = { storage, maxFileBytes: recordingMaxBytes, stallMs }
    const parts = await readMultipart(incoming, options)
    if (parts.type === 'too-large') return 'too-large'
    return parts.type === 'refused' ? { refusal: parts.refusal } : parts
  }
  const body = isGet ? null : await readSmallBody(incoming, { maxBytes: MAX_BODY_BYTES, stallMs })
  if (body === null && !isGet) return 'too-large'
  const hasBody = body !== null && body.length > 0
  const decoded = hasBody
    ? decodeWebhook(body, incoming.headers['content-type'] ?? '', names)
    : decodeWebhook(rawQuery(incoming), '', names)
  if ('refusal' in decoded) return decoded
  return { fields: decoded.fields, notices: decoded.notices, uploads: NO_UPLOADS }
}

/** True for what may bring files. */
export function isMultipart(incoming: IncomingMessage): boolean {
  return /^\s*multipart\//i.test(incoming.headers['content-type'] ?? '')
}

/** As it came: a parser of addresses would make other characters of some. */
function rawQuery(incoming: IncomingMessage): Buffer {
  const url = incoming.url ?? ''
  const start = url.indexOf('?')
  return start === -1 ? Buffer.alloc(0) : Buffer.from(url.slice(start + 1), 'latin1')
}

/** Browsers say more than the mode; Node's own fetch says `Sec-Fetch-Mode: cors` and nothing else. */
export function isOfBrowser({ headers }: IncomingMessage): boolean {
  let said = 0
  for (const name in headers) if (name === 'origin' || name.startsWith('sec-fetch-')) said += 1
  return said > 1 || (said === 1 && headers['sec-fetch-mode'] !== 'cors')
}
