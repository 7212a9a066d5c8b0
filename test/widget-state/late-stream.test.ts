import assert from 'node:assert/strict'
import test from 'node:test'
import { createLateStream } from '../../widget/client/late-stream.ts'
import type { LineOptions } from '../../widget/client/shared-stream.ts'
import type { Stream } from '../../widget/client/stream.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function played() {
  const told: string[] = []
  const options: LineOptions = {
    url: '/',
    events: [],
    getToken: async () => 'token',
    name: async () => null,
    onEvent: () => undefined,
    onState: (state) => told.push(state),
    onLeader: () => undefined,
    onWake: () => undefined,
    onLeave: () => undefined,
    snapshot: () => null,
  }
  const opened: string[] = []
  const openSharedStream = (): Stream => {
    opened.push('open')
    return {
      wake: (isLate) => opened.push(isLate ? 'wake late' : 'wake'),
      close: () => opened.push('close'),
    }
  }
  return { told, options, opened, code: { openSharedStream } }
}

test('POP-11 EMBED-5 the stream opens when its code has come, and is the one that is woken and closed', async () => {
  const { told, options, opened, code } = played()
  const stream = createLateStream(options, async () => code)
  stream.wake()
  assert.deepEqual(opened, [])
  await turn()
  stream.wake()
  stream.wake(true)
  stream.close()
  assert.deepEqual(opened, ['open', 'wake', 'wake late', 'close'])
  assert.deepEqual(told, [])
})

test('POP-11 closed before its code has come, it never opens', async () => {
  const { options, opened, code } = played()
  createLateStream(options, async () => code).close()
  await turn()
  assert.deepEqual(opened, [])
})

test('EMBED-5 code that does not come is said to be waited for, and asked for again', async () => {
  const { told, options, opened, code } = played()
  let failures = 2
  const stream = createLateStream(
    options,
    async () => {
      failures -= 1
      if (failures >= 0) throw new TypeError('Failed to fetch dynamically imported module')
      return code
    },
    () => 0,
  )
  while (opened.length === 0) await turn()
  assert.deepEqual(told, ['waiting', 'waiting'])
  stream.close()
})
