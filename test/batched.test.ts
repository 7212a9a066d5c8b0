import assert from 'node:assert/strict'
import test from 'node:test'
import { batched } from '../server/batched.ts'

/** Answers each by ten times itself, when it is let. */
function createAsked(atMost = 100) {
  const questions: { asked: readonly number[]; let: PromiseWithResolvers<void> }[] = []
  const ask = batched(async (asked: readonly number[]) => {
    const own = { asked, let: Promise.withResolvers<void>() }
    questions.push(own)
    await own.let.promise
    return asked.map((each) => each * 10)
  }, atMost)
  return { ask, questions }
}

test('what is asked meanwhile is asked together, and each gets its own answer', async () => {
  const { ask, questions } = createAsked()
  const first = ask(1)
  const others = [ask(2), ask(3), ask(2)]
  assert.deepEqual(
    questions.map(({ asked }) => asked),
    [[1]],
  )
  questions[0]!.let.resolve()
  assert.equal(await first, 10)
  assert.deepEqual(questions[1]?.asked, [2, 3, 2])
  questions[1]!.let.resolve()
  assert.deepEqual(await Promise.all(others), [20, 30, 20])
  const alone = ask(4)
  assert.deepEqual(questions[2]?.asked, [4])
  questions[2]!.let.resolve()
  assert.equal(await alone, 40)
})

test('of very many some are asked for at a time, who came first first', async () => {
  const { ask, questions } = createAsked(2)
  const all = [1, 2, 3, 4, 5].map((each) => ask(each))
  for (let at = 0; at < 4; at += 1) {
    questions[at]?.let.resolve()
    await new Promise(setImmediate)
  }
  assert.deepEqual(await Promise.all(all), [10, 20, 30, 40, 50])
  assert.deepEqual(
    questions.map(({ asked }) => asked),
    [[1], [2, 3], [4, 5]],
  )
})

test('who asked for what failed is told so, and the next are asked for', async () => {
  const { ask, questions } = createAsked()
  const first = ask(1)
  const second = ask(2)
  questions[0]!.let.reject(new Error('away'))
  await assert.rejects(first, /away/)
  await new Promise(setImmediate)
  questions[1]!.let.resolve()
  assert.equal(await second, 20)
})
