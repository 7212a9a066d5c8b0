import assert from 'node:assert/strict'
import test from 'node:test'
import { createSure } from '../../server/links/sure.ts'

test('HOLD-7 what is heard while nobody can know who the owner is waits, in order, for the answer', async () => {
  let isSure = true
  const answer = Promise.withResolvers<void>()
  const done: number[] = []
  const { pass } = createSure({ isSure: () => isSure, confirm: () => answer.promise })
  pass(() => done.push(1))
  assert.deepEqual(done, [1], 'at once')
  isSure = false
  pass(() => done.push(2))
  isSure = true
  pass(() => done.push(3))
  assert.deepEqual(done, [1])
  answer.resolve()
  await answer.promise
  await new Promise(setImmediate)
  pass(() => done.push(4))
  assert.deepEqual(done, [1, 2, 3, 4])
})

test('HOLD-7 an owner that another has followed does nothing of what it finds, then and later', async () => {
  let isSure = false
  const done: number[] = []
  const { pass, sure } = createSure({
    isSure: () => isSure,
    confirm: () => Promise.reject(new Error('another process may have this connection by now')),
  })
  pass(() => done.push(1))
  await assert.rejects(sure(), /another process/)
  await new Promise(setImmediate)
  isSure = true
  pass(() => done.push(2))
  assert.deepEqual(done, [])
})
