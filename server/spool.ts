import { appendFile, type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

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
  close(): Promise<void>
}

export interface SpoolPart {
  readonly lines: readonly string[]
  readonly bytes: number
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

interface Waiting {
  readonly lines: readonly string[]
  resolve(): void
  reject(error: unknown): void
}

/** Opens the spool in a folder. A last line that is not whole was never acknowledged: it is dropped. */
export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'events.ndjson')
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

  return {
    pending: () => count,
    append: (lines) =>
      new Promise<void>((resolve, reject) => {
        queue.push({ lines, resolve, reject })
        writing ??= writeLoop()
      }),
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
    setAside: (line) => appendFile(join(folder, 'unreadable.ndjson'), `${line}\n`, { flush: true }),
    close: async () => {
      await writing
      await file.close()
    },
  }
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
