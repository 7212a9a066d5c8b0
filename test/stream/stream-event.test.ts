import assert from 'node:assert/strict'
import test from 'node:test'
import { toRun, toStreamEvent } from '../../server/stream/stream-event.ts'

const eventAt = (id: number) =>
  toStreamEvent({ id, type: 'agent', audience: null, data: { id } }, `e${id}`)

test('PERF-3 who has seen some events of a run is written the others alone', () => {
  const events = [eventAt(7), eventAt(8), eventAt(10)] as const
  const run = toRun(events)
  const bytesOf = (...at: readonly number[]) => Buffer.concat(at.map((i) => events[i]!.bytes))
  assert.equal(run.position, 10)
  assert.equal(run.length, bytesOf(0, 1, 2).length)
  assert.deepEqual(run.bytesAfter(3), bytesOf(0, 1, 2))
  assert.deepEqual(run.bytesAfter(6), bytesOf(0, 1, 2))
  assert.deepEqual(run.bytesAfter(7), bytesOf(1, 2))
  assert.deepEqual(run.bytesAfter(9), bytesOf(2))
  assert.equal(run.bytesAfter(0), run.bytesAfter(1), 'made once for all clients')
})
