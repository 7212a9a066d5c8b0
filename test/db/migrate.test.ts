import assert from 'node:assert/strict'
import test from 'node:test'
import type { KyselyPlugin } from 'kysely'
import { migrate } from '../../db/migrate.ts'
import { onEachDatabase } from '../support/database.ts'

/** Makes a database say that it is another version. */
function saying(version: string, number: number): KyselyPlugin {
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => ({
      ...result,
      rows: result.rows.map((row) => ('version' in row ? { ...row, version, number } : row)),
    }),
  }
}

onEachDatabase((open) => {
  test('a PostgreSQL that is too old stops the start, and the line says how old it may be', async () => {
    const { db } = await open()
    await assert.rejects(migrate(db.withPlugin(saying('13.22 (Debian)', 130_022))), {
      message: 'DATABASE_URL leads to PostgreSQL 13.22 (Debian), expected 14 or newer',
    })
    await migrate(db.withPlugin(saying('14.0', 140_000)))
  })
})
