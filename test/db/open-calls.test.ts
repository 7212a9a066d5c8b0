import assert from 'node:assert/strict'
import test from 'node:test'
import { loadOpenCalls } from '../../db/open-calls.ts'
import { onEachDatabase } from '../support/database.ts'
import { createWorld } from '../support/world.ts'

onEachDatabase((open) => {
  test('HOLD-5 calls that go on are read, and ended ones of which the PBX still has a channel', async () => {
    await using world = await createWorld(open)
    const { connectionId } = world
    const { db } = world.context.database
    const parties = { from_user: '+79161234567', to_user: '101' }
    for (const unique_id of ['1700000000.1', '1700000000.2']) {
      await world.hook({ status: 'incoming_start', unique_id, ...parties })
    }
    await world.hook({ status: 'incoming_end', unique_id: '1700000000.1', ...parties })
    await world.settled()
    const read = async (...liveIds: string[]) =>
      (await loadOpenCalls(db, connectionId, liveIds)).map(({ call }) => [
        call.uniqueId,
        call.isOver,
      ])
    assert.deepEqual(await read(), [['1700000000.2', false]])
    assert.deepEqual(await read('1700000000.2', '1700000000.9'), [['1700000000.2', false]])
    assert.deepEqual(await read('1700000000.1', '1700000000.2'), [
      ['1700000000.1', true],
      ['1700000000.2', false],
    ])
  })
})
