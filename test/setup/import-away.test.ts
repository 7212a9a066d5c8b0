import assert from 'node:assert/strict'
import { readdir, rm } from 'node:fs/promises'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../db/database.ts'
import { parseUserLine } from '../../server/http/routes/user-imports.ts'
import { toUserView } from '../../server/http/view.ts'
import { createImports } from '../../server/setup/import.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { newDataFolder } from '../support/migrated.ts'

const url = process.env.TEST_DATABASE_URL
const skip = url ? false : 'TEST_DATABASE_URL is not set: `npm test` sets it'

test('USER-5 HOLD-2 a file that is taken while the database is away waits for it', {
  skip,
}, async () => {
  const place = await createPostgresDatabase(String(url))
  await place.database.close()
  const through = new URL(place.url)
  await using proxy = await startCuttableProxy(Number(through.port))
  through.port = String(proxy.port)
  const folder = await newDataFolder('ringside-import-')
  const { db, ...database } = await openDatabase({ url: through.href })
  const log = createMemoryLog()
  const clock = () => new Date()
  const imports = createImports({
    ...{ db, clock, log, folder },
    ...{ parse: parseUserLine, toView: toUserView },
  })
  try {
    proxy.cut()
    const content = Buffer.from('externalId,name\na,Anna\nb,Boris\n')
    const id = await imports.start(
      (async function* () {
        yield content
      })(),
      'csv',
    )
    await pause(1500)
    assert.equal((await imports.state(id))?.state, 'running')
    assert.equal((await readdir(folder)).filter((name) => name.endsWith('.import')).length, 1)
    proxy.become('pass')
    for (let i = 0; i < 200 && (await imports.state(id))?.state === 'running'; i += 1) {
      await pause(50)
    }
    const { created, failed, state } = (await imports.state(id))!
    assert.deepEqual({ created, failed, state }, { created: 2, failed: 0, state: 'done' })
  } finally {
    await imports.close()
    await database.close()
    await place.drop()
    await rm(folder, { recursive: true })
  }
})
