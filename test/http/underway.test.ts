import assert from 'node:assert/strict'
import test from 'node:test'
import { Hono } from 'hono'
import type { AppEnv } from '../../server/http/access.ts'
import { createUnderway } from '../../server/http/underway.ts'

test('CALL-18 a stop waits for work that nobody waits for, and not for ever', async () => {
  const underway = createUnderway()
  const slow = Promise.withResolvers<void>()
  const done: string[] = []
  const app = new Hono<AppEnv>().use(underway.note).get('/', async (c) => {
    await slow.promise
    done.push('work')
    return c.text('late')
  })
  const answer = app.request('/')
  await underway.settled(1)
  assert.equal(done.length, 0)
  const stopped = underway.settled(60_000).then(() => done.push('stop'))
  slow.resolve()
  await stopped
  assert.deepEqual(done, ['work', 'stop'])
  assert.equal(await (await answer).text(), 'late')
  await underway.settled(60_000)
})
