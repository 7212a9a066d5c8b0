/** Runs in a worker thread: says how long the audio file in `workerData` is. */
import { parentPort, workerData } from 'node:worker_threads'
import { parseFile } from 'music-metadata'

const { format } = await parseFile(String(workerData), { duration: true, skipCovers: true })
parentPort?.postMessage(format.duration ?? null)
