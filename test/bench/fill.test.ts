import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import { createPostgresDatabase, onEachDatabase } from '../support/database.ts'
import { fillHistory } from './start-fill.ts'
import { fillUsers } from './users-fill.ts'

const CALLS = 40
const PER_USER = 5

async function countOf(db: Db, table: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ${sql.table(table)}`.execute(db)
  return rows[0]!.count
}

// What benches start from is written past the functions of `db/`: a change of a table must not break it unseen.
onEachDatabase((open) => {
  test('PERF-8 the months of calls that a start is measured with are written', async () => {
    const { db } = await open()
    await fillHistory(db, CALLS)
    for (const table of ['calls', 'cases', 'call_facts', 'case_facts']) {
      assert.equal(await countOf(db, table), CALLS, table)
    }
    assert.equal(await countOf(db, 'users'), CALLS / PER_USER)
  })
})

const server = process.env.TEST_DATABASE_URL
const skip = server ? false : 'TEST_DATABASE_URL is not set: `npm test` sets it'

test('PERF-5 the users that questions are measured with are written', { skip }, async () => {
  const { database, url, drop } = await createPostgresDatabase(String(server))
  try {
    await fillUsers(url, 1, CALLS)
    assert.equal(await countOf(database.db, 'users'), CALLS)
    assert.ok((await countOf(database.db, 'user_words')) > 0)
  } finally {
    await drop()
  }
})
