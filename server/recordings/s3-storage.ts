import { createWriteStream } from 'node:fs'
import { link, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Log } from '../log.ts'
import { createFileStorage, type FileStorage, KEY } from './file-storage.ts'
import { createMover, type Mover, type MoverOptions } from './mover.ts'
import type { S3Client } from './s3-client.ts'
import { failureOf } from './s3-request.ts'
import type { BorrowedFile, KeptFile, RecordingStorage, StorageStatus, Upload } from './storage.ts'

export interface S3StorageOptions {
  readonly client: S3Client
  /** Where recordings wait, durably, until they are in the bucket. */
  readonly folder: string
  readonly log: Log
  /** How long an upload's answer waits for the bucket; then the recording is brought there later. */
  readonly patienceMs?: number
  readonly retryMs?: MoverOptions['retryMs']
}

const PATIENCE_MS = 5000
const LOOK_MS = 3000
const STATUS_KEPT_MS = 5000

/**
 * Keeps recordings in a bucket. Each is first a file here, on the disk before it is acknowledged: while
 * the bucket is away or slow it waits, is listened to from here, and gets there when it can.
 */
export async function createS3Storage(options: S3StorageOptions): Promise<RecordingStorage> {
  const { client, log } = options
  await refuseWrongPlace(client, log)
  const local = await createFileStorage(options.folder)
  const mover = createMover({ local, client, log, ...pick(options) })
  for await (const key of local.keys()) void mover.move(key)
  const toUpload = (upload: Upload): Upload => ({
    ...upload,
    keep: async (connectionId, uniqueId) =>
      bringSoon(mover, await upload.keep(connectionId, uniqueId), options.patienceMs),
  })
  return {
    async receive(content, maxBytes) {
      const received = await local.receive(content, maxBytes)
      if (received.type !== 'received') return received
      return { type: 'received', upload: toUpload(received.upload) }
    },
    async open(key, range) {
      if (!KEY.test(key)) return null
      return (await local.open(key, range)) ?? (await client.get(key, range))
    },
    borrow: (key, signal) => borrow(local, client, key, signal),
    async remove(key) {
      if (!KEY.test(key)) return
      await mover.forget(key)
      await local.remove(key)
      await client.remove(key)
    },
    async *stored() {
      for await (const found of client.list()) if (KEY.test(found.key)) yield found
    },
    status: createStatus(local, client),
    waiting: mover.waiting,
    close: mover.close,
  }
}

function pick({ retryMs }: S3StorageOptions): Pick<MoverOptions, 'retryMs'> {
  return retryMs === undefined ? {} : { retryMs }
}

/** What will not pass by itself stops the start; a bucket that is away does not. */
async function refuseWrongPlace(client: S3Client, log: Log): Promise<void> {
  try {
    await client.check(true, AbortSignal.timeout(LOOK_MS))
  } catch (error) {
    if (failureOf(error) === 'refused') throw error
    log.warn('recordings.storage-away', { error })
  }
}

/** Kept already; the answer waits a little, so that mostly the bucket has it when it is given. */
async function bringSoon(
  mover: Mover,
  kept: KeptFile,
  patienceMs: number = PATIENCE_MS,
): Promise<KeptFile> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<'later'>((resolve) => {
    timer = setTimeout(resolve, patienceMs, 'later')
  })
  const moved = await Promise.race([mover.move(kept.recording.key), tooLate])
  clearTimeout(timer)
  // Whether the bucket had it before is not known while it is away: then nobody takes it back.
  return { ...kept, isNew: kept.isNew && moved === 'new' }
}

async function borrow(
  local: FileStorage,
  client: S3Client,
  key: string,
  signal?: AbortSignal,
): Promise<BorrowedFile | null> {
  if (!KEY.test(key)) return null
  const path = local.temporaryPath()
  const giveBack = (): Promise<void> => rm(path, { force: true })
  const own = await local.pathOf(key)
  // A second name: the first goes away as soon as the bucket has the file.
  const isHere = own !== null && (await tried(link(own, path)))
  if (!isHere) {
    const found = await client.get(key, undefined, signal)
    if (found === null) return null
    try {
      await pipeline(found.content, createWriteStream(path, { mode: 0o600 }), { signal })
    } catch (error) {
      await giveBack()
      throw error
    }
  }
  return { path, [Symbol.asyncDispose]: giveBack }
}

function tried(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}

/** Asked by whoever likes to: the bucket is looked at every few seconds at most. */
function createStatus(local: FileStorage, client: S3Client): () => Promise<StorageStatus> {
  let last: { readonly at: number; readonly state: Promise<'up' | 'away'> } | null = null
  const look = (): Promise<'up' | 'away'> =>
    client.check(false, AbortSignal.timeout(LOOK_MS)).then(
      () => 'up',
      () => 'away',
    )
  return async () => {
    if ((await local.status()) === 'broken') return 'broken'
    const now = performance.now()
    if (last === null || now - last.at > STATUS_KEPT_MS) last = { at: now, state: look() }
    return last.state
  }
}
