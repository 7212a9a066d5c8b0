import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Db, openDatabase } from '../../db/database.ts'
import { newDataFolder } from '../support/migrated.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { judge } from './judge.ts'
import { createPhoneLoad } from './phone-load.ts'
import { settled, setUp, startReady } from './server.ts'

const seed = pickSeed()

/** What could have become of calls, and what the judge has to say to it. */
const FAULTS: readonly {
  readonly name: string
  readonly says: 'lost' | 'doubled' | 'wrong'
  plant(db: Db, callId: string): Promise<unknown>
}[] = [
  {
    name: 'an event that was acknowledged is not there',
    says: 'lost',
    plant: (db, callId) => db.deleteFrom('callEvents').where('callId', '=', callId).execute(),
  },
  {
    name: 'a call has no message',
    says: 'wrong',
    plant: (db, callId) => db.deleteFrom('messages').where('callId', '=', callId).execute(),
  },
  {
    name: 'a call whose end is kept was ended as if nothing more had been told of it',
    says: 'wrong',
    plant: (db, callId) =>
      db
        .updateTable('calls')
        .set({ endNotReported: true, outcome: 'missed', agentId: null })
        .where('id', '=', callId)
        .execute(),
  },
]

// What HOLD-1, HOLD-2 and HOLD-9 are judged by.
test(`HOLD-1 the judge finds nothing in what is right, and each planted fault (seed ${seed})`, async () => {
  const folder = await newDataFolder('ringside-judge-')
  const server = await startReady({ DATA_DIR: folder })
  try {
    const pbx = await setUp(server.url)
    const load = createPhoneLoad(pbx.path, createRandom(seed))
    const over = new AbortController()
    const playing = load.play(server.url, 40, 1, over.signal)
    await pause(1000)
    over.abort()
    await playing
    await load.finish(server.url, 2)
    await settled(server.url)
    await server.stop()
    await using database = await openDatabase({ folder })
    const { db } = database
    const verdict = () => judge(database, load.people, load.sent, pbx.agentOf)
    const right = await verdict()
    assert.deepEqual([right.lost, right.doubled, right.wrong], [[], [], []])
    const calls = await db
      .selectFrom('calls')
      .select(['id'])
      .where('outcome', '=', 'answered')
      .execute()
    for (const [index, { name, says, plant }] of FAULTS.entries()) {
      const before = (await verdict())[says].length
      await plant(db, calls[index]!.id)
      assert.ok((await verdict())[says].length > before, name)
    }
    assert.equal((await verdict()).notCompared, 0)
  } finally {
    await server.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
