import assert from 'node:assert/strict'
import test from 'node:test'
import { toJson } from '../../db/database.ts'
import { onEachDatabase } from '../support/database.ts'

onEachDatabase((open) => {
  test('values come back as they went in, on both databases', async () => {
    const { db } = await open()
    const at = new Date('2026-11-21T02:19:19.123Z')
    const hostile = {
      text: 'a"b\\u0000 \0 \ud800 😀',
      list: [1, null, 'x'],
      camelKey: { snake_key: 1 },
    }
    await db
      .insertInto('outbox')
      .values({ at, type: 'call', audience: toJson(null), data: toJson(hostile) })
      .execute()
    const row = await db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow()
    assert.equal(row.id, 1)
    assert.deepEqual(row.at, at)
    assert.equal(row.audience, null)
    assert.deepEqual(row.data, { ...hostile, text: 'a"b\\u0000 \ufffd \ufffd 😀' })
  })
})
