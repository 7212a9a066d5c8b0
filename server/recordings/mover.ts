import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { mimeOf } from './audio.ts'
import type { FileStorage } from './file-storage.ts'
import type { S3Client } from './s3-client.ts'
import { failureOf } from './s3-request.ts'

/** Brings files that wait in a folder to S3, and tries for as long as it takes. */
export interface Mover {
  /** Resolves when the file is there, or with `later` when that did not work at once. */
  move(key: string): Promise<Moved>
  waiting(): number
  /** Takes a file out of the queue; resolves when nobody reads it any more. */
  forget(key: string): Promise<void>
  close(): Promise<void>
}

export interface MoverOptions {
  readonly local: FileStorage
  readonly client: S3Client
  readonly log: Log
  /** How long to wait before the next file is tried, by the number of failures in a row. */
  readonly retryMs?: (failures: number) => number
}

/** `known`: it was there before. */
export type Moved = 'new' | 'known' | 'later'

interface Waiting {
  readonly key: string
  readonly moved: PromiseWithResolvers<Moved>
}

/** Each holds one part in memory. */
const AT_ONCE = 2
const MAX_RETRY_MS = 60_000

export function createMover(options: MoverOptions): Mover {
  const { log, retryMs = backoffMs } = options
  const waiting = new Map<string, Waiting>()
  const moving = new Map<string, Promise<void>>()
  const closing = new AbortController()
  const { signal } = closing
  let failures = 0
  let resting = false

  async function moveOne({ key, moved }: Waiting): Promise<void> {
    try {
      moved.resolve(await bring(options, key, signal))
      waiting.delete(key)
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      moved.resolve('later')
      log.warn('recording.not-moved', { key, waiting: waiting.size, failures, error })
      // To the end of the queue: one file that is refused does not hold up the others.
      const again = waiting.get(key)
      if (waiting.delete(key) && again !== undefined) waiting.set(key, again)
      rest()
    }
  }

  function rest(): void {
    resting = true
    setTimeout(retryMs(failures), undefined, { signal }).then(
      () => {
        resting = false
        pump()
      },
      // Closing: what waits is brought by the next process.
      () => undefined,
    )
  }

  function pump(): void {
    // While nothing works one file at a time is tried.
    const atOnce = failures > 0 ? 1 : AT_ONCE
    for (const each of waiting.values()) {
      if (signal.aborted || resting || moving.size >= atOnce) return
      if (moving.has(each.key)) continue
      const work = moveOne(each).finally(() => {
        moving.delete(each.key)
        pump()
      })
      moving.set(each.key, work)
    }
  }

  return {
    move(key) {
      const known = waiting.get(key)
      if (known !== undefined) return known.moved.promise
      const added = { key, moved: Promise.withResolvers<Moved>() }
      waiting.set(key, added)
      pump()
      return added.moved.promise
    },
    waiting: () => waiting.size,
    async forget(key) {
      waiting.delete(key)
      await moving.get(key)
      const path = await options.local.pathOf(key)
      if (path !== null) await giveUpBegun(options.client, key, path)
    },
    async close() {
      closing.abort()
      await Promise.all(moving.values())
    },
  }
}

/** The id of an upload that is under way stands beside its file: who tries again gives it up first. */
const NOTE = '.upload'

async function bring(
  { local, client }: MoverOptions,
  key: string,
  signal: AbortSignal,
): Promise<'new' | 'known'> {
  const path = await local.pathOf(key)
  // Another process with the same folder was first.
  if (path === null) return 'known'
  await giveUpBegun(client, key, path)
  const isKnown = await client.has(key, signal)
  if (!isKnown) {
    await client.putFile(key, {
      path,
      mime: mimeOf(key),
      signal,
      onStarted: (uploadId) => writeFile(path + NOTE, uploadId, { mode: 0o600 }),
    })
  }
  await rm(path + NOTE, { force: true })
  await local.remove(key)
  return isKnown ? 'known' : 'new'
}

async function giveUpBegun(client: S3Client, key: string, path: string): Promise<void> {
  const begun = await readFile(path + NOTE, 'utf8').catch(() => null)
  if (begun === null || begun === '') return
  await client.abort(key, begun).catch((error: unknown) => {
    // Who may not give up may still upload: the recording matters more than the parts.
    if (failureOf(error) !== 'refused') throw error
  })
  await rm(path + NOTE, { force: true })
}

function backoffMs(failures: number): number {
  return (0.5 + Math.random() / 2) * Math.min(MAX_RETRY_MS, 500 * 2 ** Math.min(failures, 10))
}
