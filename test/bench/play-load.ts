import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What the load generator is to do. */
export interface LoadJob {
  readonly url: string
  /** The webhook of each PBX. */
  readonly paths: readonly string[]
  readonly seed: number
  readonly calls: number
  /** Where the ids of its calls begin. */
  readonly firstCall: number
  readonly inFlight: number
  /** Events per second, whatever the answers; null: as fast as answers come. */
  readonly rate: number | null
  readonly seconds: number
  /** Of a supervisor whose stream is listened to; null: nobody listens. */
  readonly streamToken: string | null
}

export interface Spread {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface LoadResult {
  readonly requests: number
  /** Answers other than 200. */
  readonly failures: number
  /** From the first request to the last answer. */
  readonly answeredMs: number
  /** From the first request until everything shows in the stream. */
  readonly toldMs: number
  /** Of the generator itself. */
  readonly cpuMs: number
  readonly answer: Spread
  readonly behind: Spread | null
  readonly holes: number
}

/** Plays calls from a process of its own. */
export function playLoad(job: LoadJob): Promise<LoadResult> {
  const child = fork(fileURLToPath(new URL('./intake-load.ts', import.meta.url)))
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as LoadResult))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)))
    child.send(job)
  })
}
