import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { sql } from 'kysely'
import { type Db, inTransaction, together, toJson } from '../../db/database.ts'
import { lockEventKeys } from '../../db/locks.ts'
import { outboxRange } from '../../db/outbox.ts'
import { rowsAs } from '../../db/table-rows.ts'
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

  test('design 3 what a transaction asks at once is asked in that order, however it is put', async () => {
    const { db } = await open()
    const counts = await inTransaction(db, async (tx) => {
      const found = await together([
        lockEventKeys(tx, ['a key']),
        outboxRange(tx),
        insert(tx, 1),
        outboxRange(tx),
        sql`insert into outbox (at, type, data) select now(), 'call', 'null'
          from ${rowsAs('new', { n: 'integer' }, [{ n: 1 }, { n: 2 }])}`.execute(tx),
        outboxRange(tx),
        tx.deleteFrom('outbox').execute(),
        insert(tx, 1),
        outboxRange(tx),
      ])
      return [found[1], found[3], found[5], found[8]]
    })
    const first = counts[1]?.first ?? 0
    assert.deepEqual(counts, [
      null,
      { first, last: first },
      { first, last: first + 2 },
      { first: first + 3, last: first + 3 },
    ])
  })

  test('design 3 of what is asked at once the first failure is told, when all is over, and nothing stays', async () => {
    const { db } = await open()
    const before = await outboxRange(db)
    let isOver = false
    const later = async (tx: Db): Promise<void> => {
      // All are refused: the transaction has failed.
      for (let i = 0; i < 20; i += 1) await insert(tx, 1).catch(() => undefined)
      isOver = true
    }
    await assert.rejects(
      inTransaction(db, (tx) =>
        together([insert(tx, 1), sql`select 1 / 0`.execute(tx), insert(tx, 1), later(tx)]),
      ),
      /division by zero/,
    )
    assert.ok(isOver, 'nothing is asked on a connection whose transaction is over')
    assert.deepEqual(await outboxRange(db), before)
    await inTransaction(db, (tx) => together([insert(tx, 2), insert(tx, 1)]))
    const after = await outboxRange(db)
    assert.equal((after?.last ?? 0) - (after?.first ?? 0), 2)
  })
})

async function insert(tx: Db, rows: number): Promise<void> {
  const row = { at: new Date(), type: 'call' as const, data: toJson(null) }
  await tx
    .insertInto('outbox')
    .values(Array.from({ length: rows }, () => row))
    .execute()
}

test('HOLD-12 a list is one parameter: a statement for each length would stay with every connection', () => {
  // Subqueries, and words that are written there.
  const isFixed =
    /^'in', (\(eb\)|newest|\[('[\w-]+'|EVERY_CONNECTION, connectionId|\.\.\.statuses\]))/
  const found = globSync('db/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/'(?:not )?in',\s.*/g)]
      .map(([text]) => text)
      .filter((text) => !isFixed.test(text))
      .map((text) => `${file}: ${text}`),
  )
  assert.deepEqual(found, [])
})
