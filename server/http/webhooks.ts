/**
 * The webhooks, from the bytes of a request to its answer: whose token it is, what it tells, durable, "OK".
 * On node:http itself, since each of these steps costs less than a router, a `Request` and a `Response` (PERF-1).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConnectionLogEntry } from '../../db/connection-log.ts'
import { newId } from '../../db/new-id.ts'
import type { StoredRecording } from '../calls/call.ts'
import { RingsideError } from '../errors.ts'
import type { Intake } from '../intake.ts'
import type { Log } from '../log.ts'
import type { KeptFile, RecordingStorage } from '../recordings/storage.ts'
import type { ConnectionRegistry, ConnectionSettings } from '../setup/connection.ts'
import { CTI_FIELDS } from '../sources/cti-parse.ts'
import { type DecodedFields, MAX_BODY_BYTES } from '../sources/webhook-decode.ts'
import { answerEarly, writeOk, writePlain } from './plain-answer.ts'
import { ConnectionLost } from './read-body.ts'
import { createRefusalLog, type RefusalLog } from './routes/webhook-log.ts'
import { type Reading, readAsterisk, readCti, withRecordings } from './webhook-read.ts'
import { isMultipart, isOfBrowser, type Received, receive } from './webhook-receive.ts'

export interface WebhookDeps {
  readonly registry: Pick<ConnectionRegistry, 'byToken' | 'findByToken'>
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

/** The dialplan's webhook (CALL-2…CALL-8), and the generic CTI push (CALL-9). */
export type WebhookKind = 'asterisk' | 'cti'

export interface Webhooks {
  /** Answers a request to the address of this token; never rejects. */
  answer(
    kind: WebhookKind,
    token: string,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void>
}

/** What differs between the kinds. */
interface Ways {
  readonly methods: readonly string[]
  readonly namesOf: (connection: ConnectionSettings) => readonly string[]
  /** Makes events of the fields. */
  readonly read: (
    fields: DecodedFields['fields'],
    admitted: Admitted,
    recordings: readonly StoredRecording[],
  ) => Promise<Reading> | Reading
}

/** A request that may come in: of a known connection, and of no browser. */
interface Admitted {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly connection: ConnectionSettings
  readonly token: string
  readonly arrivedAt: Date
}

/** The intake's side of HTTP. */
export function createWebhooks(deps: WebhookDeps): Webhooks {
  const { registry, clock, log } = deps
  const refusals = createRefusalLog(deps)
  const ways: Readonly<Record<WebhookKind, Ways>> = {
    asterisk: {
      methods: ['GET', 'POST'],
      namesOf: (connection) => connection.extraFields,
      read: (fields, { connection, arrivedAt }, recordings) =>
        readAsterisk(fields, connection, arrivedAt, recordings),
    },
    cti: {
      methods: ['POST'],
      namesOf: () => CTI_FIELDS,
      read: (fields, { connection, arrivedAt }) => readCti(deps, fields, connection, arrivedAt),
    },
  }
  const find = (token: string): Promise<ConnectionSettings | null | 'unknown'> =>
    registry.findByToken(token).catch((error: unknown) => {
      log.warn('webhook.token-not-looked-up', { error })
      return 'unknown'
    })
  return {
    async answer(kind, token, incoming, outgoing) {
      const { [kind]: way } = ways
      const { method = '' } = incoming
      if (!way.methods.includes(method)) {
        const allow = way.methods.join(', ')
        const line = `${method.slice(0, 20)} is not taken here, expected ${allow}`
        return answerEarly(incoming, outgoing, 405, line, { allow })
      }
      const known = registry.byToken(token)
      if (isOfBrowser(incoming)) {
        if (known !== null) refusals.ofBrowser(incoming, known.id)
        return answerEarly(incoming, outgoing, 403, 'requests of browsers are not taken')
      }
      const connection = known ?? (await find(token))
      if (connection === 'unknown') {
        const again = { 'retry-after': '1' }
        return answerEarly(incoming, outgoing, 503, CANNOT_LOOK, again)
      }
      if (connection === null) return answerEarly(incoming, outgoing, 404, 'nothing is here')
      const admitted = { incoming, outgoing, connection, token, arrivedAt: clock() }
      try {
        await takeIn(deps, refusals, admitted, way)
      } catch (error) {
        fail(log, admitted, error)
      }
    },
  }
}

const CANNOT_LOOK = 'the token cannot be looked up, try again in a moment'
const HINT_SIZE =
  'Upload a shorter or a compressed recording (mp3, ogg), or raise RECORDING_MAX_BYTES; text is at most 64 KiB.'

async function takeIn(
  deps: WebhookDeps,
  refusals: RefusalLog,
  admitted: Admitted,
  way: Ways,
): Promise<void> {
  const { incoming, outgoing, connection } = admitted
  const received = await receive(deps, incoming, way.namesOf(connection))
  if (received === 'too-large') {
    const limit = isMultipart(incoming) ? deps.recordingMaxBytes : MAX_BODY_BYTES
    const line = `the request is too large, expected at most ${limit} bytes`
    refusals.ofRequest(admitted, new Map(), { field: 'body', reason: line, hint: HINT_SIZE })
    return answerEarly(incoming, outgoing, 413, line)
  }
  if ('refusal' in received) {
    refusals.ofRequest(admitted, new Map(), received.refusal)
    return answerEarly(incoming, outgoing, 400, received.refusal.reason)
  }
  const refused = await keep(deps, refusals, admitted, received, way)
  // What came with a GET is left to node:http, which throws away what nobody reads.
  if (!incoming.readableEnded && !incoming.complete) {
    return answerEarly(incoming, outgoing, refused === null ? 200 : 400, refused ?? 'OK')
  }
  if (refused === null) writeOk(outgoing)
  else writePlain(outgoing, 400, refused)
}

const RECORDINGS_OFF = 'the recording was not kept: recordings are switched off for this connection'

/** Resolves when everything that the request tells is durable; with the reason where it is refused. */
async function keep(
  deps: WebhookDeps,
  refusals: RefusalLog,
  admitted: Admitted,
  { fields, uploads, notices }: Received,
  way: Ways,
): Promise<string | null> {
  const { connection } = admitted
  const kept: KeptFile[] = []
  let isTaken = false
  try {
    // Read before the files get their place: of what is refused nothing is kept.
    const stored = uploads.map(({ mime, bytes, sha256 }) => ({ key: '', mime, bytes, sha256 }))
    const tried = await way.read(fields, admitted, stored)
    if ('refusal' in tried) {
      refusals.ofRequest(admitted, fields, tried.refusal)
      return tried.refusal.reason
    }
    const { uniqueId } = tried.events[0]!
    if (connection.recordings) {
      for (const upload of uploads) kept.push(await upload.keep(connection.id, uniqueId))
    }
    const events = uploads.length === 0 ? tried.events : withRecordings(tried.events, kept)
    const raw = refusals.shown(admitted, fields)
    await deps.intake.accept(events.map((event) => ({ receipt: newId(), event, raw })))
    isTaken = true
    const unwanted = uploads.length > kept.length ? [RECORDINGS_OFF] : []
    for (const notice of [...notices, ...tried.notices, ...unwanted]) {
      refusals.ofNotice(admitted, fields, notice)
    }
    return null
  } finally {
    for (const upload of uploads) await upload.discard()
    for (const { recording, isNew } of isTaken ? [] : kept) {
      if (isNew) await deps.storage.remove(recording.key)
    }
  }
}

function fail(log: Log, { connection, outgoing }: Admitted, error: unknown): void {
  if (error instanceof ConnectionLost) {
    log.warn('webhook.broken-off', { connectionId: connection.id, reason: error.message })
    // Nobody reads this where the client went away; one that fell silent is told.
    writePlain(outgoing, 400, error.message, { connection: 'close' })
    return
  }
  log.error('webhook.failed', { connectionId: connection.id, error })
  const line = error instanceof RingsideError ? error.message : 'the event cannot be kept'
  if (outgoing.headersSent) outgoing.destroy()
  else writePlain(outgoing, 503, `${line}, try again in a moment`, { 'retry-after': '1' })
}
