import {
  appendFile,
  type FileHandle,
  open,
  readFile,
  rename,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder } from '../db/folder-lock.ts'

/** Lines of an append-only file that were acknowledged and wait to be taken, in order. */
export interface Spool {
  /** How many lines wait. */
  pending(): number
  /** Resolves when the lines are on the disk; what several callers bring together is synced once. */
  append(lines: readonly string[]): Promise<void>
  /** The oldest lines that wait, at most `max`. */
  peek(max: number): Promise<SpoolPart>
  /** Says that a part was taken. */
  remove(part: SpoolPart): Promise<void>
  /** Puts a line that nobody can take aside, so that it does not hold up the others. */
  setAside(line: string): Promise<void>
  /** Takes lines out of those that were put aside. */
  forgetAside(isMeant: (line: string) => boolean): Promise<void>
  /** Takes over what processes that are gone left in the same folder. */
  adopt(): Promise<void>
  close(): Promise<void>
}

export interface SpoolPart {
  readonly lines: readonly string[]
  readonly bytes: number
}

const FILE = 'events.ndjson'
const ASIDE = 'unreadable.ndjson'
const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

interface Waiting {
  readonly lines: readonly string[]
  resolve(): void
  reject(error: unknown): void
}

/** Several processes can have one folder: each has a slot of it, the first one the folder itself. */
const MAX_SLOTS = 64

interface Slot {
  readonly folder: string
  readonly unlock: () => void
}

/**
 * Opens the spool in a folder, in a slot that no other process has. A last line that is not whole
 * was never acknowledged: it is dropped.
 */
export async function openSpool(root: string): Promise<Spool> {
  const { folder, unlock } = await takeSlot(root)
  const path = join(folder, FILE)
  const file = await open(path, 'a+')
  await syncFolder(folder)
  const found = await scan(file)
  let written = found.bytes
  let taken = 0
  let count = found.lines
  let isTorn = found.size > written
  let queue: Waiting[] = []
  let writing: Promise<void> | null = null

  const cutTornLine = async (): Promise<void> => {
    if (!isTorn) return
    await file.truncate(written)
    isTorn = false
  }
  const writeAll = async (waiting: readonly Waiting[]): Promise<void> => {
    const lines = waiting.flatMap((each) => each.lines)
    try {
      await cutTornLine()
      isTorn = true
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      await file.appendFile(bytes)
      await file.datasync()
      isTorn = false
      written += bytes.length
      count += lines.length
      for (const each of waiting) each.resolve()
    } catch (error) {
      for (const each of waiting) each.reject(error)
    }
  }
  const writeLoop = async (): Promise<void> => {
    while (queue.length > 0) {
      const waiting = queue
      queue = []
      await writeAll(waiting)
    }
    writing = null
  }
  await cutTornLine()
  const append = (lines: readonly string[]): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      queue.push({ lines, resolve, reject })
      writing ??= writeLoop()
    })

  return {
    pending: () => count,
    append,
    adopt: () => adoptOthers(root, folder, append),
    peek: (max) => readLines(file, { from: taken, to: written, max }),
    remove: async (part) => {
      taken += part.bytes
      count -= part.lines.length
      // Nothing is lost if this is cut short: an event is kept once, however often it is brought.
      if (taken < written || writing !== null) return
      const emptied = written
      writing = file
        .truncate(0)
        .then(() => {
          written = 0
          taken = 0
        })
        .catch(() => {
          // The disk can be full or gone: the lines stay, as taken, until the next time.
          taken = emptied
        })
        .then(writeLoop)
      await writing
    },
    setAside: (line) => appendFile(join(folder, ASIDE), `${line}\n`, { flush: true }),
    forgetAside: (isMeant) => forgetLines(join(folder, ASIDE), isMeant),
    close: async () => {
      await writing
      await file.close()
      unlock()
    },
  }
}

function slotFolder(root: string, slot: number): string {
  return slot === 1 ? root : join(root, String(slot))
}

async function takeSlot(root: string): Promise<Slot> {
  for (let slot = 1; slot <= MAX_SLOTS; slot += 1) {
    const folder = slotFolder(root, slot)
    const unlock = await lockFolder(folder)
    if (unlock !== null) return { folder, unlock }
  }
  throw new Error(`more than ${MAX_SLOTS} processes use the spool in ${root}`)
}

/** The lines of slots whose process is gone come behind our own; a line twice is one event. */
async function adoptOthers(
  root: string,
  own: string,
  append: (lines: readonly string[]) => Promise<void>,
): Promise<void> {
  for (let slot = 1; slot <= MAX_SLOTS; slot += 1) {
    const folder = slotFolder(root, slot)
    const path = join(folder, FILE)
    const left = await stat(path).catch(() => null)
    if (left === null && slot > 1) return
    if (folder === own || left === null || left.size === 0) continue
    const unlock = await lockFolder(folder)
    if (unlock === null) continue
    try {
      const text = await readFile(path, 'utf8')
      const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
      await append(lines.filter((line) => line !== ''))
      await truncate(path, 0)
    } finally {
      unlock()
    }
  }
}

async function forgetLines(path: string, isMeant: (line: string) => boolean): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n').filter((line) => line !== '')
  const kept = lines.filter((line) => !isMeant(line))
  if (kept.length === lines.length) return
  await writeFile(`${path}.new`, kept.map((line) => `${line}\n`).join(''), { flush: true })
  await rename(`${path}.new`, path)
}

/** Counts whole lines, and the bytes that they take. */
async function scan(file: FileHandle): Promise<{ lines: number; bytes: number; size: number }> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let lines = 0
  let bytes = 0
  let size = 0
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, size)
    if (bytesRead === 0) return { lines, bytes, size }
    for (let at = chunk.indexOf(NEWLINE); at !== -1 && at < bytesRead; ) {
      lines += 1
      bytes = size + at + 1
      at = chunk.indexOf(NEWLINE, at + 1)
    }
    size += bytesRead
  }
}

async function readLines(
  file: FileHandle,
  { from, to, max }: { from: number; to: number; max: number },
): Promise<SpoolPart> {
  for (let size = CHUNK_BYTES; ; size *= 2) {
    const chunk = Buffer.alloc(Math.min(size, to - from))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, from)
    const lines: string[] = []
    let start = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1 && at < bytesRead && lines.length < max; ) {
      lines.push(chunk.toString('utf8', start, at))
      start = at + 1
      at = chunk.indexOf(NEWLINE, start)
    }
    if (lines.length > 0 || size >= to - from) return { lines, bytes: start }
  }
}

/** A new file is there after a power cut only when its folder was synced, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
