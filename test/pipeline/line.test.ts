import assert from 'node:assert/strict'
import test from 'node:test'
import { onEachDatabase } from '../support/database.ts'
import { createWorld } from '../support/world.ts'

onEachDatabase((open) => {
  test('CASE-4 CASE-6 CASE-8 two missed calls are one red case, and a conversation settles it', async () => {
    await using world = await createWorld(open)
    for (const id of ['m.1', 'm.2']) {
      await world.hook({
        status: 'incoming_start',
        unique_id: id,
        from_user: '+79161234567',
        to_user: '74951000101',
      })
      await world.hook({
        status: 'incoming_ring',
        unique_id: id,
        from_user: '+79161234567',
        to_user: '101',
      })
      world.tick(5)
      await world.hook({
        status: 'incoming_end',
        unique_id: id,
        from_user: '+79161234567',
        to_user: '101',
      })
      world.tick(60)
    }
    const missed = await world.caseOf('m.1')
    assert.equal(missed.subject, 'Missed call from +7 916 123-45-67')
    assert.equal(missed.handset, 'red')
    assert.equal(missed.status, 'open')
    assert.equal(missed.assigneeId, null)
    assert.equal(missed.messages.length, 2)
    assert.equal((await world.call('m.2')).caseId, missed.id)

    await world.hook({
      status: 'incoming_ring',
      unique_id: 'a.1',
      from_user: '+79161234567',
      to_user: '101,102',
    })
    world.tick(2)
    await world.hook({
      status: 'incoming_answer',
      unique_id: 'a.1',
      from_user: '+79161234567',
      to_user: '102',
    })
    world.tick(10)
    await world.hook({
      status: 'incoming_end',
      unique_id: 'a.1',
      from_user: '+79161234567',
      to_user: '102',
    })
    const answered = await world.caseOf('a.1')
    assert.equal(answered.subject, 'Incoming call from +7 916 123-45-67')
    assert.equal(answered.status, 'open')
    assert.equal(answered.assigneeId, world.agents.boris)
    assert.deepEqual(
      answered.messages[0]?.call?.legs.map(({ extension, result }) => [extension, result]),
      [
        ['101', 'elsewhere'],
        ['102', 'answered'],
      ],
    )
    const cases = await world.cases()
    assert.equal(cases.length, 2)
    assert.equal(cases.find((each) => each.id === missed.id)?.status, 'closed')
  })
})
