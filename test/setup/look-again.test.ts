import assert from 'node:assert/strict'
import test from 'node:test'
import { createLookAgain } from '../../server/setup/look-again.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('CALL-2 whoever asks waits for a look that began after they asked; all of them for the same one', async () => {
  const looks: (() => void)[] = []
  const lookAgain = createLookAgain(() => new Promise((resolve) => void looks.push(resolve)), 0)
  const done: string[] = []
  const ask = (name: string): Promise<void> =>
    lookAgain().then((isDone) => void done.push(isDone ? name : `not ${name}`))
  const asked = [ask('first')]
  await turn()
  assert.equal(looks.length, 1)
  asked.push(...Array.from({ length: 100 }, () => ask('later')))
  await turn()
  assert.equal(looks.length, 1, 'one at a time')
  looks[0]!()
  await turn()
  assert.deepEqual(done, ['first'])
  await turn()
  assert.equal(looks.length, 2)
  looks[1]!()
  await Promise.all(asked)
  assert.deepEqual([done.length, looks.length], [101, 2])
})

test('CALL-2 looks are no more often than they may be', async () => {
  let looks = 0
  const lookAgain = createLookAgain(async () => {
    looks += 1
  }, 30)
  const begin = performance.now()
  for (let n = 0; n < 4; n += 1) await Promise.all([lookAgain(), lookAgain()])
  assert.equal(looks, 4)
  assert.ok(performance.now() - begin >= 85, `${performance.now() - begin} ms`)
})

test('CALL-2 a look that fails or hangs is told as that, and does not pile up', async () => {
  const failing = createLookAgain(() => Promise.reject(new Error('away')), 0)
  assert.deepEqual([await failing(), await failing()], [false, false])
  let looks = 0
  const hanging = createLookAgain(
    () => {
      looks += 1
      return new Promise(() => undefined)
    },
    0,
    20,
  )
  assert.deepEqual([await hanging(), await hanging()], [false, false])
  assert.deepEqual(await Promise.all([hanging(), hanging()]), [false, false])
  assert.equal(looks, 1)
})
