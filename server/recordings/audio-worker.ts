/** Runs in a worker thread: says how long the audio file in `workerData` is, then how loud it is where. */
import { open } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { parseFile } from 'music-metadata'
import { decode } from './decode.ts'
import { hasModestHeaders } from './ogg.ts'
import { createPeakMeter } from './peak-meter.ts'

// Decoders complain of every frame that they cannot read; what is amiss with a file shows in its peaks.
console.error = () => undefined
console.warn = () => undefined

const { path, mime } = workerData as { readonly path: string; readonly mime: string }
if (mime !== 'audio/ogg' || (await isModest())) await measure()

async function isModest(): Promise<boolean> {
  await using file = await open(path, 'r')
  return hasModestHeaders(file)
}

async function measure(): Promise<void> {
  const format = await parseFile(path, { duration: true, skipCovers: true })
    .then((found) => found.format)
    .catch(() => null)
  parentPort?.postMessage({ type: 'seconds', seconds: format?.duration ?? null })
  const meter = createPeakMeter()
  for await (const sound of decode(path, mime, format?.numberOfChannels ?? null)) meter.feed(sound)
  parentPort?.postMessage({ type: 'peaks', peaks: meter.points() })
}
