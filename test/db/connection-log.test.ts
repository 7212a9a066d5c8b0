import assert from 'node:assert/strict'
import test from 'node:test'
import { appendConnectionLogs, listConnectionLog } from '../../db/connection-log.ts'
import { inTransaction } from '../../db/database.ts'
import { onEachDatabase } from '../support/database.ts'
import { createWorld } from '../support/world.ts'

const KEPT = 500

onEachDatabase((open, kind) => {
  test('CALL-7 of a log that two write at once the last 500 stay, and neither waits for the other', async () => {
    await using world = await createWorld(open)
    const { connectionId, context } = world
    const { db } = context.database
    const entriesOf = (reason: string, count: number) =>
      Array.from({ length: count }, () => ({
        ...{ connectionId, reason, kind: 'refused' as const, at: new Date() },
        ...{ hint: 'x', source: '127.0.0.1', fields: {} },
      }))
    await appendConnectionLogs(db, entriesOf('old', KEPT))
    const other = () => appendConnectionLogs(db, entriesOf('second', 20))
    await inTransaction(db, async (tx) => {
      await appendConnectionLogs(tx, entriesOf('first', 10))
      // The embedded database has one connection, which this transaction holds.
      if (kind === 'postgres') await other()
    })
    if (kind === 'pglite') await other()
    await appendConnectionLogs(db, entriesOf('last', 1))
    const page = { limit: 1000, before: null, kind: null }
    const reasons = (await listConnectionLog(db, connectionId, page)).map(({ reason }) => reason)
    const count = (asked: string) => reasons.filter((reason) => reason === asked).length
    assert.deepEqual(
      { old: count('old'), first: count('first'), second: count('second'), last: count('last') },
      { old: KEPT - 31, first: 10, second: 20, last: 1 },
    )
  })
})
