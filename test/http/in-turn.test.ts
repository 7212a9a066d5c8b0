import assert from 'node:assert/strict'
import test from 'node:test'
import { Hono } from 'hono'
import type { AppEnv } from '../../server/http/access.ts'
import { inTurn } from '../../server/http/in-turn.ts'
import { createTurns } from '../../server/turns.ts'

test('HOLD-6 streams begin a few at a time and in the order in which they came; one that has begun, or failed, makes room', async () => {
  const began: string[] = []
  const letOn = new Map<string, () => void>()
  const app = new Hono<AppEnv>()
  app.use(inTurn(createTurns(2)))
  app.get('/:name', async (c) => {
    const name = c.req.param('name')
    began.push(name)
    if (name === 'bad') throw new Error('it could not begin')
    await new Promise<void>((resolve) => letOn.set(name, resolve))
    return c.text(name)
  })
  app.onError((_error, c) => c.text('no', 500))
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
  const names = ['one', 'two', 'bad', 'three', 'four']
  const answers = names.map((name) => Promise.resolve(app.request(`/${name}`)))
  await turn()
  assert.deepEqual(began, ['one', 'two'])
  letOn.get('one')?.()
  for (let i = 0; i < 5; i += 1) await turn()
  // The one that failed made room, too.
  assert.deepEqual(began, ['one', 'two', 'bad', 'three'])
  for (const name of ['two', 'three']) letOn.get(name)?.()
  for (let i = 0; i < 5; i += 1) await turn()
  letOn.get('four')?.()
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  assert.deepEqual(statuses, [200, 200, 500, 200, 200])
  assert.deepEqual(began, names)
})
