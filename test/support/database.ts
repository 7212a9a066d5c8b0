import { randomBytes } from 'node:crypto'
import { after, describe } from 'node:test'
import { sql } from 'kysely'
import { type Database, type Db, openDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { openInMemory } from './in-memory.ts'
import { migratedHash } from './migrated.ts'

/** Opens an empty, migrated database. It is gone when the test file ends. */
export type Open = () => Promise<Database>

/**
 * Of a long table, PGlite plays one row in `every`, others with another `seed`: what it does with a row is
 * what PostgreSQL does, which plays them all. Where there is no PostgreSQL it plays them all itself.
 */
export function playsRow(
  kind: Database['kind'],
  { row, every, seed }: { row: number; every: number; seed: number },
): boolean {
  return kind === 'postgres' || !process.env.TEST_DATABASE_URL || (row + seed) % every === 0
}

/** Runs the tests once on PGlite and once on PostgreSQL (`TEST_DATABASE_URL`). */
export function onEachDatabase(define: (open: Open, kind: Database['kind']) => void): void {
  describe('on PGlite', () => {
    const opened: Database[] = []
    after(async () => {
      for (const database of opened) await database.close()
    })
    define(async () => {
      const database = await openInMemory()
      opened.push(database)
      return database
    }, 'pglite')
  })
  const url = process.env.TEST_DATABASE_URL
  const skip = url
    ? false
    : 'TEST_DATABASE_URL is not set: `npm test` sets it to a PostgreSQL of its own'
  describe('on PostgreSQL', { skip }, () => {
    const closes: (() => Promise<void>)[] = []
    after(async () => {
      for (const close of closes) await close()
    })
    define(async () => {
      const { database, drop } = await createPostgresDatabase(String(url))
      closes.push(drop)
      return database
    }, 'postgres')
  })
}

/** A new, migrated database on the PostgreSQL server at `url`. */
export async function createPostgresDatabase(
  url: string,
): Promise<{ database: Database; url: string; drop: () => Promise<void> }> {
  const name = `ringside_${randomBytes(6).toString('hex')}`
  const admin = await openDatabase({ url })
  await sql`create database ${sql.id(name)} template ${sql.id(await templateAt(url, admin))}`.execute(
    admin.db,
  )
  const own = databaseAt(url, name)
  const database = await openDatabase({ url: own })
  const drop = async (): Promise<void> => {
    await database.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin.db)
    await admin.close()
  }
  return { database, url: own, drop }
}

function databaseAt(url: string, name: string): string {
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}

/** To migrate takes a second, to copy does not: the first who comes makes what all others copy, and it stays. */
async function templateAt(url: string, admin: Database): Promise<string> {
  const name = `ringside_template_${migratedHash()}`
  await admin.db.connection().execute(async (one) => {
    await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`.execute(one)
    try {
      const { rows } = await sql`select from pg_database where datname = ${name}`.execute(one)
      if (rows.length === 0) await makeTemplate(url, name, one)
    } finally {
      await sql`select pg_advisory_unlock(${TEMPLATE_LOCK})`.execute(one)
    }
  })
  return name
}

const TEMPLATE_LOCK = 20261122

async function makeTemplate(url: string, name: string, one: Db): Promise<void> {
  const part = `${name}_part`
  await sql`drop database if exists ${sql.id(part)} with (force)`.execute(one)
  await sql`create database ${sql.id(part)}`.execute(one)
  const database = await openDatabase({ url: databaseAt(url, part) })
  await migrate(database.db)
  await database.close()
  await sql`alter database ${sql.id(part)} rename to ${sql.id(name)}`.execute(one)
}
