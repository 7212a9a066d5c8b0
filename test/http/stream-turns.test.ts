import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createStreamTurns } from '../../server/http/stream-turns.ts'

const AT_ONCE = 16
/** Longer than nobody has to come. */
const CALM_MS = 30

test('HOLD-6 streams begin some at a time, in the order in which they came; one that began, or failed, makes room', async () => {
  const turns = createStreamTurns()
  const began: number[] = []
  const letOn = new Map<number, () => void>()
  const all = Array.from({ length: AT_ONCE + 3 }, (_, index) =>
    turns.begin(async () => {
      began.push(index)
      if (index === 1) throw new Error('it could not begin')
      await new Promise<void>((resolve) => letOn.set(index, resolve))
    }),
  )
  const failed = assert.rejects(all[1]!, /could not begin/)
  await pause(CALM_MS)
  // The one that failed made room.
  assert.deepEqual(began, [...Array(AT_ONCE + 1).keys()])
  letOn.get(5)?.()
  await pause(CALM_MS)
  assert.deepEqual(began, [...Array(AT_ONCE + 2).keys()])
  for (const resolve of [...letOn.values()]) resolve()
  await pause(CALM_MS)
  for (const resolve of [...letOn.values()]) resolve()
  await Promise.all([failed, ...all.filter((_, index) => index !== 1)])
  assert.equal(began.length, AT_ONCE + 3)
})

test('HOLD-6 while somebody comes all the time, streams wait, but not for ever', async () => {
  const turns = createStreamTurns()
  const coming = setInterval(turns.noteArrival, 1)
  const fromMs = performance.now()
  await turns.begin(async () => undefined)
  const busyMs = performance.now() - fromMs
  assert.ok(busyMs >= 240, `waited ${busyMs} ms`)
  clearInterval(coming)
  const calmFromMs = performance.now()
  await turns.begin(async () => undefined)
  assert.ok(performance.now() - calmFromMs < busyMs)
})
