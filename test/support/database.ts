import { randomBytes } from 'node:crypto'
import { after, describe } from 'node:test'
import { sql } from 'kysely'
import { type Database, openDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { openInMemory } from './in-memory.ts'

/** Opens an empty, migrated database. It is gone when the test file ends. */
export type Open = () => Promise<Database>

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

/** A new database on the PostgreSQL server at `url`. */
export async function createPostgresDatabase(
  url: string,
): Promise<{ database: Database; url: string; drop: () => Promise<void> }> {
  const name = `ringside_${randomBytes(6).toString('hex')}`
  const admin = await openDatabase({ url })
  await sql`create database ${sql.id(name)}`.execute(admin.db)
  const own = new URL(url)
  own.pathname = `/${name}`
  const database = await openDatabase({ url: own.href })
  await migrate(database.db)
  const drop = async (): Promise<void> => {
    await database.close()
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin.db)
    await admin.close()
  }
  return { database, url: own.href, drop }
}
