import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import test, { after, before } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'

const url = process.env.TEST_DATABASE_URL
const skip = url ? false : 'TEST_DATABASE_URL is not set: `npm test` sets it'

const KEY = 'test-admin-key-test-admin-key'
const admin = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }

let proxy: CuttableProxy
let server: ServerProcess
const undo: (() => unknown)[] = []

// A firewall that drops every packet: connections are taken, and nothing comes back.
before(async () => {
  if (!url) return
  const made = await createPostgresDatabase(url)
  undo.unshift(made.drop)
  const target = new URL(made.url)
  proxy = await startCuttableProxy(Number(target.port))
  undo.unshift(proxy.close)
  target.port = String(proxy.port)
  const folder = await newDataFolder('ringside-silent-')
  undo.unshift(() => rmSync(folder, { recursive: true, force: true }))
  server = await startServer({ DATA_DIR: folder, DATABASE_URL: target.href, ADMIN_API_KEY: KEY })
  undo.unshift(() => server.stop('SIGKILL'))
  const body = JSON.stringify({ name: 'PBX', timeZone: 'UTC', country: 'RU' })
  await ask('/api/connections', { method: 'POST', headers: admin, body })
  await ask('/api/users', { headers: admin })
  proxy.become('swallow')
})
after(async () => {
  for (const each of undo) await each()
})

async function ask(path: string, request: RequestInit = {}) {
  const begin = performance.now()
  const answer = await fetch(server.url + path, request)
  const text = await answer.text()
  return { status: answer.status, text, seconds: (performance.now() - begin) / 1000 }
}

test('CALL-2 HOLD-2 a webhook whose token cannot be looked up is answered 503, not that there is none', {
  skip,
}, async () => {
  for (const token of ['first-unknown', 'other-unknown']) {
    const body = 'unique_id=1.1&status=incoming_ring&to_user=101&from_user=%2B79160001000'
    const { status, seconds } = await ask(`/webhooks/asterisk/${token}`, { method: 'POST', body })
    assert.equal(status, 503)
    assert.ok(seconds < 5, `${seconds} s`)
  }
})

test('HOLD-2 the API says that a database which does not answer is away', { skip }, async () => {
  const few = ['/api/users', '/api/cases', '/api/calls', '/api/agents']
  // More than there are connections.
  const paths = Array.from({ length: 30 }, (_, index) => few[index % few.length]!)
  const answers = await Promise.all(paths.map((path) => ask(path, { headers: admin })))
  for (const { status, text, seconds } of answers) {
    assert.equal(status, 503, text)
    assert.equal(JSON.parse(text).type, '/problems/unavailable')
    assert.ok(seconds < 25, `${seconds} s`)
  }
})

test('HOLD-2 a stop ends in time though the database does not answer', { skip }, async () => {
  const waiting = Promise.allSettled([ask('/api/users', { headers: admin })])
  await pause(100)
  const begin = performance.now()
  assert.equal(await server.stop(), 0)
  const seconds = (performance.now() - begin) / 1000
  assert.ok(seconds < 25, `${seconds} s`)
  await waiting
})
