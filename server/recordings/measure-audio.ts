import { Worker } from 'node:worker_threads'

/** What is found out of an audio file. */
export interface Measured {
  /** In whole seconds; null where that cannot be told. */
  readonly seconds: number | null
  /** How loud it is where: per channel, from 0 to 255; empty where no decoder knows the file. */
  readonly peaks: readonly Uint8Array[]
}

/** An hour of stereo Opus takes about six seconds. */
const TIMEOUT_MS = 120_000
const WORKER_MEMORY_MB = 128
let lastMeasured: Promise<unknown> = Promise.resolve()

/**
 * How long an audio file is, and how loud where. Measured in a worker thread, one file after the
 * other: the file is a stranger's, and the server has calls to answer.
 */
export function measureAudio(path: string, mime: string, signal?: AbortSignal): Promise<Measured> {
  const measured = lastMeasured.then(() => measure({ path, mime }, signal))
  lastMeasured = measured.catch(() => null)
  return measured
}

function measure(file: { path: string; mime: string }, signal?: AbortSignal): Promise<Measured> {
  return new Promise((resolve, reject) => {
    let found: Measured = { seconds: null, peaks: [] }
    const worker = new Worker(new URL('./audio-worker.ts', import.meta.url), {
      workerData: file,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB, maxYoungGenerationSizeMb: 8 },
    })
    const stop = (): void => void worker.terminate()
    const timer = setTimeout(stop, TIMEOUT_MS)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    worker.on('message', (said: unknown) => {
      found = { ...found, ...parseSaid(said) }
    })
    // A file that a decoder chokes on is still a recording that can be played.
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      if (signal?.aborted) reject(signal.reason)
      else resolve(found)
    })
  })
}

function parseSaid(said: unknown): Partial<Measured> {
  if (typeof said !== 'object' || said === null) return {}
  if ('peaks' in said && Array.isArray(said.peaks)) return { peaks: said.peaks }
  const seconds = 'seconds' in said ? said.seconds : null
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return {}
  return { seconds: Math.round(seconds) }
}
