import { Worker } from 'node:worker_threads'
import { fileTypeFromBuffer } from 'file-type'

/** A kind of audio file that is kept, by a fixed media type whatever the sender called it. */
export interface AudioKind {
  readonly mime: string
  readonly extension: string
}

/** So many first bytes tell what a file is. */
export const SNIFF_BYTES = 4100

/** By the extension that belongs to the content, as `file-type` names it. */
const KINDS: Readonly<Record<string, AudioKind>> = {
  wav: { mime: 'audio/wav', extension: 'wav' },
  mp3: { mime: 'audio/mpeg', extension: 'mp3' },
  ogg: { mime: 'audio/ogg', extension: 'ogg' },
  oga: { mime: 'audio/ogg', extension: 'ogg' },
  opus: { mime: 'audio/ogg', extension: 'ogg' },
  spx: { mime: 'audio/ogg', extension: 'ogg' },
  m4a: { mime: 'audio/mp4', extension: 'm4a' },
  mp4: { mime: 'audio/mp4', extension: 'm4a' },
  aac: { mime: 'audio/aac', extension: 'aac' },
  webm: { mime: 'audio/webm', extension: 'webm' },
}

/** What kind of audio the first bytes are of; null for everything that is not kept (SAFE-4). */
export async function audioKindOf(head: Uint8Array): Promise<AudioKind | null> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return (found && Object.hasOwn(KINDS, found.ext) && KINDS[found.ext]) || null
}

const TIMEOUT_MS = 30_000
const WORKER_MEMORY_MB = 128
let lastMeasured: Promise<unknown> = Promise.resolve()

/**
 * How long an audio file is, in whole seconds; null where that cannot be told. Measured in a worker
 * thread, one file after the other: the file is a stranger's, and the server has calls to answer.
 */
export function secondsOf(path: string): Promise<number | null> {
  const measured = lastMeasured.then(() => measure(path))
  lastMeasured = measured.catch(() => null)
  return measured
}

function measure(path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./audio-worker.ts', import.meta.url), {
      workerData: path,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB },
    })
    const timer = setTimeout(() => void worker.terminate(), TIMEOUT_MS)
    worker.once('message', (seconds: unknown) => {
      resolve(typeof seconds === 'number' && Number.isFinite(seconds) ? Math.round(seconds) : null)
    })
    // A file that the reader chokes on is still a recording that can be played.
    worker.once('error', () => resolve(null))
    worker.once('exit', () => {
      clearTimeout(timer)
      resolve(null)
    })
  })
}
