import assert from 'node:assert/strict'
import test from 'node:test'
import type { KyselyPlugin } from 'kysely'
import { type Db, inTransaction } from '../../db/database.ts'
import { appendOutbox, outboxRange, readOutbox } from '../../db/outbox.ts'
import { createRecent, type Recent } from '../../server/stream/recent.ts'
import { toStreamEvent } from '../../server/stream/stream-event.ts'
import { onEachDatabase } from '../support/database.ts'
import { createRandom, pickSeed } from '../support/random.ts'

const MAX_REPLAY = 2000
const seed = pickSeed()
process.stdout.write(`stream/recent: TEST_SEED=${seed}\n`)

/** How many rows each statement gave. */
function counting(rows: number[]): KyselyPlugin {
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      rows.push(result.rows.length)
      return result
    },
  }
}

/** What was told, and read as the hub reads it. */
async function createTold(db: Db) {
  const rows: number[] = []
  let newest = (await outboxRange(db))?.last ?? 0
  const recent: Recent = createRecent({
    db: db.withPlugin(counting(rows)),
    newest: () => newest,
    toId: String,
  })
  return {
    recent,
    /** The rows of each statement since it was asked for last. */
    rows: () => rows.splice(0),
    newest: () => newest,
    tell: async (count: number): Promise<void> => {
      const one = { type: 'settings', audience: null, data: {} } as const
      const entries = Array.from({ length: count }, () => one)
      await inTransaction(db, (tx) => appendOutbox(tx, entries, new Date()))
      for (const row of await readOutbox(db, newest, count)) {
        recent.add(toStreamEvent(row, String(row.id)))
        newest = row.id
      }
    },
  }
}

onEachDatabase((open, kind) => {
  test(`PERF-3 who missed little costs little, who missed more is one of many (${kind})`, async () => {
    await using database = await open()
    const { recent, rows, newest, tell } = await createTold(database.db)
    await tell(2500)
    assert.equal((await recent.after(newest() - 3))?.length, 3)
    assert.equal(Math.max(...rows()), 3)
    await tell(2)
    assert.equal((await recent.after(newest() - 4))?.length, 4)
    assert.deepEqual(rows(), [])
    assert.equal((await recent.after(newest() - 1000))?.length, 1000)
    assert.equal(Math.max(...rows()), MAX_REPLAY)
    assert.equal((await recent.after(newest() - 1500))?.length, 1500)
    assert.equal(await recent.after(newest() - MAX_REPLAY - 1), null)
    assert.deepEqual(rows(), [], 'what is gone is not looked for again and again')
  })

  test(`design 8 whoever comes back while others do, and while things happen, misses nothing (${kind})`, async () => {
    await using database = await open()
    const random = createRandom(seed)
    const pick = (count: number): number => Math.floor(random() * count)
    for (let round = 0; round < 20; round += 1) {
      const { recent, newest, tell } = await createTold(database.db)
      await tell(1 + pick(2300))
      const first = (await outboxRange(database.db))!.first
      const ask = async (): Promise<void> => {
        const asked = newest()
        const position = Math.max(0, asked - pick(random() < 0.5 ? 20 : 2200))
        const events = await recent.after(position)
        if (events === null) return assert.ok(position < Math.max(first - 1, asked - MAX_REPLAY))
        const ids = events.map((event) => event.position)
        assert.ok((ids.at(-1) ?? position) >= asked, 'all that was known when they asked')
        assert.deepEqual(
          ids,
          [...ids.keys()].map((index) => position + 1 + index),
        )
      }
      const all: Promise<void>[] = []
      for (let step = 0; step < 10; step += 1) {
        for (let each = pick(4); each > 0; each -= 1) all.push(ask())
        await tell(1 + pick(5))
      }
      await Promise.all(all)
    }
  })
})
