import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { onStage } from '../support/stage.ts'

onStage((stage) => {
  test('PERF-6 while many reports wait for the database, everything else is answered', async (t) => {
    const { kind, db } = stage.world.context.database
    if (kind === 'pglite') return t.skip('one connection, for one question at a time')
    const reports = await db.transaction().execute(async (tx) => {
      await sql`lock table case_facts in access exclusive mode`.execute(tx)
      const asked = Array.from({ length: 12 }, () =>
        stage.world.api('GET', '/api/reports/time-metrics?by=agent', undefined, 'susan'),
      )
      for (let waiting = 0; waiting < 4; await nextTurn()) {
        const { rows } = await sql<{ count: number }>`
          select count(*) as count from pg_locks where relation = 'case_facts'::regclass and not granted
        `.execute(tx)
        waiting = Number(rows[0]?.count)
      }
      for (let times = 0; times < 20; times += 1) {
        // A transaction that does nothing for long is ended.
        await sql`select 1`.execute(tx)
        assert.equal((await stage.world.api('GET', '/api/calls?limit=1')).status, 200)
      }
      return asked
    })
    for (const { status } of await Promise.all(reports)) assert.equal(status, 200)
  })
})
