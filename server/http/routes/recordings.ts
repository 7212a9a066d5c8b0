import { Readable } from 'node:stream'
import { type Context, Hono } from 'hono'
import { loadConnection } from '../../../db/connections.ts'
import type { Db } from '../../../db/database.ts'
import {
  listUnattachedRecordings,
  loadPeaks,
  loadRecording,
  type Recording,
} from '../../../db/recordings.ts'
import { loadSettings } from '../../../db/settings.ts'
import { RingsideError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { viewRecording } from '../../pipeline/recordings.ts'
import { type ByteRange, parseByteRange } from '../../recordings/byte-range.ts'
import { toRecordingView } from '../../recordings/recording-view.ts'
import type { AudioSigner } from '../../recordings/signed-audio.ts'
import type { RecordingStorage } from '../../recordings/storage.ts'
import {
  type AppEnv,
  type Identity,
  isBelow,
  mayUse,
  requireAccess,
  requireIdentity,
  toActor,
} from '../access.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { describe, param, query } from '../route.ts'
import {
  listOf,
  listQuery,
  type PeaksView,
  peaksSchema,
  recordingDetailSchema,
  recordingSchema,
} from '../schemas.ts'

export interface RecordingDeps {
  readonly db: Db
  readonly storage: RecordingStorage
  readonly signer: AudioSigner
  readonly log: Log
  readonly clock: () => Date
  /** Finds out the peaks of a recording that has none yet. */
  readonly measureSoon: (recordingId: string) => void
}

const TAG = 'recordings'

/** What is known of a recording, and its audio with ranges, so that a player need not load it whole. */
export function recordingRoutes(deps: RecordingDeps): Hono<AppEnv> {
  const { db, signer, clock } = deps
  const app = new Hono<AppEnv>()

  app.get(
    '/api/recordings/:id',
    describe({
      summary: 'One recording, with a short-lived signed address for <audio>',
      tag: TAG,
      access: 'read',
      answers: { 200: recordingDetailSchema },
    }),
    async (c) => {
      const recording = await visible(db, requireIdentity(c), param(c, 'id'))
      const by = toActor(requireIdentity(c))
      const { path, expiresAt } = signer.sign(recording.id, clock(), by)
      return c.json({
        ...(await viewRecording(db, recording)),
        audioUrl: path,
        audioUrlExpiresAt: expiresAt.toISOString(),
        downloadUrl: (await mayDownload(db, requireIdentity(c)))
          ? signer.sign(recording.id, clock(), by, 'download').path
          : null,
      })
    },
  )

  app.get(
    '/api/recordings/:id/peaks',
    describe({
      summary: 'How loud it is where; `pending` until it was measured; ETag',
      tag: TAG,
      access: 'read',
      answers: { 200: peaksSchema, 304: null },
    }),
    async (c) => {
      const recording = await visible(db, requireIdentity(c), param(c, 'id'))
      const peaks = await loadPeaks(db, recording.id)
      if (peaks === null) deps.measureSoon(recording.id)
      return answerPeaks(c, recording, peaks)
    },
  )

  app.get(
    '/api/recordings/:id/audio',
    describe({
      summary: 'The audio; Range, ETag; by token or by the signed address',
      tag: TAG,
      access: 'public',
      audited: true,
      answers: { 200: null, 206: null, 304: null, 416: null },
    }),
    async (c) => {
      const id = param(c, 'id')
      const signed = signer.check(id, c.req.query(), clock())
      const identity = signed === null ? requireAccess(c, 'read') : null
      if (signed !== null) c.set('actor', signed.by)
      return answer(c, deps, await visible(db, identity, id), signed?.use === 'download')
    },
  )

  app.get(
    '/api/connections/:id/recordings',
    describe({
      summary: 'Recordings whose call is not known, newest first',
      tag: TAG,
      access: 'admin',
      answers: { 200: listOf(recordingSchema) },
    }),
    query(listQuery),
    async (c) => {
      const connection = await loadConnection(db, param(c, 'id'))
      if (connection === undefined) {
        throw new RingsideError('not-found', 'there is no such connection')
      }
      const { limit = DEFAULT_LIMIT, cursor } = c.req.valid('query')
      const page = { limit: limit + 1, before: decodeCursor(cursor, idPosition) }
      const rows = await listUnattachedRecordings(db, connection.id, page)
      const { items, next } = toPage(rows, limit, (last) => last.id)
      return c.json({ items: items.map((each) => toRecordingView(each, [])), next })
    },
  )

  return app
}

/** A recording whose call is not known is for admins (CALL-8). `identity` null: the address is signed. */
async function visible(db: Db, identity: Identity | null, id: string): Promise<Recording> {
  const recording = await loadRecording(db, id)
  const isForAdmins = recording?.callId === null
  const mayHear = !isForAdmins || identity === null || mayUse(identity, 'admin')
  if (recording !== null && mayHear) return recording
  throw new RingsideError('not-found', `there is no recording ${id.slice(0, 100)}`)
}

/** Programs may save what they may read; of people, those whom the admin lets. */
async function mayDownload(db: Db, identity: Identity): Promise<boolean> {
  if (identity.kind === 'key') return true
  return !isBelow(identity.role, (await loadSettings(db)).downloadRole)
}

async function answer(
  c: Context<AppEnv>,
  deps: RecordingDeps,
  recording: Recording,
  isDownload: boolean,
): Promise<Response> {
  const etag = `"${recording.sha256}"`
  const headers = audioHeaders(recording, etag, isDownload)
  if (isNamed(c.req.header('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  const range = rangeOf(c, recording.bytes, etag)
  if (range.type === 'unsatisfiable') {
    headers.set('content-range', `bytes */${recording.bytes}`)
    return new Response(null, { status: 416, headers })
  }
  const length = range.type === 'whole' ? recording.bytes : range.end - range.start + 1
  headers.set('content-length', String(length))
  if (range.type === 'part') {
    headers.set('content-range', `bytes ${range.start}-${range.end}/${recording.bytes}`)
  }
  const status = range.type === 'whole' ? 200 : 206
  if (c.req.method === 'HEAD') return new Response(null, { status, headers })
  const part = range.type === 'whole' ? undefined : { start: range.start, end: range.end }
  const content = await openWhole(deps, recording, part)
  return new Response(Readable.toWeb(content) as ReadableStream, { status, headers })
}

/** The file, where it is as long as it was when it came in: a length that is announced is kept. */
async function openWhole(
  { storage, log }: RecordingDeps,
  { id, storageKey, bytes }: Recording,
  part: { readonly start: number; readonly end: number } | undefined,
): Promise<Readable> {
  const file = await storage.open(storageKey, part)
  const found = file === null ? 0 : (file.bytes ?? bytes)
  if (file !== null && found === bytes) return file.content
  file?.content.destroy()
  log.error('recording.file-not-whole', { recordingId: id, storageKey, bytes, found })
  const what = file === null ? 'is gone' : 'is not whole'
  throw new RingsideError('not-found', `the file of this recording ${what}`)
}

/** Audio only, whatever the bytes: nothing of it is ever run or rendered (SAFE-4). */
function audioHeaders(recording: Recording, etag: string, isDownload: boolean): Headers {
  return new Headers({
    'content-type': recording.mime,
    'accept-ranges': 'bytes',
    etag,
    'cache-control': 'private, max-age=3600',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'content-disposition': isDownload ? `attachment; filename="${fileName(recording)}"` : 'inline',
    'cross-origin-resource-policy': 'cross-origin',
  })
}

/** `recording-2026-11-21-02-19-19.mp3`: nothing in it comes from the phone network. */
function fileName({ createdAt, storageKey }: Recording): string {
  const time = createdAt.toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')
  return `recording-${time}.${storageKey.split('.').at(-1)}`
}

/** Asked again each time, answered in a line: who may hear it may change, the peaks do not. */
function answerPeaks(
  c: Context<AppEnv>,
  recording: Recording,
  peaks: readonly Uint8Array[] | null,
): Response {
  if (peaks === null) {
    const pending: PeaksView = { state: 'pending', channels: [] }
    return c.json(pending, 200, { 'cache-control': 'no-store' })
  }
  const etag = `"peaks-${peaks.length}-${recording.sha256}"`
  const headers = { etag, 'cache-control': 'private, no-cache' }
  if (isNamed(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers)
  const channels = peaks.map((channel) => [...channel])
  const found: PeaksView = { state: channels.length > 0 ? 'ready' : 'none', channels }
  return c.json(found, 200, headers)
}

/** A range of another version of the file is no range of this one. */
function rangeOf(c: Context<AppEnv>, bytes: number, etag: string): ByteRange {
  const ifRange = c.req.header('if-range')
  if (ifRange !== undefined && ifRange.trim() !== etag) return { type: 'whole' }
  return parseByteRange(c.req.header('range'), bytes)
}

function isNamed(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const named = header.split(',').map((each) => each.trim().replace(/^W\//, ''))
  return named.includes('*') || named.includes(etag)
}
