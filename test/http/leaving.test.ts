import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLeaving } from '../../server/http/leaving.ts'

test('HOLD-6 streams of a process that leaves go one after another, in the second half of its time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let drawn = 0
  const leaving = createLeaving(10_000, () => (drawn++ % 11) / 10)
  let gone = 0
  for (let count = 0; count < 110; count += 1) leaving.onTurn(() => gone++)
  const unturn = leaving.onTurn(() => assert.fail('this one went by itself'))
  const over = leaving.begin().then(() => 'over')
  unturn()
  assert.ok(leaving.isLeaving())
  t.mock.timers.tick(4999)
  assert.equal(gone, 0)
  const each: number[] = []
  for (let second = 5; second <= 10; second += 1) {
    t.mock.timers.tick(second === 5 ? 1 : 1000)
    each.push(gone)
  }
  assert.deepEqual(each, [10, 30, 50, 70, 90, 110])
  assert.equal(await over, 'over')
})

test('HOLD-6 who comes while a process leaves goes again; a second signal is not waited for', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const leaving = createLeaving(10_000, () => 0)
  const over = leaving.begin()
  let isGone = false
  leaving.onTurn(() => {
    isGone = true
  })
  t.mock.timers.tick(5000)
  assert.ok(isGone)
  leaving.hurry()
  await over
  await leaving.begin()
})

test('without a time to leave in there is none to wait for', async () => {
  await createLeaving(0).begin()
})
