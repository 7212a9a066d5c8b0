import assert from 'node:assert/strict'
import test from 'node:test'
import { createPostgresDatabase } from '../support/database.ts'
import { whyNot } from '../support/proxy.ts'
import { rollOver } from './rolling-check.ts'

const skip = process.env.TEST_DATABASE_URL
  ? whyNot('haproxy')
  : 'TEST_DATABASE_URL is not set: `npm test` sets it to a PostgreSQL of its own'

test('HOLD-6 HOLD-7 two processes restarted in turn behind HAProxy: no webhook fails, no event is lost or told twice', {
  skip,
}, async () => {
  const { url, drop } = await createPostgresDatabase(String(process.env.TEST_DATABASE_URL))
  try {
    for (const { what, found, isRight } of await rollOver(url, { rolls: 2, drainSeconds: 10 })) {
      assert.ok(isRight, `${what}: ${found}`)
    }
  } finally {
    await drop()
  }
})
