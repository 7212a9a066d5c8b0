import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { closeSilentCalls } from '../../server/pipeline/close-calls.ts'
import { onStage } from '../support/stage.ts'

const mp3 = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))

onStage((stage) => {
  /** Nothing is heard for so long; then the chore that a server does every second. */
  async function silence(seconds: number): Promise<void> {
    await stage.world.settled()
    stage.world.tick(seconds)
    const { database, log, clock, registry, hub } = stage.world.context
    await closeSilentCalls({
      database,
      log,
      clock,
      connectionById: registry.byId,
      onTold: hub.wake,
      onRecording: () => undefined,
    })
    stage.world.context.pipeline.wake()
    await stage.world.settled()
  }

  test('CALL-12 a call that rings closes after 5 minutes without an event', async () => {
    const call = await stage.incoming(stage.number())
    await silence(4 * 60 + 50)
    assert.equal((await call.view()).state, 'ringing')
    await silence(20)
    const { state, outcome, endedAt, ringingAt, talkSeconds, endNotReported } = await call.view()
    assert.deepEqual([state, outcome, talkSeconds, endNotReported], ['ended', 'missed', null, true])
    assert.equal(endedAt, ringingAt)
    const { status, handset, createdAt } = await call.case()
    assert.deepEqual([status, handset, createdAt], ['open', 'red', endedAt])
  })

  test('CALL-12 a call in a queue closes after 60 minutes', async () => {
    const call = await stage.incoming(stage.number(), { queue: 'sales' })
    await silence(59 * 60)
    assert.equal((await call.view()).state, 'ringing')
    await silence(70)
    assert.equal((await call.view()).outcome, 'missed')
  })

  test('CALL-12 an answered call closes after 4 hours, a later real end corrects it', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    await silence(3 * 3600 + 59 * 60)
    assert.equal((await call.view()).state, 'answered')
    await silence(70)
    const closed = await call.view()
    assert.deepEqual(
      [closed.state, closed.outcome, closed.talkSeconds, closed.endNotReported],
      ['ended', 'answered', null, true],
    )
    assert.equal(closed.endedAt, closed.answeredAt)
    assert.equal((await call.case()).assigneeId, stage.world.agents.anna)
    await call.end()
    const corrected = await call.view()
    assert.equal(corrected.endNotReported, false)
    assert.ok(Number(corrected.talkSeconds) >= 4 * 3600)
    assert.notEqual(corrected.endedAt, closed.endedAt)
    assert.equal(corrected.caseId, closed.caseId)
  })

  test('CALL-12 an agent says that the call is over', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    await stage.world.settled()
    stage.world.tick(60)
    assert.equal((await call.post('boris', 'close')).status, 404)
    const closed = await call.post('anna', 'close')
    assert.equal(closed.status, 200)
    assert.deepEqual(
      [closed.body.state, closed.body.outcome, closed.body.endNotReported],
      ['ended', 'answered', true],
    )
    assert.equal((await call.case()).status, 'open')
    assert.equal((await call.post('anna', 'close')).status, 200)
  })

  test('CALL-8 a recording before the end, after it, twice, and a second part', async () => {
    const call = await stage.incoming(stage.number())
    await call.answer()
    const recordings = async () => (await call.view()).recordings.length
    const upload = async (bytes: Uint8Array) =>
      assert.equal(await stage.world.record(call.uniqueId, bytes), 200)
    await upload(mp3)
    assert.equal(await recordings(), 1)
    await call.end()
    await upload(mp3)
    assert.equal(await recordings(), 1, 'the same bytes')
    await upload(Buffer.concat([mp3, mp3.subarray(mp3.length >> 1)]))
    assert.equal(await recordings(), 2, 'a second part')
    assert.equal((await call.case()).messages[0]?.call?.recordings.length, 2)
  })

  test('CALL-8 a recording of a call that is not known is attached as soon as it shows up', async () => {
    const unique_id = stage.uniqueId()
    const bytes = Buffer.concat([mp3, mp3])
    assert.equal(await stage.world.record(unique_id, bytes), 200)
    const call = { unique_id, from_user: stage.number(), to_user: '101' }
    await stage.world.hook({ ...call, status: 'incoming_ring' })
    assert.equal((await stage.world.call(unique_id)).recordings.length, 1)
    await stage.world.hook({ ...call, status: 'incoming_end' })
    assert.equal((await stage.world.caseOf(unique_id)).messages[0]?.call?.recordings.length, 1)
  })
})
