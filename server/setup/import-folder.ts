import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { lockFolder } from '../../db/folder-lock.ts'
import { RingsideError } from '../errors.ts'

export type ImportFormat = 'csv' | 'ndjson'

/** A file that was taken in whole and is this process's to read, until `remove` or `leave`. */
export interface TakenFile<Progress> {
  readonly id: string
  readonly format: ImportFormat
  readonly path: string
  /** How far a process before this one got; null: not at all, or it is not known. */
  readonly progress: Progress | null
  keepProgress(progress: Progress): Promise<void>
  /** It is done. */
  remove(): Promise<void>
  /** It stays, for the process that comes next. */
  leave(): void
}

/**
 * Files of users wait here until they were read. Each is locked by the process that reads it; those
 * that nobody has locked were left by a process that was stopped or killed.
 */
export interface ImportFolder<Progress> {
  /** Throws `too-large`, `unavailable`, or what the disk says; nothing is left then. */
  receive(
    id: string,
    format: ImportFormat,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<TakenFile<Progress>>
  /** What other processes have left, oldest first. */
  takeUp(): Promise<TakenFile<Progress>[]>
  /** What was never whole, or belongs to no file any more, goes after a day. */
  tidy(now: Date): Promise<void>
}

const WHOLE = /^([0-9a-f-]{36})\.(csv|ndjson)\.import$/
const OURS = /\.(?:import|part|progress|sqlite(?:-journal)?)$/
/** Of a new file nobody else has the lock. */
const NO_LOCK = 'the file cannot be kept now, the disk may be full; try again later'
const ABANDONED_MS = 24 * 60 * 60_000

export function createImportFolder<Progress>(folder: string): ImportFolder<Progress> {
  /** Asking again for what this process has locked would free it: so are locks of files on POSIX. */
  const held = new Set<string>()
  const lock = async (id: string): Promise<(() => void) | null> => {
    if (held.has(id)) return null
    held.add(id)
    const unlock = await lockFolder(folder, id).catch((error: unknown) => {
      held.delete(id)
      throw error
    })
    if (unlock === null) held.delete(id)
    return (
      unlock &&
      (() => {
        unlock()
        held.delete(id)
      })
    )
  }
  return {
    async receive(id, format, content, maxBytes) {
      await mkdir(folder, { recursive: true })
      const part = join(folder, `${id}.part`)
      const path = join(folder, `${id}.${format}.import`)
      let unlock: (() => void) | null = null
      try {
        // On the disk before it is acknowledged.
        const file = createWriteStream(part, { mode: 0o600, flush: true })
        await pipeline(content, limitBytes(maxBytes), file)
        unlock = await lock(id)
        if (unlock === null) throw new RingsideError('unavailable', NO_LOCK)
        await rename(part, path)
      } catch (error) {
        unlock?.()
        for (const left of [part, lockOf(folder, id)]) await rm(left, { force: true })
        throw error
      }
      return toTaken<Progress>(folder, { id, format, path, progress: null }, unlock)
    },
    async takeUp() {
      await mkdir(folder, { recursive: true })
      const taken: TakenFile<Progress>[] = []
      for (const name of (await readdir(folder)).sort()) {
        const [, id = '', format] = WHOLE.exec(name) ?? []
        const unlock = id === '' ? null : await lock(id)
        if (unlock === null) continue
        const path = join(folder, name)
        const progress = await readProgress<Progress>(folder, id)
        const file = { id, format: format as ImportFormat, path, progress }
        const found = toTaken<Progress>(folder, file, unlock)
        // The one who had it may have finished it before it was locked here.
        if ((await stat(path).catch(() => null)) === null) await found.remove()
        else taken.push(found)
      }
      return taken
    },
    async tidy(now) {
      await mkdir(folder, { recursive: true })
      const names = await readdir(folder)
      const waiting = new Set(names.flatMap((name) => WHOLE.exec(name)?.[1] ?? []))
      for (const name of names) {
        if (!OURS.test(name) || waiting.has(name.slice(0, 36))) continue
        const path = join(folder, name)
        const modifiedMs = (await stat(path).catch(() => null))?.mtimeMs
        if (modifiedMs === undefined) continue
        if (now.getTime() - modifiedMs > ABANDONED_MS) await rm(path, { force: true })
      }
    },
  }
}

function toTaken<Progress>(
  folder: string,
  file: Pick<TakenFile<Progress>, 'id' | 'format' | 'path' | 'progress'>,
  unlock: () => void,
): TakenFile<Progress> {
  const progressPath = progressOf(folder, file.id)
  return {
    ...file,
    async keepProgress(progress) {
      const part = join(folder, `${file.id}.part`)
      try {
        await writeFile(part, JSON.stringify(progress), { mode: 0o600 })
        await rename(part, progressPath)
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
    },
    async remove() {
      // The lock goes last: nobody takes up what is still there.
      try {
        await rm(file.path, { force: true })
        await rm(progressPath, { force: true })
      } finally {
        unlock()
      }
      await rm(lockOf(folder, file.id), { force: true })
    },
    leave: unlock,
  }
}

function lockOf(folder: string, id: string): string {
  return join(folder, `${id}.sqlite`)
}

function progressOf(folder: string, id: string): string {
  return join(folder, `${id}.progress`)
}

async function readProgress<Progress>(folder: string, id: string): Promise<Progress | null> {
  try {
    // Written by `keepProgress`, and renamed only when it was whole.
    return JSON.parse(await readFile(progressOf(folder, id), 'utf8')) as Progress
  } catch {
    // Without it the file is read from its beginning, which changes nothing that was saved.
    return null
  }
}

function limitBytes(maxBytes: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      size += chunk.length
      if (size <= maxBytes) done(null, chunk)
      else done(new RingsideError('too-large', `the file is over ${maxBytes} bytes`))
    },
  })
}
