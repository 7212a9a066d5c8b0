import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { createRetention, type RetentionDeps } from '../../server/privacy/retention.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { openStream } from '../support/sse.ts'
import { createWorld, type World } from '../support/world.ts'

const RECORDING = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))
const DAY = 24 * 60 * 60

async function call(world: World, uniqueId: string, ends = true): Promise<void> {
  const fields = { unique_id: uniqueId, from_user: '+79160000001', to_user: '101' }
  await world.hook({ ...fields, status: 'incoming_ring' })
  await world.hook({ ...fields, status: 'incoming_answer' })
  if (ends) await world.hook({ ...fields, status: 'incoming_end' })
  await world.settled()
}

async function count(world: World, table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ${sql.table(table)}`.execute(world.context.database.db)
  return rows[0]?.n ?? -1
}

function files(world: World): string[] {
  const folder = join(world.context.config.dataDir, 'recordings')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.mp3$/.test(name),
  )
}

/** What the world's own sweep is made of, to be made again by a test. */
function deps(world: World): RetentionDeps {
  const { database, storage, intake } = world.context
  return {
    database,
    log: createMemoryLog(),
    clock: world.now,
    storage,
    pendingInSpool: intake.pendingInSpool,
    onTold: world.context.hub.wake,
  }
}

onEachDatabase((open) => {
  test('SAFE-9 a recording over age goes with its file, and its call says so to who has it open', async () => {
    await using world = await createWorld(open)
    await call(world, 'r1')
    assert.equal(await world.record('r1', RECORDING), 200)
    const { recordings, caseId } = await world.call('r1')
    world.tick(179 * DAY)
    assert.equal(await world.context.retention.run(), true)
    assert.equal((await world.call('r1')).recordings.length, 1)
    await call(world, 'r2')
    assert.equal(await world.record('r2', Buffer.concat([RECORDING, Buffer.from([0])])), 200)
    await world.settled()
    world.tick(2 * DAY)
    using stream = await openStream(world.url, world.token('anna'))
    await stream.next(({ type }) => type === 'hello')
    assert.equal(await world.context.retention.run(), true)
    const old = await world.call('r1')
    assert.deepEqual([old.recordings, old.recordingsGone], [[], 'over-age'])
    assert.equal((await world.call('r2')).recordings.length, 1)
    assert.equal(files(world).length, 1)
    assert.equal((await world.api('GET', `/api/recordings/${recordings[0]?.id}`)).status, 404)
    // The measuring of the recording may have been told just before.
    await stream.next(
      ({ type, data }) =>
        type === 'call' && data.id === old.id && data.recordingsGone === 'over-age',
    )
    await stream.next(({ type, data }) => type === 'case' && data.id === caseId)
    const { rows } = await sql`select from recording_peaks
      where recording_id = ${recordings[0]?.id}`.execute(world.context.database.db)
    assert.equal(rows.length, 0)
  })

  test('SAFE-9 events and the log of a connection go after 30 days, or as the settings say', async () => {
    await using world = await createWorld(open)
    await call(world, 'e1')
    await world.hook({ status: 'no such status', unique_id: 'e2' })
    assert.ok((await count(world, 'call_events')) > 0)
    await world.api('PATCH', '/api/settings', { retention: { eventsDays: 10 } })
    world.tick(9 * DAY)
    await world.context.retention.run()
    assert.ok((await count(world, 'call_events')) > 0)
    await call(world, 'e3')
    const fresh = 3
    world.tick(2 * DAY)
    await world.context.retention.run()
    assert.equal(await count(world, 'call_events'), fresh)
    assert.equal(await count(world, 'connection_log'), 0)
    // The call itself stays as it was, with an empty trace.
    const old = await world.call('e1')
    assert.deepEqual([old.state, old.outcome, old.from.e164], ['ended', 'answered', '+79160000001'])
    assert.deepEqual((await world.api('GET', `/api/calls/${old.id}/trace`)).body.items, [])
  })

  test('SAFE-9 a file without an event is removed a day later, and no other', async () => {
    await using world = await createWorld(open)
    await call(world, 'o1')
    assert.equal(await world.record('o1', RECORDING), 200)
    await world.settled()
    const folder = join(world.context.config.dataDir, 'recordings', 'gone')
    mkdirSync(folder, { recursive: true })
    const [old, fresh] = ['a', 'b'].map((letter) => join(folder, `${letter.repeat(64)}.mp3`))
    for (const path of [old, fresh]) writeFileSync(String(path), RECORDING)
    const longAgo = new Date(world.now().getTime() - 2 * DAY * 1000)
    utimesSync(String(old), longAgo, longAgo)
    for (const kept of files(world).filter((name) => !name.startsWith('gone'))) {
      utimesSync(join(folder, '..', kept), longAgo, longAgo)
    }
    assert.equal(files(world).length, 3)
    await world.context.retention.run()
    assert.deepEqual(files(world).length, 2)
    assert.ok(files(world).includes(`gone/${'b'.repeat(64)}.mp3`))
  })

  test('SAFE-9 once an hour, in one process; what a killed one left is done by the next', async () => {
    await using world = await createWorld(open)
    await call(world, 'k1')
    assert.equal(await world.record('k1', RECORDING), 200)
    await world.settled()
    world.tick(200 * DAY)
    // The file is gone, the row is not: killed in between.
    let isCut = true
    const storage = {
      remove: async (key: string) => {
        await world.context.storage.remove(key)
        if (isCut) throw new Error('killed')
      },
    }
    await using own = createRetention({ ...deps(world), storage })
    await assert.rejects(own.run(), /killed/)
    isCut = false
    await using other = createRetention(deps(world))
    assert.equal(await other.run(), false)
    world.tick(60 * 60)
    const ran = await Promise.all([other.run(), own.run()])
    assert.deepEqual(ran.sort(), [false, true])
    assert.equal((await world.call('k1')).recordingsGone, 'over-age')
  })

  test('SAFE-9 after a clock that was years ahead, what is over age goes all the same', async () => {
    await using world = await createWorld(open)
    await using own = createRetention(deps(world))
    world.tick(10 * 365 * DAY)
    assert.equal(await own.run(), true)
    world.tick(-10 * 365 * DAY)
    assert.equal(await own.run(), true)
    assert.equal(await own.run(), false)
  })

  test('SAFE-9 a recording that comes in after its caller was erased is not kept', async () => {
    await using world = await createWorld(open)
    await call(world, 'l1')
    await world.api('POST', '/api/erase', { phone: '+79160000001' })
    await world.context.eraser.settled()
    assert.equal(await world.record('l1', RECORDING), 200)
    await world.settled()
    assert.equal(files(world).length, 1)
    world.tick(2 * 60 * 60)
    assert.equal(await world.context.retention.run(), true)
    assert.equal(files(world).length, 0)
    assert.equal((await world.call('l1')).recordingsGone, 'erased')
  })
})
