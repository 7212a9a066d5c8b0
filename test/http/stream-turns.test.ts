import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  createStreamTurns,
  type StreamTurns,
  type Waiting,
} from '../../server/http/stream-turns.ts'

const AT_ONCE = 16
/** Longer than it takes to see that nobody comes. */
const CALM_MS = 50

const there = (begin: () => Promise<void>): Waiting => ({ isGone: () => false, begin })

/** How long one more takes to begin. */
function beginMs(turns: StreamTurns): Promise<number> {
  const fromMs = performance.now()
  return new Promise((resolve) => {
    turns.begin(there(async () => resolve(performance.now() - fromMs)))
  })
}

test('HOLD-6 streams begin some at a time, in the order in which they came; one that failed holds up nobody', async () => {
  const turns = createStreamTurns()
  const began: number[] = []
  const letOn: (() => void)[] = []
  for (let index = 0; index < AT_ONCE + 4; index += 1) {
    const begin = async (): Promise<void> => {
      began.push(index)
      if (index === 1) throw new Error('it could not begin')
      await new Promise<void>((resolve) => letOn.push(resolve))
    }
    turns.begin(there(begin))
  }
  /** So many have begun, and a while later no more. */
  const begunAre = async (count: number): Promise<void> => {
    for (let i = 0; i < 1000 && began.length < count; i += 1) await pause(1)
    await pause(CALM_MS)
    assert.deepEqual(began, [...Array(count).keys()])
  }
  // Who came first asked for nobody else.
  await begunAre(1)
  letOn.shift()?.()
  await begunAre(AT_ONCE + 1)
  for (const resolve of letOn.splice(0)) resolve()
  await begunAre(AT_ONCE + 4)
  for (const resolve of letOn) resolve()
})

test('HOLD-6 one that hangs holds up the next ones for a second', async () => {
  const turns = createStreamTurns()
  turns.begin(there(() => new Promise(() => undefined)))
  const tookMs = await beginMs(turns)
  assert.ok(tookMs > 900, `${tookMs} ms`)
  assert.ok((await beginMs(turns)) < tookMs)
})

test('HOLD-6 while a crowd comes, streams wait, but not for ever; a few hold up nothing', async () => {
  const turns = createStreamTurns()
  const crowd = setInterval(() => {
    for (let i = 0; i < 20; i += 1) turns.noteArrival()
  }, 1)
  const busyMs = await beginMs(turns)
  assert.ok(busyMs >= 240, `${busyMs} ms`)
  clearInterval(crowd)
  const few = setInterval(turns.noteArrival, 20)
  assert.ok((await beginMs(turns)) < busyMs)
  clearInterval(few)
})

test('HOLD-6 those who are gone are not begun, and nobody waits on account of them', async () => {
  const turns = createStreamTurns()
  const crowd = setInterval(() => {
    for (let i = 0; i < 20; i += 1) turns.noteArrival()
  }, 1)
  let begun = 0
  const gone: Waiting = {
    isGone: () => true,
    begin: async () => {
      begun += 1
    },
  }
  for (let i = 0; i < 50 * AT_ONCE; i += 1) turns.begin(gone)
  const tookMs = await beginMs(turns)
  clearInterval(crowd)
  assert.equal(begun, 0)
  assert.ok(tookMs < 10 * 250, `${tookMs} ms`)
})
