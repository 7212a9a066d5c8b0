import { join } from 'node:path'
import type { PGlite, PGliteOptions } from '@electric-sql/pglite'
import { CamelCasePlugin, Kysely, PGliteDialect, sql, Transaction } from 'kysely'
import { PostgresJSDialect } from 'kysely-postgres-js'
import postgres from 'postgres'
import { lockFolder } from './folder-lock.ts'
import { aloneWithEverything, createLeases, type Leases } from './leases.ts'
import { newId } from './new-id.ts'
import { createPostgresPool, END_S } from './postgres-pool.ts'
import type { Tables } from './schema.ts'

/** A connection or a transaction: functions of `db/` take either. */
export type Db = Kysely<Tables>

export interface Database {
  readonly kind: 'postgres' | 'pglite'
  readonly db: Db
  /**
   * Calls `onWake` after a process woke the channel, and on every (re)connection of the
   * listener: what was told while nobody listened is gone, so the reader looks from its last id.
   * `isOwn`: this process woke it.
   */
  listen(channel: string, onWake: (isOwn: boolean) => void): Promise<void>
  /** Wakes listeners of other processes. Never inside a transaction: its commits would queue up. */
  wake(channel: string): Promise<void>
  /** What only one server process may do at a time; `onLost`: all that was held is lost, at once. */
  leases(onLost: () => void): Leases
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type DatabaseOptions =
  | { readonly url: string }
  | { readonly folder: string }
  | { readonly image: Blob }

/** Opens PostgreSQL by its URL, or the embedded PGlite: in a folder, or in memory as a copy of an image. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  if ('url' in options) return openPostgres(options.url)
  if ('image' in options) return toDatabase(await createPglite({ loadDataDir: options.image }))
  return openFolder(options.folder)
}

const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })]
const INT8 = 20
const JSON_TYPES = [114, 3802]

const MAX_CONNECTIONS = 10

/**
 * Nearly all statements look a few rows up, of which most are in memory: PostgreSQL takes a page that
 * it finds by an index for four times as dear as the next one of a table, and would read whole tables
 * of some thousand rows instead.
 */
const PLANNING = { random_page_cost: '1.1', jit: 'off' }

function openPostgres(url: string): Database {
  const options = {
    connect_timeout: 5,
    onnotice: () => undefined,
    connection: {
      ...PLANNING,
      application_name: 'ringside',
      idle_in_transaction_session_timeout: 10_000,
    },
    types: {
      // Ids and counts stay far below 2^53.
      bigint: { to: INT8, from: [INT8], serialize: String, parse: Number },
      json: { to: 114, from: JSON_TYPES, serialize: asText, parse: JSON.parse },
    },
  }
  const pool = createPostgresPool(options, url, MAX_CONNECTIONS)
  const db = new Kysely<Tables>({
    dialect: new PostgresJSDialect({ postgres: pool.client }),
    plugins,
  })
  // Connects when somebody listens, and again whenever that connection is lost.
  const listener = postgres(url, { ...options, max: 1 })
  const ownName = newId()
  const close = async (): Promise<void> => {
    await Promise.all([listener.end({ timeout: END_S }), db.destroy()])
  }
  return {
    kind: 'postgres',
    db,
    listen: async (channel, onWake) => {
      await listener.listen(
        channel,
        (by) => onWake(by === ownName),
        () => onWake(false),
      )
    },
    wake: async (channel) => {
      await sql`select pg_notify(${channel}, ${ownName})`.execute(db)
    },
    leases: (onLost) => createLeases(url, options, onLost),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function openFolder(folder: string): Promise<Database> {
  const unlock = await ownFolder(folder)
  try {
    return toDatabase(await createPglite({ dataDir: join(folder, 'pglite') }), unlock)
  } catch (error) {
    unlock()
    throw new Error(`the embedded database in ${folder} cannot be opened`, { cause: error })
  }
}

function toDatabase(pglite: PGlite, onClosed: () => void = () => undefined): Database {
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }), plugins })
  const close = async (): Promise<void> => {
    await db.destroy()
    if (!pglite.closed) await pglite.close()
    onClosed()
  }
  return {
    kind: 'pglite',
    db,
    // One process has it, and it wakes itself.
    listen: async () => undefined,
    wake: async () => undefined,
    leases: aloneWithEverything,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Loaded only where it is the database: beside PostgreSQL it would be 2 MB of nothing. */
async function createPglite(from: PGliteOptions): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite')
  const { pg_trgm } = await import('@electric-sql/pglite/contrib/pg_trgm')
  const pglite = await PGlite.create({
    ...from,
    extensions: { pg_trgm },
    parsers: { [INT8]: Number },
    serializers: Object.fromEntries(JSON_TYPES.map((type) => [type, asText])),
  })
  await pglite.exec(
    Object.entries(PLANNING)
      .map(([name, value]) => `set ${name} = ${value}`)
      .join(';'),
  )
  return pglite
}

/** PGlite does not lock its folder, and two processes on one folder lose rows. */
async function ownFolder(folder: string): Promise<() => void> {
  const unlock = await lockFolder(folder)
  if (unlock !== null) return unlock
  throw new Error(
    `DATA_DIR ${folder} is in use by another Ringside; stop it, or set another DATA_DIR`,
  )
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * JSON text for a jsonb column. PostgreSQL takes neither U+0000 nor half a surrogate pair there, and
 * text from the phone network can hold both.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value)
  // Looking at each string by itself takes several times as long, and hardly any needs it.
  if (!ODD_CHARACTERS.test(text)) return text
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.toWellFormed().replaceAll('\0', '\ufffd') : item,
  )
}

/** As JSON escapes them. */
const ODD_CHARACTERS = /\\u(?:0000|d[89a-f])/

/**
 * Whether a column, as TypeScript names it, holds one of these. However many they are, the statement is the same: each
 * other one is prepared and kept by every connection, here and in PostgreSQL (HOLD-12). For a column with an index.
 */
export function isAnyOf(column: string, texts: readonly string[]) {
  return sql<boolean>`${sql.ref(column)} = any(${toArray(texts)})`
}

/** A list of texts as a parameter that both drivers take. */
export function toArray(texts: readonly string[]) {
  return sql<string[]>`array${toRows(texts)}`
}

/** For what has no index: an array would be looked through for each row (500 texts and 10,000 rows: 130 ms, so 3). */
export function toRows(texts: readonly string[]) {
  return sql`(select jsonb_array_elements_text(${toJson(texts)}::jsonb))`
}

/** Runs `work` in one transaction; a transaction inside a transaction is the same one. */
export function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute((tx) => onOneConnection(tx, work))
}

/**
 * Kysely sends a statement of a transaction when the one before is answered. The driver can send the
 * next ones meanwhile (it has its answers in the order of its questions), and each answer that nobody
 * waits for is a round trip less (PERF-2).
 */
function onOneConnection<T>(tx: Transaction<Tables>, work: (tx: Db) => Promise<T>): Promise<T> {
  const executor = tx.getExecutor()
  return executor.provideConnection((connection) =>
    work(
      new Transaction<Tables>({
        ...NEVER_ASKED,
        executor: executor.withConnectionProvider({ provideConnection: (use) => use(connection) }),
      }),
    ),
  )
}

const dialect = new PGliteDialect({
  pglite: () => Promise.reject(new Error('a transaction was asked for a connection')),
})
/** What Kysely takes besides the executor; a transaction that has begun asks the executor alone. */
const NEVER_ASKED = { dialect, config: { dialect }, driver: dialect.createDriver() }

/**
 * Asks several things at once. Of a transaction they are asked in this order, and what comes later sees
 * what came before it. Where one fails, the others are waited for: nothing may be asked on a
 * connection whose transaction is over.
 */
export async function together<const Asked extends readonly unknown[]>(
  asked: Asked,
): Promise<{ -readonly [Key in keyof Asked]: Awaited<Asked[Key]> }> {
  try {
    return await Promise.all(asked)
  } catch (error) {
    await Promise.allSettled(asked)
    throw error
  }
}
