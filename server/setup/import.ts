import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'
import { type Db, inTransaction } from '../../db/database.ts'
import { hasHooks } from '../../db/hooks.ts'
import { newId } from '../../db/new-id.ts'
import { appendOutbox } from '../../db/outbox.ts'
import { loadFields, loadSettings } from '../../db/settings.ts'
import { databaseTrouble } from '../../db/trouble.ts'
import type { User } from '../../db/users.ts'
import { type FieldError, RingsideError } from '../errors.ts'
import type { Log } from '../log.ts'
import { again } from '../pipeline/again.ts'
import { readLines } from './read-lines.ts'
import { readCsvUsers, readNdjsonUsers, UnreadableFile, type UserLine } from './read-users.ts'
import { type NamedChange, type SavedUser, saveByExternalId } from './save-users.ts'
import type { UserRules } from './user-edit.ts'

export type ImportFormat = 'csv' | 'ndjson'

export interface ImportState {
  readonly state: 'running' | 'done'
  readonly lines: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly failed: number
  readonly errors: readonly { readonly line: number; readonly reason: string }[]
}

export interface ImportOptions {
  readonly db: Db
  readonly clock: () => Date
  readonly log: Log
  /** Files wait here until they were read. */
  readonly folder: string
  /** Checks one line by the contract; what is wrong with it is for the report. */
  readonly parse: (value: unknown) => { change: NamedChange } | { errors: readonly FieldError[] }
  /** A user as the stream tells of it. */
  readonly toView: (user: User) => unknown
  /** Called after each commit. */
  readonly wake?: () => void
  readonly maxBytes?: number
  /** The database is in this process: see `EMBEDDED_BATCH`. */
  readonly isEmbedded?: boolean
}

/** Users in bulk (USER-5), one file after the other. */
export interface Imports {
  /** Takes the file; the answer, its id, comes when it is whole, the work goes on afterwards. */
  start(content: AsyncIterable<Uint8Array>, format: ImportFormat): Promise<string>
  state(id: string): ImportState | null
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

type Counts = { -readonly [K in keyof ImportState]: ImportState[K] } & {
  errors: { line: number; reason: string }[]
}

const BATCH = 200
/**
 * The embedded database is one connection on this thread, and its answers come without a turn of the
 * event loop: while a batch is saved, no webhook is read.
 */
const EMBEDDED_BATCH = 50
const MAX_ERRORS = 1000
const KEPT_STATES = 50
const RETRY_MS = 1000
const GIB = 1024 ** 3
const SUFFIX = '.import'
/** No import waits so long: the process that took the file in is gone. */
const ABANDONED_MS = 24 * 60 * 60_000
const LOOK_EVERY_MS = 60 * 60_000

export function createImports(options: ImportOptions): Imports {
  const states = new Map<string, Counts>()
  const stopping = new AbortController()
  const tidy = (): Promise<void> =>
    removeLeftOvers(options).catch((error: unknown) =>
      options.log.warn('import.left-overs-stay', { error }),
    )
  let queue: Promise<void> = tidy()
  // A server that was killed is mostly started again at once: a day later nobody starts it.
  const timer = setInterval(() => {
    queue = queue.then(tidy)
  }, LOOK_EVERY_MS)
  const close = async (): Promise<void> => {
    stopping.abort()
    clearInterval(timer)
    await queue
  }
  return {
    async start(content, format) {
      const id = newId()
      const path = join(options.folder, id + SUFFIX)
      await mkdir(options.folder, { recursive: true })
      try {
        const limit = limitBytes(options.maxBytes ?? GIB)
        await pipeline(content, limit, createWriteStream(path, { mode: 0o600 }))
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
      const counts = newCounts()
      states.set(id, counts)
      if (states.size > KEPT_STATES) states.delete([...states.keys()][0] ?? id)
      queue = queue
        .then(() => run(options, { id, path, format, counts, signal: stopping.signal }))
        .catch((error: unknown) => options.log.error('import.not-removed', { importId: id, error }))
      return id
    },
    state(id) {
      const counts = states.get(id)
      if (counts === undefined) return null
      return { ...counts, errors: counts.errors.toSorted((a, b) => a.line - b.line) }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What a process that was killed had taken in: nobody asks for it any more. */
async function removeLeftOvers({ folder, clock }: ImportOptions): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    if (!name.endsWith(SUFFIX)) continue
    const path = join(folder, name)
    const age = clock().getTime() - (await stat(path)).mtimeMs
    if (age > ABANDONED_MS) await rm(path, { force: true })
  }
}

interface Job {
  readonly id: string
  readonly path: string
  readonly format: ImportFormat
  readonly counts: Counts
  readonly signal: AbortSignal
}

async function run(options: ImportOptions, job: Job): Promise<void> {
  const { counts } = job
  try {
    await importLines(options, job)
  } catch (error) {
    if (error instanceof UnreadableFile) note(counts, 1, error.message)
    else if (!job.signal.aborted) {
      options.log.error('import.failed', { importId: job.id, error })
      note(counts, counts.lines, 'the import stopped here: the server met an error')
    }
  } finally {
    counts.state = 'done'
    await rm(job.path, { force: true })
  }
}

interface Wanted {
  readonly line: number
  readonly change: NamedChange
}

async function importLines(options: ImportOptions, job: Job): Promise<void> {
  const { counts } = job
  const rules = await onceThere(job.signal, () => loadRules(options.db))
  const lines = readLines(job.path, job.signal)
  const found: AsyncIterable<UserLine> =
    job.format === 'csv' ? readCsvUsers(lines, rules.fields) : readNdjsonUsers(lines)
  const size = options.isEmbedded ? EMBEDDED_BATCH : BATCH
  let batch: Wanted[] = []
  for await (const item of found) {
    counts.lines += 1
    const parsed = 'reason' in item ? null : options.parse(item.value)
    if ('reason' in item) note(counts, item.line, item.reason)
    else if (parsed !== null && 'errors' in parsed) note(counts, item.line, inWords(parsed.errors))
    else if (parsed !== null) batch.push({ line: item.line, change: parsed.change })
    if (batch.length >= size) {
      await saveBatch(options, job, rules, batch)
      batch = []
      await nextTurn()
    }
  }
  await saveBatch(options, job, rules, batch)
}

async function loadRules(db: Db): Promise<UserRules> {
  return { country: (await loadSettings(db)).country, fields: await loadFields(db) }
}

/** While the database is away, an import waits for it: what was acknowledged is in its file. */
async function onceThere<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (databaseTrouble(error) !== 'away') throw error
      await setTimeout(RETRY_MS, undefined, { signal })
    }
  }
}

/** One transaction; where it fails, its lines one by one, so that only the bad one is left out. */
async function saveBatch(
  options: ImportOptions,
  job: Job,
  rules: UserRules,
  batch: readonly Wanted[],
): Promise<void> {
  if (batch.length === 0) return
  try {
    const saved = await onceThere(job.signal, () => again(() => saveLines(options, rules, batch)))
    count(job.counts, batch, saved)
    options.wake?.()
  } catch (error) {
    if (job.signal.aborted) throw error
    if (batch.length > 1) {
      for (const one of batch) await saveBatch(options, job, rules, [one])
    } else {
      options.log.warn('import.line-failed', { importId: job.id, line: batch[0]?.line, error })
      note(job.counts, batch[0]?.line ?? 0, 'cannot be saved')
    }
  }
}

function saveLines(
  options: ImportOptions,
  rules: UserRules,
  batch: readonly Wanted[],
): Promise<SavedUser[]> {
  return inTransaction(options.db, async (tx) => {
    const now = options.clock()
    const changes = batch.map(({ change }) => change)
    const saved = await saveByExternalId(tx, changes, rules, now)
    // Nobody can have a new user on the screen yet: only those that changed are told of.
    const told = new Map(
      saved.flatMap((one) => (one.result === 'updated' ? [[one.user.id, one.user] as const] : [])),
    )
    const isNews = (await hasHooks(tx)) ? saved.filter(isCreated) : []
    await appendOutbox(
      tx,
      [
        ...isNews.map(({ user }) => ({
          type: 'hook' as const,
          audience: [],
          data: options.toView(user),
          events: ['user.created' as const],
        })),
        ...[...told.values()].map((user) => ({
          type: 'user' as const,
          audience: null,
          data: options.toView(user),
        })),
      ],
      now,
    )
    return saved
  })
}

type Created = Extract<SavedUser, { user: unknown }>

function isCreated(one: SavedUser): one is Created {
  return one.result === 'created'
}

function count(counts: Counts, batch: readonly Wanted[], saved: readonly SavedUser[]): void {
  for (const [index, one] of saved.entries()) {
    if (one.result === 'failed') note(counts, batch[index]?.line ?? 0, inWords(one.errors))
    else counts[one.result] += 1
  }
}

function note(counts: Counts, line: number, reason: string): void {
  counts.failed += 1
  if (counts.errors.length < MAX_ERRORS) counts.errors.push({ line, reason })
}

function inWords(errors: readonly FieldError[]): string {
  return errors
    .slice(0, 5)
    .map(({ path, message }) => `${path} ${message}`.trim())
    .join('; ')
}

function newCounts(): Counts {
  return { state: 'running', lines: 0, created: 0, updated: 0, unchanged: 0, failed: 0, errors: [] }
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
