import assert from 'node:assert/strict'
import test from 'node:test'
import { loadSettings } from '../../db/settings.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { pickSeed } from '../support/random.ts'
import { fillYear } from './reports-fill.ts'
import { compareAll, createCounted } from './reports-questions.ts'
import { settingsOf, yearOf } from './reports-year.ts'

test('PERF-6 a generated year: every report says what the generator counted by itself', async (t) => {
  const server = process.env.TEST_DATABASE_URL
  if (!server) return t.skip('no PostgreSQL')
  const seed = pickSeed()
  t.diagnostic(`seed ${seed} (TEST_SEED sets it)`)
  const { database, url, drop } = await createPostgresDatabase(server)
  try {
    const counted = createCounted()
    await fillYear(url, () => yearOf(2000, seed), counted.see)
    const settings = settingsOf(await loadSettings(database.db))
    assert.ok((await compareAll(database.db, settings, counted)) > 20_000)
  } finally {
    await drop()
  }
})
