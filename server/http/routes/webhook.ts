import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { ConnectionLogEntry } from '../../../db/connection-log.ts'
import { newId } from '../../../db/new-id.ts'
import type { CallEvent, StoredRecording } from '../../calls/call.ts'
import { RingsideError } from '../../errors.ts'
import type { Intake } from '../../intake.ts'
import type { Log } from '../../log.ts'
import type { KeptFile, RecordingStorage, Upload } from '../../recordings/storage.ts'
import type { ConnectionRegistry, ConnectionSettings } from '../../setup/connection.ts'
import { CTI_FIELDS, namedInCti, parseCti } from '../../sources/cti-parse.ts'
import type { Refusal } from '../../sources/refusal.ts'
import { type DecodedFields, decodeWebhook, MAX_BODY_BYTES } from '../../sources/webhook-decode.ts'
import { parseWebhook } from '../../sources/webhook-parse.ts'
import type { AppEnv } from '../access.ts'
import { answerEarly, plainAnswer } from '../plain-answer.ts'
import { ConnectionLost, readSmallBody } from '../read-body.ts'
import { readMultipart } from '../read-multipart.ts'
import { describe } from '../route.ts'
import { createRefusalLog, type RefusalLog } from './webhook-log.ts'

export interface WebhookDeps {
  readonly registry: ConnectionRegistry
  readonly intake: Pick<Intake, 'accept'>
  readonly storage: RecordingStorage
  readonly recordingMaxBytes: number
  readonly log: Log
  readonly clock: () => Date
  /** Keeps an entry of the connection's log; the answer does not wait for it. */
  readonly appendLog: (entry: ConnectionLogEntry) => Promise<void>
  /** The extensions of the agent who has this extension, external id or e-mail. */
  readonly extensionsOf: (connectionId: string, value: string) => Promise<readonly string[]>
  /** How long to wait for the next byte of a request. */
  readonly stallMs?: number
}

/** A request that may come in: of a known connection, and of no browser. */
interface Admitted {
  readonly incoming: IncomingMessage
  readonly connection: ConnectionSettings
  readonly token: string
  readonly arrivedAt: Date
}

type Received = DecodedFields & { readonly uploads: readonly Upload[] }
type Reading =
  | { readonly events: readonly CallEvent[]; readonly notices: readonly string[] }
  | { readonly refusal: Refusal }
/** Makes events of the fields; null for a request without a file. */
type Read = (
  fields: DecodedFields['fields'],
  admitted: Admitted,
  recordings: readonly StoredRecording[],
) => Promise<Reading> | Reading

const STALL_MS = 20_000
const LOOK_UP_MS = 500

/** The intakes of the dialplan's webhook (CALL-2…CALL-8) and of the generic CTI push (CALL-9). */
export function webhookRoutes(deps: WebhookDeps): Hono<AppEnv> {
  const refusals = createRefusalLog(deps)
  const asterisk = handler(deps, refusals, readAsterisk, (connection) => connection.extraFields)
  const cti = handler(
    deps,
    refusals,
    (fields, admitted) => readCti(deps, fields, admitted),
    () => CTI_FIELDS,
  )
  const says = (summary: string) =>
    describe({ summary, tag: 'webhooks', access: 'public', answers: { 200: null } })
  return new Hono<AppEnv>()
    .post('/webhooks/asterisk/:token', says('An event of a call, or a recording'), asterisk)
    .get('/webhooks/asterisk/:token', says('An event of a call, as a query'), asterisk)
    .all('/webhooks/asterisk/:token', (c) => refuseMethod(c, 'GET, POST'))
    .post('/webhooks/cti/:token', says('An event of a call, as the generic CTI push'), cti)
    .all('/webhooks/cti/:token', (c) => refuseMethod(c, 'POST'))
}

function handler(
  deps: WebhookDeps,
  refusals: RefusalLog,
  read: Read,
  namesOf: (connection: ConnectionSettings) => readonly string[],
): (c: Context<AppEnv, '/:token'>) => Promise<Response> {
  return async (c) => {
    const { incoming, outgoing } = c.env as HttpBindings
    const early = (status: number, line: string): Promise<Response> =>
      answerEarly(incoming, outgoing, status, line)
    // Hono answers HEAD by the handler of GET; asking for the head of an event is no event.
    if (c.req.method === 'HEAD') return refuseMethod(c, 'GET, POST')
    const token = c.req.param('token')
    const connection = deps.registry.byToken(token)
    if (isOfBrowser(incoming)) {
      if (connection !== null) refusals.ofBrowser(incoming, connection.id)
      return early(403, 'requests of browsers are not taken')
    }
    if (connection === null) return early(404, 'nothing is here')
    const admitted = { incoming, connection, token, arrivedAt: deps.clock() }
    try {
      const received = await receive(deps, admitted, namesOf(connection))
      if (received === 'too-large') {
        const limit = isMultipart(incoming) ? deps.recordingMaxBytes : MAX_BODY_BYTES
        const line = `the request is too large, expected at most ${limit} bytes`
        refusals.ofRequest(admitted, new Map(), { field: 'body', reason: line, hint: HINT_SIZE })
        return early(413, line)
      }
      if ('refusal' in received) {
        refusals.ofRequest(admitted, new Map(), received.refusal)
        return early(400, received.refusal.reason)
      }
      return await take(deps, refusals, admitted, received, read)
    } catch (error) {
      return fail(deps, admitted, error)
    }
  }
}

const HINT_SIZE =
  'Upload a shorter or a compressed recording (mp3, ogg), or raise RECORDING_MAX_BYTES; text is at most 64 KiB.'

// ---- what comes in ----------------------------------------------------------

async function receive(
  { storage, recordingMaxBytes, stallMs = STALL_MS }: WebhookDeps,
  { incoming }: Admitted,
  names: readonly string[],
): Promise<Received | 'too-large' | { readonly refusal: Refusal }> {
  const contentType = incoming.headers['content-type'] ?? ''
  if (incoming.method !== 'GET' && isMultipart(incoming)) {
    const options = { storage, maxFileBytes: recordingMaxBytes, stallMs }
    const parts = await readMultipart(incoming, options)
    if (parts.type === 'too-large') return 'too-large'
    return parts.type === 'refused' ? { refusal: parts.refusal } : parts
  }
  const body =
    incoming.method === 'GET'
      ? null
      : await readSmallBody(incoming, { maxBytes: MAX_BODY_BYTES, stallMs })
  if (body === null && incoming.method !== 'GET') return 'too-large'
  const bytes = body !== null && body.length > 0 ? body : rawQuery(incoming)
  const decoded = decodeWebhook(bytes, bytes === body ? contentType : '', names)
  return 'refusal' in decoded ? decoded : { ...decoded, uploads: [] }
}

function isMultipart(incoming: IncomingMessage): boolean {
  return /^\s*multipart\//i.test(incoming.headers['content-type'] ?? '')
}

/** As it came: a parser of addresses would make other characters of some. */
function rawQuery(incoming: IncomingMessage): Buffer {
  const url = incoming.url ?? ''
  const start = url.indexOf('?')
  return start === -1 ? Buffer.alloc(0) : Buffer.from(url.slice(start + 1), 'latin1')
}

/** Browsers say more than the mode; Node's own fetch says `Sec-Fetch-Mode: cors` and nothing else. */
function isOfBrowser(incoming: IncomingMessage): boolean {
  const { headers } = incoming
  const said = Object.keys(headers).filter(
    (name) => name === 'origin' || name.startsWith('sec-fetch-'),
  )
  const isNodes = said.length === 1 && headers['sec-fetch-mode'] === 'cors'
  return said.length > 0 && !isNodes
}

const RECORDINGS_OFF = 'the recording was not kept: recordings are switched off for this connection'

// ---- what becomes of it -----------------------------------------------------

async function take(
  deps: WebhookDeps,
  refusals: RefusalLog,
  admitted: Admitted,
  received: Received,
  read: Read,
): Promise<Response> {
  const { fields, uploads } = received
  const { connection } = admitted
  const kept: KeptFile[] = []
  let isTaken = false
  try {
    // Read before the files get their place: of what is refused nothing is kept.
    const stored = uploads.map(({ mime, bytes, sha256 }) => ({ key: '', mime, bytes, sha256 }))
    const tried = await read(fields, admitted, stored)
    if ('refusal' in tried) {
      refusals.ofRequest(admitted, fields, tried.refusal)
      return plainAnswer(400, tried.refusal.reason)
    }
    const { uniqueId } = tried.events[0]!
    if (connection.recordings) {
      for (const upload of uploads) kept.push(await upload.keep(connection.id, uniqueId))
    }
    const events = withRecordings(tried.events, kept)
    const raw = refusals.shown(admitted, fields)
    await deps.intake.accept(events.map((event) => ({ receipt: newId(), event, raw })))
    isTaken = true
    const unwanted = uploads.length > kept.length ? [RECORDINGS_OFF] : []
    for (const notice of [...received.notices, ...tried.notices, ...unwanted]) {
      refusals.ofNotice(admitted, fields, notice)
    }
    return plainAnswer(200, 'OK')
  } finally {
    for (const upload of uploads) await upload.discard()
    for (const { recording, isNew } of isTaken ? [] : kept) {
      if (isNew) await deps.storage.remove(recording.key)
    }
  }
}

/** Each file is an event of its own; the event that it came with may be another one. */
function withRecordings(
  events: readonly CallEvent[],
  kept: readonly KeptFile[],
): readonly CallEvent[] {
  const [first] = events
  if (first === undefined) return []
  const { source, connectionId, uniqueId, at, atKnown, arrivedAt, order, extra } = first
  const base = { source, connectionId, uniqueId, at, atKnown, arrivedAt, order, extra }
  return [
    ...events.filter((event) => event.type !== 'recorded'),
    ...kept.map(({ recording }) => ({ ...base, type: 'recorded', recording }) as const),
  ]
}

function readAsterisk(
  fields: DecodedFields['fields'],
  { connection, arrivedAt }: Admitted,
  recordings: readonly StoredRecording[],
): Reading {
  const reading = parseWebhook(fields, connection, arrivedAt, recordings[0] ?? null)
  return 'refusal' in reading ? reading : { events: [reading.event], notices: reading.notices }
}

async function readCti(
  { extensionsOf, log }: WebhookDeps,
  fields: DecodedFields['fields'],
  { connection, arrivedAt }: Admitted,
): Promise<Reading> {
  const found = new Map<string, readonly string[]>()
  const lookUp = async (value: string): Promise<void> => {
    found.set(value, await extensionsOf(connection.id, value))
  }
  const lookUps = Promise.all(namedInCti(fields).map(lookUp)).catch((error: unknown) => {
    // Numbers that look like extensions still ring; the event must not be lost with the rest.
    log.warn('webhook.agents-unknown', { connectionId: connection.id, error })
  })
  await Promise.race([lookUps, afterMs(LOOK_UP_MS)])
  return parseCti(fields, connection.id, arrivedAt, (value) => found.get(value) ?? [])
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

// ---- what goes wrong --------------------------------------------------------

function refuseMethod(c: Context<AppEnv>, allowed: string): Response | Promise<Response> {
  const line = `${c.req.method.slice(0, 20)} is not taken here, expected ${allowed}`
  return plainAnswer(405, line, { allow: allowed })
}

function fail({ log }: WebhookDeps, { connection }: Admitted, error: unknown): Response {
  if (error instanceof ConnectionLost) {
    log.warn('webhook.broken-off', { connectionId: connection.id, reason: error.message })
    // Nobody reads this where the client went away; one that fell silent is told.
    return plainAnswer(400, error.message, { connection: 'close' })
  }
  log.error('webhook.failed', { connectionId: connection.id, error })
  const line = error instanceof RingsideError ? error.message : 'the event cannot be kept'
  return plainAnswer(503, `${line}, try again in a moment`, { 'retry-after': '1' })
}
