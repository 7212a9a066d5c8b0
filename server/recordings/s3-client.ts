import { type FileHandle, open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { RingsideError } from '../errors.ts'
import { readXmlText } from '../xml-text.ts'
import { readSome, type S3Send } from './s3-request.ts'
import type { OpenedFile } from './storage.ts'

/** What the storage of recordings does with S3. */
export interface S3Client {
  /** Throws where the bucket cannot be used; looks only, and writes a mark where `isWriting`. */
  check(isWriting: boolean, signal?: AbortSignal): Promise<void>
  has(key: string, signal?: AbortSignal): Promise<boolean>
  get(
    key: string,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): Promise<OpenedFile | null>
  /**
   * Uploads a file, in parts where it is large; it is there whole or not at all. Parts of an upload
   * that failed stay until it is given up.
   */
  putFile(key: string, file: UploadedFile): Promise<void>
  /** Gives up an upload in parts, so that nobody pays for them. */
  abort(key: string, uploadId: string): Promise<void>
  remove(key: string): Promise<void>
  /** All that is in the bucket under the prefix, page by page. */
  list(): AsyncGenerator<{ readonly key: string; readonly modifiedAt: Date }>
}

export interface UploadedFile {
  readonly path: string
  readonly mime: string
  readonly signal: AbortSignal
  /** Told the id of an upload in parts before its first part, to give it up if it comes to nothing. */
  readonly onStarted: (uploadId: string) => Promise<void>
}

/** S3 wants parts of at least 5 MiB; two uploads at a time hold twice this in memory. */
export const PART_BYTES = 8 * 1024 * 1024
const MARK = '.ringside'
const DONE = [404]
const FINISHED = '<CompleteMultipartUploadResult'

/** `prefix` is that of the bucket's keys, as the address says it. */
export function createS3Client(
  send: S3Send,
  prefix: string,
  partBytes: number = PART_BYTES,
): S3Client {
  return {
    async check(isWriting, signal) {
      const query = { 'list-type': '2', 'max-keys': '1', prefix: prefix + MARK }
      const answer = await send({ method: 'GET', query, signal, attempts: 1 })
      if (!(await readSome(answer)).includes('<ListBucketResult')) {
        throw new RingsideError(
          'unavailable',
          'RECORDINGS_URL has an endpoint that does not answer as S3 does',
          { type: 'storage-refused' },
        )
      }
      if (!isWriting) return
      const body = Buffer.from('Recordings of calls are kept here.\n')
      await drain(await send({ method: 'PUT', key: MARK, body, signal, attempts: 1 }))
    },
    async has(key, signal) {
      const answer = await send({ method: 'HEAD', key, expects: DONE, signal })
      await drain(answer)
      return answer.statusCode !== 404
    },
    async get(key, range, signal) {
      const headers: Record<string, string> = {}
      if (range !== undefined) headers.range = `bytes=${range.start}-${range.end}`
      const answer = await send({ method: 'GET', key, headers, expects: [404, 416], signal })
      if (answer.statusCode !== 404) return { content: answer, bytes: wholeBytes(answer) }
      await drain(answer)
      return null
    },
    async putFile(key, file) {
      const handle = await open(file.path, 'r')
      try {
        const { size } = await handle.stat()
        const upload = { send, key, file, handle, size, partBytes }
        if (size <= partBytes) await putWhole(upload)
        else await putParts(upload)
      } finally {
        await handle.close()
      }
    },
    async abort(key, uploadId) {
      await drain(await send({ method: 'DELETE', key, query: { uploadId }, expects: DONE }))
    },
    list: () => list(send, prefix),
    async remove(key) {
      await drain(await send({ method: 'DELETE', key, expects: DONE }))
    },
  }
}

/** Of 206 and 416 the length is that of what is sent, and the whole stands after the slash. */
function wholeBytes({ statusCode, headers }: IncomingMessage): number | null {
  const isWhole = statusCode === 200
  const said = isWhole ? headers['content-length'] : headers['content-range']?.split('/')[1]
  if (said !== undefined && /^\d+$/.test(said)) return Number(said)
  // With 416 not every S3 tells it; what comes then is no part of the file.
  return statusCode === 416 ? 0 : null
}

const MAX_PAGE_BYTES = 4 * 1024 * 1024

async function* list(send: S3Send, prefix: string): ReturnType<S3Client['list']> {
  for (let after = prefix; ; ) {
    const query = { 'list-type': '2', 'max-keys': '1000', prefix, 'start-after': after }
    const page = await readSome(await send({ method: 'GET', query }), MAX_PAGE_BYTES)
    let last = after
    for (const [item] of page.matchAll(/<Contents>.*?<\/Contents>/gs)) {
      last = readXmlText(/<Key>([^<]+)<\/Key>/.exec(item)?.[1] ?? last)
      const modifiedAt = new Date(/<LastModified>([^<]+)</.exec(item)?.[1] ?? '')
      // What cannot be read is none of ours.
      if (!last.startsWith(prefix) || Number.isNaN(modifiedAt.getTime())) continue
      yield { key: last.slice(prefix.length), modifiedAt }
    }
    if (!page.includes('<IsTruncated>true<')) return
    // Others' keys may be anything: going round for ever is worse than an end.
    if (last === after) throw new Error('the storage lists the same page again and again')
    after = last
  }
}

interface Upload {
  readonly send: S3Send
  readonly key: string
  readonly file: UploadedFile
  readonly handle: FileHandle
  readonly size: number
  readonly partBytes: number
}

async function putWhole({ send, key, file, handle, size }: Upload): Promise<void> {
  const body = Buffer.allocUnsafe(size)
  await fill(handle, body, 0)
  const headers = { 'content-type': file.mime }
  await drain(await send({ method: 'PUT', key, headers, body, signal: file.signal }))
}

async function putParts(upload: Upload): Promise<void> {
  const { send, key, file } = upload
  const headers = { 'content-type': file.mime }
  const begin = { method: 'POST', key, query: { uploads: '' }, headers } as const
  const said = await readSome(await send({ ...begin, signal: file.signal }))
  const uploadId = /<UploadId>([^<]{1,1000})<\/UploadId>/.exec(said)?.[1]
  if (uploadId === undefined) throw new Error('the storage gave no id for an upload in parts')
  await file.onStarted(uploadId)
  const etags = await sendParts(upload, uploadId)
  const parts = etags.map(
    (etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  )
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
  const finish = { method: 'POST', key, query: { uploadId }, body } as const
  // S3 may find out that it failed after it has said 200.
  if (!(await readSome(await send({ ...finish, signal: file.signal }))).includes(FINISHED)) {
    throw new Error('the storage did not put the parts of an upload together')
  }
}

/** One buffer for all parts: the next is read when the one before is there. */
async function sendParts(
  { send, key, file, handle, size, partBytes }: Upload,
  uploadId: string,
): Promise<readonly string[]> {
  const buffer = Buffer.allocUnsafe(partBytes)
  const etags: string[] = []
  for (let from = 0; from < size; from += partBytes) {
    const body = buffer.subarray(0, Math.min(partBytes, size - from))
    await fill(handle, body, from)
    const query = { partNumber: String(etags.length + 1), uploadId }
    const answer = await send({ method: 'PUT', key, query, body, signal: file.signal })
    await drain(answer)
    etags.push(escapeXml(answer.headers.etag ?? ''))
  }
  return etags
}

async function fill(handle: FileHandle, target: Buffer, position: number): Promise<void> {
  for (let at = 0; at < target.length; ) {
    const { bytesRead } = await handle.read(target, at, target.length - at, position + at)
    if (bytesRead === 0) throw new Error('a file became shorter while it was uploaded')
    at += bytesRead
  }
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** Reads an answer to its end, so that its connection can be used again. */
async function drain(answer: Readable): Promise<void> {
  for await (const _ of answer) {
    // Nothing in it is wanted.
  }
}
