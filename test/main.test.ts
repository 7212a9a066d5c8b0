import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { WebSocket } from 'ws'
import { newDataFolder } from './support/migrated.ts'
import { startServer } from './support/process.ts'
import { openStream } from './support/sse.ts'

const KEY = 'test-admin-key-test-admin-key'
const folders: string[] = []
const keep = (folder: string): string => {
  folders.push(folder)
  return folder
}
const newFolder = (): string => keep(mkdtempSync(join(tmpdir(), 'ringside-main-')))
/** One that an earlier start has left. */
const usedFolder = async (): Promise<string> => keep(await newDataFolder('ringside-main-'))
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const admin = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }

async function webhookUrl(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/connections`, {
    method: 'POST',
    headers: admin,
    body: JSON.stringify({ name: 'PBX', timeZone: 'UTC', country: 'RU' }),
  })
  const { webhookToken } = (await answer.json()) as { webhookToken: string }
  return `/webhooks/asterisk/${webhookToken}`
}

test('the start prints three lines once it is ready, and the server stops on SIGTERM', async () => {
  const server = await startServer({ DATA_DIR: newFolder() })
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  const code = await server.stop()
  assert.deepEqual(
    server.lines.map((line) => line.replace(/:\d+/, ':PORT').replace(/#\S+/, '#TOKEN')),
    [
      'Ringside: http://127.0.0.1:PORT',
      'Demo: http://127.0.0.1:PORT/demo',
      'Admin sign-in (once): http://127.0.0.1:PORT/sign-in#TOKEN',
    ],
  )
  assert.equal(code, 0)
})

test('HOLD-6 a process that leaves says so, takes what still comes, and sends its streams away before it goes', async () => {
  const env = { DATA_DIR: await usedFolder(), ADMIN_API_KEY: KEY, DRAIN_SECONDS: '4' }
  const server = await startServer(env)
  const path = await webhookUrl(server.url)
  using stream = await openStream(server.url, KEY)
  await stream.next(({ type }) => type === 'hello')
  server.child.kill('SIGTERM')
  const status = async (of: string): Promise<number> => (await fetch(server.url + of)).status
  while ((await status('/readyz')) !== 503);
  assert.equal(await status('/healthz'), 503)
  const body = 'unique_id=1.1&status=incoming_ring&to_user=101&from_user=%2B79160001000'
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const taken = await fetch(server.url + path, { method: 'POST', headers, body })
  assert.equal(taken.status, 200)
  await stream.next(({ type }) => type === 'call')
  assert.equal(await stream.ended, 'ended')
  assert.equal(await status('/healthz'), 503, 'it is still there when the streams have gone')
  assert.equal(await server.stop(), 0)
})

/** A PBX that opens its websocket, and on which nothing is going on. */
async function connectPbx(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'ari')
  socket.on('message', (bytes) => {
    const { request_id, uri } = JSON.parse(String(bytes)) as { request_id: string; uri: string }
    const body = uri === 'asterisk/info' ? { system: { version: '22.10.1' } } : []
    const answer = { type: 'RESTResponse', request_id, content_type: 'application/json' }
    const text = { status_code: 200, message_body: JSON.stringify(body) }
    socket.send(JSON.stringify({ ...answer, ...text }))
  })
  await once(socket, 'open')
  return socket
}

const HANDSHAKE =
  'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Protocol: ari\r\n\r\n'

/** One that opens its websocket, answers nothing, and does not leave either. */
async function connectSilentPbx(url: string): Promise<void> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.write(`GET ${pathname} HTTP/1.1\r\n${HANDSHAKE}`)
  const [head] = await once(socket, 'data')
  assert.match(String(head), /^HTTP\/1\.1 101 /)
  socket.pause()
}

test('ARI-4 HOLD-7 a stop waits for no PBX that opened its websocket, whether it answers or not', async () => {
  const server = await startServer({ DATA_DIR: await usedFolder(), ADMIN_API_KEY: KEY })
  const urls = [await webhookUrl(server.url), await webhookUrl(server.url)].map(
    (path) => `${server.url}${path.replace('/webhooks/asterisk/', '/pbx/ari/')}`,
  )
  const pbx = await connectPbx(urls[0]!)
  await connectSilentPbx(urls[1]!)
  const isUp = async (): Promise<boolean> =>
    /^ringside_pbx_link_state\{[^}]*state="up"\} 1$/m.test(
      await (await fetch(`${server.url}/metrics`)).text(),
    )
  while (!(await isUp()));
  const closed = once(pbx, 'close')
  const begin = performance.now()
  assert.equal(await server.stop(), 0)
  const seconds = (performance.now() - begin) / 1000
  assert.ok(seconds < 8, `${seconds} s`)
  const [code] = await closed
  assert.equal(code, 1001, 'it is told that Ringside goes, and comes back elsewhere')
})

test('HOLD-8 a second start on the same folder is refused; kill -9 leaves no lock behind', async () => {
  const folder = await usedFolder()
  const first = await startServer({ DATA_DIR: folder })
  await assert.rejects(
    startServer({ DATA_DIR: folder }),
    /DATA_DIR .* is in use by another Ringside/,
  )
  await first.stop('SIGKILL')
  const second = await startServer({ DATA_DIR: folder })
  await second.stop()
})

test('HOLD-1 CALL-18 what was acknowledged is there after kill -9', async () => {
  const env = { DATA_DIR: await usedFolder(), ADMIN_API_KEY: KEY }
  const first = await startServer(env)
  const path = await webhookUrl(first.url)
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      fetch(`${first.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `unique_id=${index}.1&status=incoming_ring&to_user=101&from_user=%2B7916000${1000 + index}`,
      }),
    ),
  )
  assert.ok(answers.every((answer) => answer.status === 200))
  await first.stop('SIGKILL')
  const second = await startServer(env)
  for (;;) {
    const metrics = await (await fetch(`${second.url}/metrics`)).text()
    if (/^ringside_events_pending 0$/m.test(metrics)) break
  }
  const found = await fetch(`${second.url}/api/calls?state=active&limit=200`, { headers: admin })
  const { items } = (await found.json()) as { items: { uniqueId: string; state: string }[] }
  assert.equal(new Set(items.map((call) => call.uniqueId)).size, 40)
  assert.ok(items.every((call) => call.state === 'ringing'))
  await second.stop()
})

const wrong: readonly { env: Record<string, string>; says: string }[] = [
  { env: { PORT: 'eighty' }, says: 'PORT is "eighty", expected a whole number from 0 to 65535' },
  { env: { EMBED_SECRET: 'short' }, says: 'EMBED_SECRET has 5 bytes, expected at least 32' },
  { env: { ADMIN_API_KEY: 'short' }, says: 'ADMIN_API_KEY has 5 bytes, expected at least 24' },
  { env: { LOG_LEVEL: 'loud' }, says: 'LOG_LEVEL is "loud", expected one of' },
  { env: { PUBLIC_URL: 'ringside' }, says: 'PUBLIC_URL cannot be read as an address' },
  { env: { DATABASE_URL: 'mysql://x' }, says: 'DATABASE_URL begins with mysql:' },
]
for (const { env, says } of wrong) {
  test(`a wrong ${Object.keys(env)[0]} stops the start with one line that names it`, async () => {
    await assert.rejects(startServer({ DATA_DIR: newFolder(), ...env }), (error: Error) => {
      const lines = error.message.split('\n')
      assert.equal(lines.length, 1)
      assert.ok(lines[0]?.includes(says), lines[0])
      return true
    })
  })
}
