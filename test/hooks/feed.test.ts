import assert from 'node:assert/strict'
import test from 'node:test'
import { inTransaction } from '../../db/database.ts'
import { eraseDeliveries } from '../../db/hook-deliveries.ts'
import { insertHook } from '../../db/hooks.ts'
import { appendOutbox, outboxRange, trimOutbox } from '../../db/outbox.ts'
import { feedHooks } from '../../server/hooks/feed.ts'
import { onEachDatabase } from '../support/database.ts'

const NOW = new Date('2026-03-02T10:00:00Z')
const LATER = new Date('2026-03-09T10:00:00Z')

onEachDatabase((open) => {
  test('ADMIN-7 what no hook has been told of is kept, is told once, and can be erased', async () => {
    const { db } = await open()
    const hook = { url: 'https://93.184.216.34/', events: null, seal: () => 'sealed' }
    await insertHook(db, hook, NOW)
    for (let index = 0; index < 250; index += 1) {
      const data = { id: `user-${index}` }
      await inTransaction(db, (tx) =>
        appendOutbox(tx, [{ type: 'user', audience: null, data, events: ['user.created'] }], NOW),
      )
    }
    // The server was down for a week: nothing of it was read.
    await trimOutbox(db, LATER)
    const range = await outboxRange(db)
    assert.equal((range?.last ?? 0) - (range?.first ?? 0), 249)

    const feedAll = async (): Promise<void> => {
      while (await feedHooks(db, LATER));
    }
    await Promise.all([feedAll(), feedAll(), feedAll()])
    await feedAll()
    const rows = await db.selectFrom('hookDeliveries').selectAll().orderBy('position').execute()
    assert.deepEqual(
      rows.map(({ body }) => JSON.parse(body).data.id),
      Array.from({ length: 250 }, (_none, index) => `user-${index}`),
    )
    await trimOutbox(db, LATER)
    const after = await outboxRange(db)
    assert.equal(after?.first, after?.last, 'only the newest is left')

    await eraseDeliveries(db, { userIds: ['user-7'] })
    const left = await db.selectFrom('hookDeliveries').select('body').execute()
    assert.equal(left.length, 249)
    assert.ok(!left.some(({ body }) => body.includes('"user-7"')))
  })
})
