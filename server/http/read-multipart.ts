import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import type { ReceivedFile, RecordingStorage, Upload } from '../recordings/storage.ts'
import { decodeText } from '../sources/decode-text.ts'
import type { Refusal } from '../sources/refusal.ts'
import {
  createFieldCollector,
  type DecodedFields,
  MAX_BODY_BYTES,
} from '../sources/webhook-decode.ts'
import { type BodyFlow, readBody } from './read-body.ts'

export interface MultipartOptions {
  readonly storage: RecordingStorage
  readonly maxFileBytes: number
  readonly stallMs: number
}

export type MultipartResult =
  | (DecodedFields & { readonly type: 'read'; readonly uploads: readonly Upload[] })
  | { readonly type: 'too-large' }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** What a file may be wrapped in: text fields, headers and boundaries. */
const OVERHEAD_BYTES = 1024 * 1024
const LIMITS = {
  fieldSize: MAX_BODY_BYTES,
  fields: 200,
  files: 20,
  parts: 250,
  headerPairs: 50,
  headerSize: 16 * 1024,
}

/**
 * Reads `multipart/form-data` as it arrives: files go straight to the storage, fields may come
 * before or after them. Where it cannot be read to its end, nothing of it is kept.
 */
export async function readMultipart(
  incoming: IncomingMessage,
  options: MultipartOptions,
): Promise<MultipartResult> {
  const busboy = openBusboy(incoming.headers['content-type'] ?? '')
  if (busboy === null) return { type: 'refused', refusal: MALFORMED }
  const reception = receiveParts(busboy, options)
  try {
    const outcome = await pump(incoming, busboy, reception, options)
    if (outcome === 'end') {
      const uploads = await reception.uploads()
      if (uploads !== null) return { type: 'read', ...reception.fields(), uploads }
    }
    const refused = outcome === 'end' ? await reception.refused : outcome
    await reception.abandon()
    return refused === 'too-large' ? { type: 'too-large' } : { type: 'refused', refusal: refused }
  } catch (error) {
    await reception.abandon()
    throw error
  }
}

const MALFORMED: Refusal = {
  field: 'body',
  reason:
    'body cannot be read as multipart/form-data, expected parts between the boundary that the header names',
  hint: 'Let curl write it: curl -F status=record -F unique_id=… -F record=@file',
}

const TOO_MANY: Refusal = {
  field: 'record',
  reason: `the request has more than ${LIMITS.files} files or ${LIMITS.parts} parts, expected at most so many`,
  hint: 'Upload the recordings of one call in several requests with the same unique_id.',
}

function refuseFile(type: 'not-audio' | 'empty'): Refusal {
  return type === 'empty'
    ? {
        field: 'record',
        reason: 'record is an empty file, expected an audio file',
        hint: 'Upload after the recording was written: wait until the file has a size.',
      }
    : {
        field: 'record',
        reason: 'record is not an audio file, expected wav, mp3, ogg, m4a, aac or webm',
        hint: 'Upload the file that MixMonitor or Monitor wrote, after it was closed: what counts is the content, not the name of the file.',
      }
}

function openBusboy(contentType: string): BusboyInstance | null {
  try {
    return Busboy({
      headers: { 'content-type': contentType },
      limits: LIMITS,
      // Bytes as they are: which charset they are in is decided by looking at them.
      defCharset: 'latin1',
      isPartAFile: (name, _type, fileName) => fileName !== undefined || name === 'record',
    })
  } catch {
    // No boundary in the header: the one who asks refuses the request.
    return null
  }
}

interface Reception {
  /** Settles with the first file that cannot be kept. */
  readonly refused: Promise<Refusal | 'too-large'>
  readonly failed: Promise<never>
  fields(): DecodedFields
  /** All files, once all of them are there; null where one of them was refused. */
  uploads(): Promise<readonly Upload[] | null>
  abandon(): Promise<void>
}

function receiveParts(busboy: BusboyInstance, options: MultipartOptions): Reception {
  const collector = createFieldCollector()
  const notices: string[] = []
  const streams: BusboyFileStream[] = []
  const files: Promise<ReceivedFile>[] = []
  const refused = Promise.withResolvers<Refusal | 'too-large'>()
  let isRefused = false
  const refuse = (why: Refusal | 'too-large'): void => {
    isRefused = true
    refused.resolve(why)
  }
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)

  // A part need not have a name, whatever the types say.
  busboy.on('field', (name, value, _nameCut, isCut) => {
    if (isCut)
      notices.push(`${asText(name ?? '').slice(0, 80)} was cut at ${LIMITS.fieldSize} bytes`)
    collector.add(asText(name ?? ''), asText(value))
  })
  // The parser would leave the rest out and say OK: of a request that is too large nothing is kept.
  busboy.on('filesLimit', () => refuse(TOO_MANY))
  busboy.on('partsLimit', () => refuse(TOO_MANY))
  busboy.on('fieldsLimit', () => notices.push(`fields after the first ${LIMITS.fields} were cut`))
  busboy.on('file', (name, stream, fileName) => {
    // A part that breaks off is told by the parser itself; unheard, it would end the process.
    stream.on('error', () => undefined)
    if (
      asText(name ?? '')
        .replace('[]', '')
        .toLowerCase() !== 'record'
    ) {
      notices.push(
        `a file came as "${asText(name ?? '').slice(0, 80)}", expected record; it was left out`,
      )
      stream.resume()
      return
    }
    streams.push(stream)
    const file = options.storage.receive(stream, options.maxFileBytes)
    files.push(file)
    file.then((received) => {
      if (received.type === 'too-large') refuse('too-large')
      else if (received.type === 'not-audio') refuse(refuseFile('not-audio'))
      // An empty text field `record`: nothing was recorded.
      else if (received.type === 'empty' && fileName !== undefined) refuse(refuseFile('empty'))
    }, failed.reject)
  })
  return {
    refused: refused.promise,
    failed: failed.promise,
    fields: () => ({
      fields: collector.result.fields,
      notices: [...notices, ...collector.result.notices],
    }),
    uploads: async () => {
      const all = await Promise.all(files)
      if (isRefused) return null
      return all.flatMap((file) => (file.type === 'received' ? [file.upload] : []))
    },
    abandon: async () => {
      for (const stream of streams) stream.destroy(new Error('the request was not read to its end'))
      for (const file of await Promise.allSettled(files)) {
        if (file.status === 'fulfilled' && file.value.type === 'received') {
          await file.value.upload.discard()
        }
      }
    },
  }
}

/** Busboy gives bytes as characters, unless the part named a charset of its own. */
function asText(value: string): string {
  return /[\u0100-\uffff]/.test(value) ? value : decodeText(Buffer.from(value, 'latin1'))
}

/** Moves the body into busboy, no faster than the files can be written. */
async function pump(
  incoming: IncomingMessage,
  busboy: BusboyInstance,
  reception: Reception,
  { maxFileBytes, stallMs }: MultipartOptions,
): Promise<'end' | 'too-large' | Refusal> {
  const parsed = new Promise<'end' | Refusal>((resolve) => {
    busboy.on('finish', () => resolve('end'))
    busboy.on('error', () => resolve(MALFORMED))
  })
  let flow: BodyFlow | null = null
  const stopped = Promise.race([reception.refused, reception.failed, malformedOnly(parsed)])
  stopped.then(
    () => flow?.stop(),
    () => flow?.stop(),
  )
  const limits = { maxBytes: maxFileBytes + OVERHEAD_BYTES, stallMs }
  const how = await readBody(incoming, limits, (chunk, current) => {
    flow = current
    if (busboy.write(chunk)) return
    current.pause()
    busboy.once('drain', current.resume)
  })
  if (how === 'too-large') return 'too-large'
  if (how === 'end') busboy.end()
  return Promise.race([stopped, parsed])
}

/** Settles only where the body turned out to be malformed before its end. */
function malformedOnly(parsed: Promise<'end' | Refusal>): Promise<Refusal> {
  return new Promise((resolve) => {
    void parsed.then((result) => {
      if (result !== 'end') resolve(result)
    })
  })
}
