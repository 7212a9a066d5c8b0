import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { type AudioKind, audioKindOf, SNIFF_BYTES } from './audio.ts'
import type {
  BorrowedFile,
  KeptFile,
  ReceivedFile,
  RecordingStorage,
  StoredFile,
  Upload,
} from './storage.ts'

const TEMPORARY = '.incoming'
/** What a recording is kept under: `keep` makes it, and nothing else is opened or removed. */
export const KEY = /^[\w-]{1,100}\/[0-9a-f]{64}\.[a-z0-9]{2,4}$/
const ABANDONED_MS = 24 * 60 * 60_000

export interface FileStorage extends RecordingStorage {
  /** Where the file of a key is; null where there is none. */
  pathOf(key: string): Promise<string | null>
  /** All that is kept. */
  keys(): AsyncIterable<string>
  /** A path for a file that is gone after the next start, whatever happens to this process. */
  temporaryPath(): string
}

/** Keeps recordings as files in a folder. What an earlier process did not finish is removed. */
export async function createFileStorage(folder: string): Promise<FileStorage> {
  const temporary = join(folder, TEMPORARY)
  await mkdir(temporary, { recursive: true })
  await removeLeftOvers(temporary)
  const pathOf = async (key: string): Promise<string | null> => {
    if (!KEY.test(key)) return null
    const path = join(folder, key)
    return (await exists(path)) ? path : null
  }
  return {
    receive: (content, maxBytes) => receive(folder, content, maxBytes),
    pathOf,
    keys: () => listKeys(folder),
    stored: () => listStored(folder),
    temporaryPath: () => temporaryPath(folder),
    async borrow(key) {
      const path = await pathOf(key)
      return path === null ? null : ({ path, ...NOTHING_TO_GIVE_BACK } satisfies BorrowedFile)
    },
    status: () =>
      access(temporary, constants.W_OK).then(
        () => 'up',
        () => 'broken',
      ),
    waiting: () => 0,
    close: async () => undefined,
    async open(key, range) {
      const path = await pathOf(key)
      if (path === null) return null
      const file = await open(path, 'r')
      const { size } = await file.stat()
      return { content: createReadStream(path, { fd: file, ...range }), bytes: size }
    },
    async remove(key) {
      if (KEY.test(key)) await rm(join(folder, key), { force: true })
    },
  }
}

const NOTHING_TO_GIVE_BACK = { [Symbol.asyncDispose]: async () => undefined }

function temporaryPath(folder: string): string {
  return join(folder, TEMPORARY, `${processMark()}.${randomUUID()}`)
}

async function* listKeys(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === TEMPORARY) continue
    for (const name of await readdir(join(folder, entry.name))) {
      const key = `${entry.name}/${name}`
      if (KEY.test(key)) yield key
    }
  }
}

async function* listStored(folder: string): AsyncGenerator<StoredFile> {
  for await (const key of listKeys(folder)) {
    // One that is removed meanwhile is no file any more.
    const found = await stat(join(folder, key)).catch(() => null)
    if (found !== null) yield { key, modifiedAt: found.mtime }
  }
}

async function receive(
  folder: string,
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<ReceivedFile> {
  const path = temporaryPath(folder)
  const file = await open(path, 'wx', 0o600)
  let isKept = false
  try {
    const written = await write(file, content, maxBytes)
    if (!('kind' in written)) return written
    await file.sync()
    isKept = true
    return { type: 'received', upload: toUpload(folder, path, written) }
  } finally {
    await file.close()
    if (!isKept) await rm(path, { force: true })
  }
}

interface Written {
  readonly kind: AudioKind
  readonly bytes: number
  readonly sha256: string
}

/** Writes what comes; stops at once when it is no audio or too large. */
async function write(
  file: FileHandle,
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Written | { readonly type: 'too-large' | 'not-audio' | 'empty' }> {
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let kind: AudioKind | null = null
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > maxBytes) return { type: 'too-large' }
    if (kind === null) {
      head = Buffer.concat([head, chunk])
      if (head.length >= SNIFF_BYTES) {
        kind = await audioKindOf(head.subarray(0, SNIFF_BYTES))
        if (kind === null) return { type: 'not-audio' }
      }
    }
    hash.update(chunk)
    await writeWhole(file, chunk)
  }
  if (bytes === 0) return { type: 'empty' }
  kind ??= await audioKindOf(head)
  return kind === null ? { type: 'not-audio' } : { kind, bytes, sha256: hash.digest('hex') }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, from)
    from += bytesWritten
  }
}

function toUpload(folder: string, path: string, { kind, bytes, sha256 }: Written): Upload {
  const keep = async (connectionId: string, uniqueId: string): Promise<KeptFile> => {
    const name = createHash('sha256')
      .update(JSON.stringify([uniqueId, sha256]))
      .digest('hex')
    const key = `${connectionId}/${name}.${kind.extension}`
    if (!KEY.test(key)) throw new Error('the id of the connection cannot be part of a path')
    const place = join(folder, key)
    await mkdir(dirname(place), { recursive: true })
    const isNew = !(await exists(place))
    if (isNew) await rename(path, place)
    else await rm(path, { force: true })
    await syncFolder(dirname(place))
    return { recording: { key, sha256, mime: kind.mime, bytes }, isNew }
  }
  return { mime: kind.mime, bytes, sha256, keep, discard: () => rm(path, { force: true }) }
}

/** Names begin with who writes them: another process on the same folder keeps its own. */
function processMark(): string {
  return `${hostname().replaceAll(/[^\w-]/g, '_')}.${process.pid}`
}

async function removeLeftOvers(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name)
    if (isOfLivingProcess(name)) {
      const age = Date.now() - (await stat(path)).mtimeMs
      if (age < ABANDONED_MS) continue
    }
    await rm(path, { force: true })
  }
}

function isOfLivingProcess(name: string): boolean {
  const [host, pid] = name.split('.')
  const [ownHost, ownPid] = processMark().split('.')
  if (host !== ownHost) return true
  if (pid === ownPid) return false
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    // Another user's process is alive, too; without a process nobody finishes this file.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
