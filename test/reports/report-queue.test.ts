import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createReportQueue } from '../../server/reports/report-queue.ts'

const here = new AbortController().signal

test('PERF-6 one report at a time, the shortest of those that wait first', async () => {
  const queue = createReportQueue()
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const ask = (name: string, lengthMs: number, signal = here) =>
    queue.run({ lengthMs, signal }, () => {
      begun.push(name)
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
    })
  const end = async (name: string) => {
    ends.get(name)!()
    await nextTurn()
  }
  const all = [ask('year', 365), ask('month', 30), ask('day', 1), ask('other day', 1)]
  await nextTurn()
  assert.deepEqual(begun, ['year'])
  for (const name of ['year', 'day', 'other day', 'month']) await end(name)
  assert.deepEqual(begun, ['year', 'day', 'other day', 'month'])
  assert.deepEqual(await Promise.all(all), ['year', 'month', 'day', 'other day'])
  const late = ask('late', 1)
  await nextTurn()
  await end('late')
  assert.equal(await late, 'late')
})

test('PERF-6 a report that fails, or that nobody waits for any more, holds up no other', async () => {
  const queue = createReportQueue()
  const gone = new AbortController()
  const { promise, reject } = Promise.withResolvers<string>()
  const first = queue.run({ lengthMs: 1, signal: here }, () => promise)
  let isAsked = false
  const second = queue.run({ lengthMs: 1, signal: gone.signal }, async () => {
    isAsked = true
  })
  const third = queue.run({ lengthMs: 2, signal: here }, async () => 'third')
  gone.abort()
  reject(new Error('the database said no'))
  await assert.rejects(first, /said no/)
  await assert.rejects(second, /has gone/)
  assert.equal(await third, 'third')
  assert.equal(isAsked, false)
})
