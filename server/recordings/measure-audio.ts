import { Worker } from 'node:worker_threads'

/** What is found out of an audio file. */
export interface Measured {
  /** In whole seconds; null where that cannot be told. */
  readonly seconds: number | null
  /** How loud it is where: per channel, from 0 to 255; empty where no decoder knows the file. */
  readonly peaks: readonly Uint8Array[]
}

/** An hour of stereo Opus takes about six seconds. */
const TIMEOUT_MS = 60_000
const WORKER_MEMORY_MB = 128
/**
 * What V8's limit does not count: buffers, and the memory of the decoders in WebAssembly, which a
 * few hundred bytes of a file can make claim hundreds of megabytes (SAFE-4).
 */
const MAX_GROWN_BYTES = 48 * 1024 * 1024
const LOOK_EVERY_MS = 20
let lastMeasured: Promise<unknown> = Promise.resolve()

/**
 * How long an audio file is, and how loud where. Measured in a worker thread, one file after the
 * other: the file is a stranger's, and the server has calls to answer.
 */
export function measureAudio(path: string, mime: string, signal?: AbortSignal): Promise<Measured> {
  const measured = lastMeasured.then(async () => {
    const first = await measure({ path, mime }, signal)
    // The memory is the whole process's: what grew may have been something else.
    const tried = first.wasTooLarge ? await measure({ path, mime }, signal) : first
    return { seconds: tried.seconds, peaks: tried.peaks }
  })
  lastMeasured = measured.catch(() => null)
  return measured
}

interface Tried extends Measured {
  readonly wasTooLarge: boolean
}

function measure(file: { path: string; mime: string }, signal?: AbortSignal): Promise<Tried> {
  return new Promise((resolve, reject) => {
    let found: Tried = { seconds: null, peaks: [], wasTooLarge: false }
    const worker = new Worker(new URL('./audio-worker.ts', import.meta.url), {
      workerData: file,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB, maxYoungGenerationSizeMb: 8 },
    })
    const stop = (): void => void worker.terminate()
    const timer = setTimeout(stop, TIMEOUT_MS)
    const most = process.memoryUsage.rss() + MAX_GROWN_BYTES
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() < most) return
      found = { ...found, wasTooLarge: true }
      stop()
    }, LOOK_EVERY_MS)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    worker.on('message', (said: unknown) => {
      found = { ...found, ...parseSaid(said) }
    })
    // A file that a decoder chokes on is still a recording that can be played.
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      clearTimeout(timer)
      clearInterval(watch)
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
