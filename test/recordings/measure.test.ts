import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { listUnmeasured, loadPeaks, loadRecording, saveRecording } from '../../db/recordings.ts'
import { createLog } from '../../server/log.ts'
import { createFileStorage } from '../../server/recordings/file-storage.ts'
import { createMeasurer, type Measurer } from '../../server/recordings/measure.ts'
import type { RecordingStorage } from '../../server/recordings/storage.ts'
import { onEachDatabase } from '../support/database.ts'
import { createWorld } from '../support/world.ts'

const folders: string[] = []
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

onEachDatabase((open) => {
  test('POP-9 what a killed process did not measure is caught up at the next start', async () => {
    const database = await open()
    const storage = await newStorage()
    const connectionId = await connection(database)
    const ids: string[] = []
    for (const uniqueId of ['1.1', '1.2', '1.3']) {
      ids.push(await keep(database, storage, connectionId, uniqueId, 'mono.mp3'))
    }
    assert.deepEqual(await listUnmeasured(database.db, 10), [...ids].reverse())
    const killed = measurer(database, storage)
    killed.measure(ids[0] ?? '')
    await killed.close()
    assert.equal(await loadPeaks(database.db, ids[0] ?? ''), null, 'it was stopped in the middle')

    const next = measurer(database, storage)
    await next.catchUp()
    await until(async () => (await listUnmeasured(database.db, 10)).length === 0)
    await next.close()
    for (const id of ids) {
      assert.equal((await loadPeaks(database.db, id))?.[0]?.length, 1000)
      assert.equal((await loadRecording(database.db, id))?.seconds, 4)
    }
  })

  test('POP-9 a file that is gone is measured as having no peaks, and not tried for ever', async () => {
    const database = await open()
    const storage = await newStorage()
    const connectionId = await connection(database)
    const id = await keep(database, storage, connectionId, '2.1', 'mono.mp3')
    const { storageKey = '' } = (await loadRecording(database.db, id)) ?? {}
    await storage.remove(storageKey)
    const own = measurer(database, storage)
    await own.catchUp()
    await until(async () => (await loadPeaks(database.db, id)) !== null)
    await own.close()
    assert.deepEqual(await loadPeaks(database.db, id), [])
    assert.deepEqual(await listUnmeasured(database.db, 10), [])
  })
})

async function newStorage(): Promise<RecordingStorage> {
  const folder = await mkdtemp(join(tmpdir(), 'ringside-measure-'))
  folders.push(folder)
  return createFileStorage(folder)
}

/** A connection, made as an admin makes it. */
async function connection(database: Database): Promise<string> {
  await using world = await createWorld(async () => database)
  return world.connectionId
}

async function keep(
  { db }: Database,
  storage: RecordingStorage,
  connectionId: string,
  uniqueId: string,
  file: string,
): Promise<string> {
  const bytes = readFileSync(new URL(`../fixtures/recordings/${file}`, import.meta.url))
  const received = await storage.receive(
    (async function* () {
      yield bytes
    })(),
    1_000_000,
  )
  assert.ok(received.type === 'received')
  const { recording } = await received.upload.keep(connectionId, uniqueId)
  const added = { connectionId, uniqueId, callId: null, recording, createdAt: new Date() }
  const id = await saveRecording(db, added)
  assert.ok(id !== null)
  return id
}

function measurer(database: Database, storage: RecordingStorage): Measurer {
  return createMeasurer({
    database,
    storage,
    log: createLog('error'),
    clock: () => new Date(),
    onTold: () => undefined,
  })
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await setImmediate()
}
