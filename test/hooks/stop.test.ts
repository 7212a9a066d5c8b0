import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test from 'node:test'
import { newDataFolder } from '../support/migrated.ts'
import { startServer } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'

const KEY = 'test-admin-key-test-admin-key'

test('ADMIN-7 a stop ends what a silent receiver holds up; it is settled and in the audit log', async () => {
  const folder = await newDataFolder('ringside-stop-')
  const env = { DATA_DIR: folder, ADMIN_API_KEY: KEY, HOOKS_ALLOW_PRIVATE: 'true' }
  await using receiver = await startReceiver()
  receiver.answer = () => undefined
  try {
    const server = await startServer(env)
    const hook = await api(server.url, 'POST', '/api/hooks', { url: receiver.url })
    const impatient = new AbortController()
    const test = `/api/hooks/${hook.id}/test`
    const asking = api(server.url, 'POST', test, undefined, impatient.signal)
    await receiver.until((all) => all.length === 1)
    // Nobody waits for the answer: the server has no connection left to wait for.
    impatient.abort()
    await assert.rejects(asking)
    assert.equal(await server.stop(), 0)
    assert.deepEqual(server.errors, [])

    const next = await startServer(env)
    const { items } = await api(next.url, 'GET', `/api/hooks/${hook.id}/deliveries`)
    assert.equal(items.length, 1)
    assert.equal(items[0].state, 'failed')
    const audit = await api(next.url, 'GET', '/api/audit')
    assert.ok(audit.items.some(({ action }: { action: string }) => /:id\/test$/.test(action)))
    await next.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

async function api(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<any> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
  return answer.json()
}
