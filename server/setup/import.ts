import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'
import { type Db, inTransaction } from '../../db/database.ts'
import { hasHooks } from '../../db/hooks.ts'
import { newId } from '../../db/new-id.ts'
import { appendOutbox } from '../../db/outbox.ts'
import { loadFields, loadSettings } from '../../db/settings.ts'
import { databaseTrouble } from '../../db/trouble.ts'
import type { User } from '../../db/users.ts'
import type { FieldError } from '../errors.ts'
import type { Log } from '../log.ts'
import { again } from '../pipeline/again.ts'
import { createImportFolder, type ImportFormat, type TakenFile } from './import-folder.ts'
import { readLines } from './read-lines.ts'
import { readCsvUsers, readNdjsonUsers, UnreadableFile, type UserLine } from './read-users.ts'
import { type NamedChange, type SavedUser, saveByExternalId } from './save-users.ts'
import type { UserRules } from './user-edit.ts'

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

/**
 * Users in bulk (USER-5), one file after the other. What was taken in is imported: a file whose process
 * was stopped or killed goes on under the same id in the next one on this folder.
 */
export interface Imports {
  /** Takes the file; the answer, its id, comes when it is whole, the work goes on afterwards. */
  start(content: AsyncIterable<Uint8Array>, format: ImportFormat): Promise<string>
  state(id: string): Promise<ImportState | null>
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
const LOOK_EVERY_MS = 60 * 60_000
/** So much of an import at most is read again after its process was killed. */
const KEEP_PROGRESS_MS = 1000

export function createImports(options: ImportOptions): Imports {
  const { log, clock } = options
  const states = new Map<string, Counts>()
  const stopping = new AbortController()
  const folder = createImportFolder<Counts>(options.folder)
  let queue: Promise<void> = Promise.resolve()
  const add = (file: TakenFile<Counts>): void => {
    const counts = file.progress ?? newCounts()
    states.set(file.id, counts)
    if (states.size > KEPT_STATES) states.delete([...states.keys()][0] ?? file.id)
    queue = queue
      .then(() => run(options, { file, counts, signal: stopping.signal }))
      .catch((error: unknown) => log.error('import.not-removed', { importId: file.id, error }))
  }
  const look = async (): Promise<void> => {
    try {
      for (const file of await folder.takeUp()) {
        log.info('import.resumed', { importId: file.id, lines: file.progress?.lines ?? 0 })
        add(file)
      }
      await folder.tidy(clock())
    } catch (error) {
      log.warn('import.left-overs-stay', { error })
    }
  }
  let looked = look()
  // Of processes that share the folder one may have been killed; and what is abandoned goes a day later.
  const timer = setInterval(() => {
    looked = looked.then(look)
  }, LOOK_EVERY_MS)
  const close = async (): Promise<void> => {
    stopping.abort()
    clearInterval(timer)
    await looked
    await queue
  }
  return {
    async start(content, format) {
      const id = newId()
      add(await folder.receive(id, format, content, options.maxBytes ?? GIB))
      return id
    },
    async state(id) {
      // What was left by a process before this one is known after the first look.
      await looked
      const counts = states.get(id)
      if (counts === undefined) return null
      return { ...counts, errors: counts.errors.toSorted((a, b) => a.line - b.line) }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Job {
  readonly file: TakenFile<Counts>
  readonly counts: Counts
  readonly signal: AbortSignal
}

async function run(options: ImportOptions, job: Job): Promise<void> {
  const { counts, file } = job
  try {
    await importLines(options, job)
  } catch (error) {
    if (job.signal.aborted) {
      options.log.info('import.interrupted', { importId: file.id, lines: counts.lines })
      return file.leave()
    }
    if (error instanceof UnreadableFile) note(counts, 1, error.message)
    else {
      options.log.error('import.failed', { importId: file.id, error })
      note(counts, counts.lines, 'the import stopped here: the server met an error')
    }
  }
  counts.state = 'done'
  await file.remove()
}

interface Wanted {
  readonly line: number
  readonly change: NamedChange
}

async function importLines(options: ImportOptions, job: Job): Promise<void> {
  const { counts, file, signal } = job
  const rules = await onceThere(signal, () => loadRules(options.db))
  const lines = readLines(file.path, signal)
  const found: AsyncIterable<UserLine> =
    file.format === 'csv' ? readCsvUsers(lines, rules.fields) : readNdjsonUsers(lines)
  const size = options.isEmbedded ? EMBEDDED_BATCH : BATCH
  const keeper = createKeeper(options, job)
  let before = counts.lines
  let batch: Wanted[] = []
  try {
    for await (const item of found) {
      if (before > 0) {
        // A process before this one has done it.
        before -= 1
        continue
      }
      counts.lines += 1
      const parsed = 'reason' in item ? null : options.parse(item.value)
      if ('reason' in item) note(counts, item.line, item.reason)
      else if (parsed !== null && 'errors' in parsed) {
        note(counts, item.line, inWords(parsed.errors))
      } else if (parsed !== null) batch.push({ line: item.line, change: parsed.change })
      if (batch.length >= size) {
        await saveBatch(options, job, rules, batch)
        batch = []
        await keeper.noteSaved()
        await nextTurn()
        signal.throwIfAborted()
      }
    }
    await saveBatch(options, job, rules, batch)
  } catch (error) {
    if (signal.aborted) await keeper.keep()
    throw error
  }
}

/** Keeps how far an import is beside its file: of what is in the database, and no further. */
function createKeeper(
  { log }: ImportOptions,
  { counts, file }: Job,
): { noteSaved(): Promise<void>; keep(): Promise<void> } {
  let saved: Counts = { ...counts, errors: [...counts.errors] }
  let keptAt = performance.now()
  const keep = (): Promise<void> => {
    keptAt = performance.now()
    return file.keepProgress(saved).catch((error: unknown) => {
      // A full disk: more of the file is read again then, no more.
      log.warn('import.progress-not-kept', { importId: file.id, error })
    })
  }
  return {
    async noteSaved() {
      saved = { ...counts, errors: [...counts.errors] }
      if (performance.now() - keptAt > KEEP_PROGRESS_MS) await keep()
    },
    keep,
  }
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
      options.log.warn('import.line-failed', { importId: job.file.id, line: batch[0]?.line, error })
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
