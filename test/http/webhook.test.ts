import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import test, { afterEach, beforeEach } from 'node:test'
import { promisify } from 'node:util'
import type { ConnectionLogEntry } from '../../db/connection-log.ts'
import type { CallEvent } from '../../server/calls/call.ts'
import { RingsideError } from '../../server/errors.ts'
import { createFront } from '../../server/http/front.ts'
import { webhookRoutes } from '../../server/http/routes/webhook.ts'
import { createUnderway } from '../../server/http/underway.ts'
import { createWebhooks, type WebhookDeps } from '../../server/http/webhooks.ts'
import type { NotedRequest } from '../../server/metrics.ts'
import { createFileStorage } from '../../server/recordings/file-storage.ts'
import { type ConnectionSettings, DEFAULT_TIMEOUTS } from '../../server/setup/connection.ts'
import type { NewEvent } from '../../server/sources/new-event.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { multipart, rawConnection, rawRequest } from '../support/raw-request.ts'

const MIB = 1024 * 1024
const TOKEN = 'kJ3-unguessable_token'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const START =
  'from_user=79161234567&to_user=74951000101&unique_id=1.1&status=start of an incoming call'
const audio = new URL('../fixtures/audio/', import.meta.url)
const now = new Date('2026-11-20T23:20:23.500Z')

const connection: ConnectionSettings = {
  id: 'c1',
  name: 'PBX',
  timeZone: 'Europe/Minsk',
  country: 'BY',
  internalCalls: false,
  recordings: true,
  phrases: {},
  timeouts: DEFAULT_TIMEOUTS,
  extraFields: ['lang'],
}

interface Running {
  readonly url: string
  readonly port: number
  readonly accepted: NewEvent[]
  readonly entries: ConnectionLogEntry[]
  readonly noted: NotedRequest[]
  readonly log: ReturnType<typeof createMemoryLog>
  readonly stored: () => Promise<string[]>
}

let folder = ''
const servers: Server[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringside-webhook-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true, force: true })
})

async function start(
  own: Partial<WebhookDeps> = {},
  settings: Partial<ConnectionSettings> = {},
): Promise<Running> {
  const accepted: NewEvent[] = []
  const entries: ConnectionLogEntry[] = []
  const log = createMemoryLog()
  const noted: NotedRequest[] = []
  const known = { ...connection, ...settings }
  const webhooks = createWebhooks({
    registry: {
      byToken: (token) => (token === TOKEN ? known : null),
      findByToken: async () => null,
    },
    intake: { accept: async (events) => void accepted.push(...events) },
    storage: await createFileStorage(folder),
    recordingMaxBytes: MIB,
    log,
    clock: () => now,
    appendLog: async (entry) => void entries.push(entry),
    extensionsOf: async (_id, value) => (value === 'anna@example.com' ? ['101', '1101'] : []),
    ...own,
  })
  const server = createFront({
    fetch: webhookRoutes(webhooks).fetch,
    webhooks,
    metrics: { noteRequest: (request) => void noted.push(request) },
    underway: createUnderway(),
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stored = async (): Promise<string[]> => {
    const found = await readdir(folder, { recursive: true, withFileTypes: true })
    return found.filter((entry) => entry.isFile()).map((entry) => entry.name)
  }
  const url = `http://127.0.0.1:${port}/webhooks/asterisk/${TOKEN}`
  return { url, port, accepted, entries, noted, log, stored }
}

const send = (url: string, body: string | Uint8Array, headers: Record<string, string> = FORM) =>
  rawRequest(url, { body, headers })
const fixture = (name: string): Promise<Buffer> => readFile(new URL(name, audio))
const events = (running: Running): CallEvent[] => running.accepted.map(({ event }) => event)

test('HOLD-6 a health check of HTTP/1.0, which says no host, is answered by the app', async () => {
  const { port } = await start()
  const answer = await rawConnection(port, Buffer.from('GET /readyz HTTP/1.0\r\n\r\n'))
  assert.match(answer, /^HTTP\/1\.1 404 /)
})

test('CALL-6 an event whose sender offers to speak another protocol is taken as any other', async () => {
  const running = await start()
  const server = servers.at(-1)!
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'))
  const kinds = ['h2c', 'websocket', 'TLS/1.0, h2c'] as const
  for (const [index, upgrade] of kinds.entries()) {
    const body = START.replace('1.1', `1.${index}`)
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade, 'http2-settings': 'AAMAAABk' }
    const answer = await send(running.url, body, { ...FORM, ...offer })
    assert.deepEqual([answer.status, answer.body], [200, 'OK'], upgrade)
  }
  assert.deepEqual(
    events(running).map(({ uniqueId }) => uniqueId),
    kinds.map((_, index) => `1.${index}`),
  )
})

test('CALL-6 after an offer to speak another protocol the connection is closed: what stands behind it is asked again', async () => {
  const { port, url, accepted } = await start()
  servers.at(-1)!.on('upgrade', (_request, socket) => socket.destroy())
  const offer = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n'
  const length = `Content-Length: ${START.length}\r\n`
  const event = `POST ${new URL(url).pathname} HTTP/1.1\r\n${offer}${length}\r\n${START}`
  const answers = await rawConnection(port, `${event}GET /next HTTP/1.1\r\nHost: x\r\n\r\n`)
  assert.match(answers, /^HTTP\/1\.1 200 [\s\S]*\r\nconnection: close\r\n[\s\S]*\r\n\r\nOK$/i)
  assert.equal(accepted.length, 1)
})

test('CALL-6 an event is answered with OK, as short plain text', async () => {
  const running = await start()
  const answer = await send(running.url, `datetime=21.11.2026-02:20:23&${START}`)
  assert.equal(answer.status, 200)
  assert.equal(answer.body, 'OK')
  assert.match(String(answer.headers['content-type']), /^text\/plain/)
  const [{ event, raw, receipt }] = running.accepted as [NewEvent]
  assert.equal(event.type, 'started')
  assert.equal(event.at.toISOString(), '2026-11-20T23:20:23.000Z')
  assert.deepEqual(event.arrivedAt, now)
  assert.match(receipt, /^[0-9a-f-]{36}$/)
  assert.deepEqual(raw, {
    datetime: '21.11.2026-02:20:23',
    from_user: '79161234567',
    to_user: '74951000101',
    unique_id: '1.1',
    status: 'start of an incoming call',
  })
  assert.deepEqual(running.entries, [])
})

test('CALL-6 the answer comes when the event is durable, not before', async () => {
  const durable = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const running = await start({
    intake: {
      accept: () => {
        asked.resolve()
        return durable.promise
      },
    },
  })
  let isAnswered = false
  const answer = send(running.url, START).then((got) => {
    isAnswered = true
    return got
  })
  await asked.promise
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isAnswered, false)
  durable.resolve()
  assert.equal((await answer).status, 200)
})

test('CALL-2 GET with a query that nobody encoded is taken', async () => {
  const running = await start()
  const query =
    'from_user=+375291701699&to_user=101%2C102&unique_id=1.1&status=call%20to%20queue+R%26D&datetime=21.11.2026-02:20:23'
  assert.equal((await rawRequest(`${running.url}?${query}`, { method: 'GET' })).body, 'OK')
  const [event] = events(running)
  assert.ok(event?.type === 'ringing')
  assert.equal(event.from, '+375291701699')
  assert.deepEqual(event.extensions, ['101', '102'])
})

test('CALL-2 the same event as form, multipart and JSON is the same', async () => {
  const running = await start()
  const fields = { from_user: '+7916', to_user: '101', unique_id: '1.1', status: 'incoming_ring' }
  const parts = multipart(Object.entries(fields).map(([name, value]) => ({ name, value })))
  assert.equal((await send(running.url, new URLSearchParams(fields).toString())).body, 'OK')
  assert.equal((await send(running.url, parts.body, parts.headers)).body, 'OK')
  const json = { 'content-type': 'application/json' }
  assert.equal((await send(running.url, JSON.stringify(fields), json)).body, 'OK')
  const [form, ...others] = events(running)
  assert.equal(others.length, 2)
  for (const other of others) assert.deepEqual(other, form)
})

const bad: {
  name: string
  body: string | Uint8Array
  headers?: Record<string, string>
  line: RegExp
}[] = [
  { name: 'nothing', body: '', line: /^unique_id is missing, expected/ },
  {
    name: 'an unknown status',
    body: 'unique_id=1&status=hello',
    line: /^status is "hello", expected one of: /,
  },
  {
    name: 'a wrong date',
    body: 'unique_id=1&status=record&datetime=31/12/21',
    line: /^datetime is "31\/12\/21", expected dd\.mm\.yyyy-HH:MM:SS$/,
  },
  { name: 'missing fields', body: 'unique_id=1&status=incoming_ring', line: /^to_user is missing/ },
  {
    name: 'a recording without a file',
    body: 'unique_id=1&status=record',
    line: /^record is missing/,
  },
  {
    name: 'broken JSON',
    body: '{"status":',
    headers: { 'content-type': 'application/json' },
    line: /^body cannot be read as JSON/,
  },
  {
    name: 'multipart without a boundary',
    body: 'x',
    headers: { 'content-type': 'multipart/form-data' },
    line: /^body cannot be read as multipart/,
  },
  {
    name: 'multipart without its end',
    body: multipart([{ name: 'status', value: 'record' }]).body.subarray(0, -10),
    headers: multipart([]).headers,
    line: /^body cannot be read as multipart/,
  },
  {
    name: 'multipart of nonsense',
    body: 'no boundary in here',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    line: /^body cannot be read as multipart/,
  },
  {
    name: 'bytes that are not UTF-8',
    body: Buffer.from('unique_id=1&status=\xff\xfe\x80', 'latin1'),
    line: /^status is "/,
  },
  {
    name: '__proto__ as a field',
    body: '__proto__=1&constructor=2',
    line: /^unique_id is missing/,
  },
]
for (const { name, body, headers, line } of bad) {
  test(`CALL-6 ${name}: 400 with one line, and the log says why`, async () => {
    const running = await start()
    const answer = await send(running.url, body, headers)
    assert.equal(answer.status, 400)
    assert.match(answer.body, line)
    assert.doesNotMatch(answer.body, /\n/)
    assert.deepEqual(running.accepted, [])
    assert.deepEqual(await running.stored(), [])
    const [entry] = running.entries
    assert.equal(entry?.reason, answer.body)
    assert.equal(entry.kind, 'refused')
    assert.equal(entry.connectionId, 'c1')
    assert.equal(entry.source, '127.0.0.1')
    assert.notEqual(entry.hint, '')
  })
}

test('CALL-7 secrets, the token among them, never get into the log; values are cut', async () => {
  const running = await start()
  const long = 'x'.repeat(5000)
  await send(
    running.url,
    `api_key=s3cret&my_password=p&caller_name=${TOKEN}&note_text=${long}&unique_id=1&status=${TOKEN}`,
  )
  const [entry] = running.entries
  assert.doesNotMatch(JSON.stringify(running.entries), new RegExp(`${TOKEN}|s3cret`))
  assert.doesNotMatch(JSON.stringify(running.log.lines), new RegExp(`${TOKEN}|s3cret`))
  assert.equal(entry?.fields.my_password, '***')
  assert.equal(entry?.fields.note_text?.length, 1001)
})

test('CALL-7 what was left out of an event that was taken is in the log', async () => {
  const running = await start()
  const answer = await send(
    running.url,
    'unique_id=1&status=incoming_end&call_duration=soon&__proto__=x&a_b=1',
  )
  assert.equal(answer.body, 'OK')
  assert.deepEqual(
    running.entries.map(({ reason }) => reason.slice(0, 20)),
    ['a field is named "__', 'call_duration is "so'],
  )
})

test('CALL-6 a log that cannot be written holds up no answer', async () => {
  const running = await start({ appendLog: () => new Promise(() => undefined) })
  for (let n = 0; n < 60; n += 1) assert.equal((await send(running.url, 'status=x')).status, 400)
  const failing = await start({ appendLog: () => Promise.reject(new Error('away')) })
  assert.equal((await send(failing.url, 'status=x')).status, 400)
})

test('CALL-6 unknown tokens: 404, the same for every one', async () => {
  const { port, accepted } = await start()
  const at = (path: string) => send(`http://127.0.0.1:${port}${path}`, START)
  const first = await at('/webhooks/asterisk/nobody')
  assert.equal(first.status, 404)
  for (const token of [`${TOKEN}x`, TOKEN.slice(0, -1), '__proto__', '%00', 'x'.repeat(2000)]) {
    const answer = await at(`/webhooks/asterisk/${token}`)
    assert.deepEqual([answer.status, answer.body], [first.status, first.body])
  }
  assert.equal((await at('/webhooks/cti/nobody')).body, first.body)
  assert.deepEqual(accepted, [])
})

for (const [name, value] of [
  ['Origin', 'https://example.com'],
  ['Origin', 'null'],
  ['Sec-Fetch-Site', 'none'],
  ['Sec-Fetch-Mode', 'navigate'],
] as const) {
  test(`SAFE-7 a request with ${name}: ${value} is refused`, async () => {
    const running = await start()
    const answer = await send(running.url, START, { ...FORM, [name]: value })
    assert.equal(answer.status, 403)
    const get = await rawRequest(`${running.url}?${encodeURI(START)}`, {
      method: 'GET',
      headers: { [name]: value },
    })
    assert.equal(get.status, 403)
    assert.deepEqual(running.accepted, [])
    assert.match(running.entries[0]?.reason ?? '', /browser/)
  })
}

test('CALL-2 a program in Node is no browser, although its fetch says Sec-Fetch-Mode', async () => {
  const running = await start()
  const answer = await fetch(running.url, { method: 'POST', body: START, headers: FORM })
  assert.deepEqual([answer.status, await answer.text()], [200, 'OK'])
  const page = { ...FORM, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'cross-site' }
  assert.equal((await send(running.url, START, page)).status, 403)
})

test('CALL-2 an address that is written otherwise is the same: as it is given, absolute, with %XX', async () => {
  const { url, port, accepted, noted } = await start()
  const odd = `%${TOKEN.charCodeAt(0).toString(16)}${TOKEN.slice(1)}`
  const answers = []
  for (const path of [`/webhooks/asterisk/${TOKEN}`, url, `/webhooks/asterisk/${odd}`]) {
    const { headers, ...answer } = await rawRequest(url, { path, body: START, headers: FORM })
    const { date: _date, ...rest } = headers
    answers.push({ ...answer, headers: rest })
  }
  const [first, ...others] = answers
  assert.deepEqual([first?.status, first?.body], [200, 'OK'])
  for (const answer of others) assert.deepEqual(answer, first)
  assert.equal(accepted.length, 3)
  // The app counts what goes through it by itself.
  assert.deepEqual(
    noted.map(({ method, route, status }) => [method, route, status]),
    [['POST', '/webhooks/asterisk/:token', 200]],
  )
  const below = await rawRequest(`http://127.0.0.1:${port}/webhooks/asterisk/${TOKEN}/x`, {})
  assert.equal(below.status, 404)
})

test('SAFE-3 a HEAD of an address that is written otherwise is answered once', async (t) => {
  const { url } = await start()
  const said = t.mock.method(console, 'error', () => undefined)
  const odd = url.replace('/asterisk/', '/%61sterisk/')
  const answers = []
  for (const where of [url, odd]) {
    const { status, headers } = await rawRequest(where, { method: 'HEAD' })
    answers.push([status, headers.allow])
  }
  assert.deepEqual(answers, [
    [405, 'GET, POST'],
    [405, 'GET, POST'],
  ])
  assert.equal(said.mock.callCount(), 0)
})

test('PERF-1 a connection is used again after each answer, refused or not', async () => {
  const { url, port } = await start()
  const path = new URL(url).pathname
  const ask = (method: string, where: string, body: string): string =>
    `${method} ${where} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const text = await rawConnection(
    port,
    [
      ask('POST', path, START),
      ask('POST', path, 'status=x'),
      ask('PUT', path, START),
      ask('GET', `${path}?${encodeURI(START)}`, 'a body that nobody reads'),
      ask('POST', '/webhooks/asterisk/nobody', START),
      ask('POST', path, START).replace('\r\nhost', '\r\nconnection: close\r\nhost'),
    ].join(''),
  )
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  assert.deepEqual(statuses, [200, 400, 405, 200, 404, 200])
})

test('CALL-6 other methods: 405', async () => {
  const { url, port, accepted } = await start()
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
    const answer = await rawRequest(`${url}?${encodeURI(START)}`, { method })
    assert.equal(answer.status, 405, method)
    assert.match(String(answer.headers.allow), /POST/)
  }
  const cti = await rawRequest(`http://127.0.0.1:${port}/webhooks/cti/${TOKEN}`, { method: 'GET' })
  assert.equal(cti.status, 405)
  assert.deepEqual(accepted, [])
})

test('CALL-6 text over 64 KiB: 413', async () => {
  const running = await start()
  const answer = await send(running.url, `${START}&note_text=${'x'.repeat(70_000)}`)
  assert.equal(answer.status, 413)
  const chunked = await rawRequest(running.url, {
    headers: FORM,
    body: Readable.from(['a_b=', 'x'.repeat(200_000)]),
  })
  assert.equal(chunked.status, 413)
  assert.equal(running.entries.length, 2)
})

test('HOLD-9 where the event can be kept nowhere: 503, and the file is gone', async () => {
  const running = await start({
    intake: {
      accept: () => Promise.reject(new RingsideError('unavailable', 'the event cannot be kept')),
    },
  })
  const { body, headers } = multipart([
    { name: 'record', value: await fixture('plain.mp3'), fileName: 'a.mp3' },
    { name: 'status', value: 'record' },
    { name: 'unique_id', value: '1.1' },
  ])
  const answer = await send(running.url, body, headers)
  assert.equal(answer.status, 503)
  assert.deepEqual(await running.stored(), [])
})

// ---- recordings -------------------------------------------------------------

const FIELDS = [
  { name: 'status', value: 'record' },
  { name: 'unique_id', value: '1.1' },
]

for (const order of ['before', 'after'] as const) {
  test(`CALL-8 a recording with its fields ${order} the file is stored, then told`, async () => {
    const running = await start()
    const bytes = await fixture('plain.mp3')
    const file = {
      name: 'record',
      value: bytes,
      fileName: '1.1.mp3',
      type: 'application/octet-stream',
    }
    const { body, headers } = multipart(order === 'before' ? [...FIELDS, file] : [file, ...FIELDS])
    assert.equal((await send(running.url, body, headers)).body, 'OK')
    assert.equal((await send(running.url, body, headers)).body, 'OK')
    const [first, second] = events(running)
    assert.ok(first?.type === 'recorded' && second?.type === 'recorded')
    assert.equal(first.recording.mime, 'audio/mpeg')
    assert.equal(first.recording.bytes, bytes.length)
    assert.equal(first.recording.key, second.recording.key)
    assert.equal(first.atKnown, false)
    assert.deepEqual(await readFile(join(folder, first.recording.key)), bytes)
    assert.equal((await running.stored()).length, 1)
  })
}

test('CALL-8 several files are several parts, and may come with the end of the call', async () => {
  const running = await start()
  const { body, headers } = multipart([
    { name: 'record', value: await fixture('plain.mp3'), fileName: 'a' },
    { name: 'status', value: 'incoming_end' },
    { name: 'record', value: await fixture('gsm.wav'), fileName: 'b' },
    { name: 'unique_id', value: '1.1' },
    { name: 'other', value: 'x', fileName: 'other.txt' },
  ])
  assert.equal((await send(running.url, body, headers)).body, 'OK')
  assert.deepEqual(
    events(running).map(({ type }) => type),
    ['ended', 'recorded', 'recorded'],
  )
  assert.equal((await running.stored()).length, 2)
  assert.match(running.entries[0]?.reason ?? '', /a file came as "other", expected record/)
})

test('CALL-8 a request of more than 20 files is refused by that number, and nothing of it is kept', async () => {
  const running = await start()
  const value = await fixture('plain.mp3')
  const files = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: 'record',
      value: Buffer.concat([value, Buffer.from([index])]),
      fileName: `${index}.mp3`,
    }))
  const many = multipart([...FIELDS, ...files(25)])
  const refused = await send(running.url, many.body, many.headers)
  assert.equal(refused.status, 400)
  assert.match(refused.body, /more than 20 files/)
  assert.deepEqual([await running.stored(), running.accepted], [[], []])
  assert.equal(running.entries[0]?.reason, refused.body)

  const most = multipart([...FIELDS, ...files(20)])
  assert.equal((await send(running.url, most.body, most.headers)).body, 'OK')
  assert.equal((await running.stored()).length, 20)
})

test('CALL-5 text in multipart may be of any charset', async () => {
  const running = await start()
  const { body, headers } = multipart([
    ...[
      { name: 'unique_id', value: '1' },
      { name: 'status', value: 'incoming_queue' },
      { name: 'to_user', value: '101' },
    ],
    { name: 'queue', value: Buffer.from([0xcf, 0xf0, 0xee, 0xe4, 0xe0, 0xe6, 0xe8]) },
    { name: 'caller_name', value: 'Żółw 😀' },
    { name: 'record', value: '' },
  ])
  assert.equal((await send(running.url, body, headers)).body, 'OK')
  const [event] = events(running)
  assert.ok(event?.type === 'ringing')
  assert.equal(event.queue, 'Продажи')
  assert.deepEqual(event.extra, { caller_name: 'Żółw 😀' })
})

const strangers: [string, string | Buffer, RegExp][] = [
  ['html as mp3', '<!doctype html><script>alert(1)</script>', /^record is not an audio file/],
  ['svg as mp3', '<svg xmlns="http://www.w3.org/2000/svg"/>', /^record is not an audio file/],
  [
    'zip as mp3',
    Buffer.concat([Buffer.from('PK\x03\x04\x14\0', 'latin1'), Buffer.alloc(50_000)]),
    /^record is not an audio file/,
  ],
  ['an empty file', '', /^record is an empty file/],
]
for (const [name, value, line] of strangers) {
  test(`SAFE-4 ${name} is refused and leaves no file`, async () => {
    const running = await start()
    const { body, headers } = multipart([
      { name: 'record', value, fileName: 'x.mp3', type: 'audio/mpeg' },
      ...FIELDS,
    ])
    const answer = await send(running.url, body, headers)
    assert.equal(answer.status, 400)
    assert.match(answer.body, line)
    assert.deepEqual(await running.stored(), [])
    assert.deepEqual(running.accepted, [])
    assert.equal(running.entries[0]?.reason, answer.body)
  })
}

test('CALL-8 of an event that is refused no file is left; an earlier one stays', async () => {
  const running = await start()
  const file = { name: 'record', value: await fixture('plain.mp3'), fileName: 'a.mp3' }
  const good = multipart([file, ...FIELDS])
  assert.equal((await send(running.url, good.body, good.headers)).status, 200)
  for (const parts of [
    [file],
    [file, FIELDS[0]!],
    [...FIELDS, file, { name: 'datetime', value: 'x' }],
  ]) {
    const { body, headers } = multipart(parts)
    assert.equal((await send(running.url, body, headers)).status, 400)
  }
  assert.equal((await running.stored()).length, 1)
})

test('CALL-8 where recordings are switched off they are not kept, and the log says so', async () => {
  const running = await start({}, { recordings: false })
  const { body, headers } = multipart([
    ...FIELDS,
    { name: 'record', value: await fixture('plain.mp3'), fileName: 'a' },
  ])
  assert.equal((await send(running.url, body, headers)).body, 'OK')
  assert.deepEqual(await running.stored(), [])
  assert.match(running.entries[0]?.reason ?? '', /switched off/)
})

for (const [name, size] of [
  ['record', 4],
  ['record', 5000],
  ['record', 300_000],
  ['other', 4],
] as const) {
  test(`SAFE-4 multipart whose file "${name}" of ${size} bytes never ends is refused, and the server goes on`, async () => {
    const { url, stored } = await start()
    const head = `--B\r\nContent-Disposition: form-data; name="${name}"; filename="a.mp3"\r\n\r\n`
    const headers = { 'content-type': 'multipart/form-data; boundary=B' }
    assert.equal((await send(url, head + 'A'.repeat(size), headers)).status, 400)
    assert.equal((await send(url, START)).status, 200)
    assert.deepEqual(await stored(), [])
  })
}

test('SAFE-3 SAFE-4 parts without a name end no process', async () => {
  const { url } = await start()
  const headers = { 'content-type': 'multipart/form-data; boundary=B' }
  for (const what of ['', '; filename="a.mp3"']) {
    const part = `--B\r\nContent-Disposition: form-data${what}\r\n\r\nx\r\n--B--\r\n`
    assert.equal((await send(url, part, headers)).status, 400)
    assert.equal((await send(url, START)).status, 200)
  }
})

test('SAFE-4 an upload that breaks off leaves nothing', async () => {
  const running = await start()
  const { body, headers } = multipart([
    ...FIELDS,
    {
      name: 'record',
      value: Buffer.concat([await fixture('pcm.wav'), Buffer.alloc(200_000)]),
      fileName: 'a',
    },
  ])
  const head = `POST ${new URL(running.url).pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nContent-Type: ${headers['content-type']}\r\n\r\n`
  const socket = (await import('node:net')).connect(running.port, '127.0.0.1')
  socket.write(head)
  socket.write(body.subarray(0, 100_000))
  while ((await running.stored()).length === 0)
    await new Promise((resolve) => setImmediate(resolve))
  socket.destroy()
  while ((await running.stored()).length > 0) await new Promise((resolve) => setImmediate(resolve))
  while (running.log.lines.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(running.log.lines[0]?.event, 'webhook.broken-off')
  assert.deepEqual(running.accepted, [])
})

test('SAFE-4 a request that falls silent is ended, and a length that lies is no different', async () => {
  const running = await start({ stallMs: 50 })
  const path = new URL(running.url).pathname
  const { body, headers } = multipart([
    ...FIELDS,
    { name: 'record', value: await fixture('pcm.wav'), fileName: 'a' },
  ])
  for (const [type, sent] of [
    [FORM['content-type'], Buffer.from(START)],
    [headers['content-type'], body.subarray(0, 5000)],
  ] as const) {
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${sent.length + 1000}\r\nContent-Type: ${type}\r\n\r\n`
    const answer = await rawConnection(running.port, Buffer.concat([Buffer.from(head), sent]))
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*nothing came for 50 ms$/)
  }
  assert.deepEqual(await running.stored(), [])
  assert.deepEqual(running.accepted, [])
})

/** In a process of its own: its memory is not the server's. */
async function upload(bytes: number, url: string): Promise<string> {
  const wav = new URL('pcm.wav', audio).pathname
  const content = `cat '${wav}'; head -c ${bytes} /dev/zero`
  const curl = `curl -sS -m 60 -w '%{http_code}' -F status=record -F unique_id=1.1 -F 'record=@-;filename=x.wav' '${url}'`
  return (await promisify(execFile)('sh', ['-c', `(${content}) | ${curl}`])).stdout
}

for (const limit of ['within', 'over'] as const) {
  test(`SAFE-4 300 MB of upload, ${limit} the limit, cost at most 64 MB of memory`, async () => {
    // What the first upload of a process takes is not of each.
    await upload(20 * MIB, (await start({ recordingMaxBytes: 40 * MIB })).url)
    await rm(folder, { recursive: true })
    await mkdir(folder)
    const running = await start({ recordingMaxBytes: limit === 'within' ? 400 * MIB : 256 * MIB })
    const before = process.memoryUsage.rss()
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 5)
    const answer = await upload(300 * MIB, running.url)
    clearInterval(watch)
    if (limit === 'over') {
      assert.match(answer, /^the request is too large, expected at most 268435456 bytes413$/)
      assert.deepEqual(await running.stored(), [])
    } else {
      assert.equal(answer, 'OK200')
      const [event] = events(running)
      assert.ok(event?.type === 'recorded' && event.recording.bytes > 300 * MIB)
    }
    assert.ok(peak - before <= 64 * MIB, `${Math.round((peak - before) / MIB)} MiB more`)
  })
}

test('CALL-6 curl sees the 413 of a recording over the limit, told its length or not', async () => {
  const running = await start()
  const first = await upload(100 * MIB, running.url)
  assert.equal(first, 'the request is too large, expected at most 1048576 bytes413')
  const lying = `head -c 100000000 /dev/zero | curl -sS -m 60 -w '%{http_code}' -H 'Content-Type: multipart/form-data; boundary=x' -H 'Transfer-Encoding: chunked' -T - -X POST '${running.url}'`
  const second = await promisify(execFile)('sh', ['-c', lying])
  assert.match(second.stdout, /413$/)
  assert.deepEqual(await running.stored(), [])
})

// ---- CTI --------------------------------------------------------------------

test('CALL-9 a new call rings the extensions of the agent in user', async () => {
  const running = await start()
  const url = running.url.replace('asterisk', 'cti')
  const body =
    'event=newCall&from=%2B4930&to=4930100&direction=in&callId=77&user[]=anna%40example.com'
  assert.equal((await send(url, body)).body, 'OK')
  const [started, ringing] = events(running)
  assert.equal(started?.type, 'started')
  assert.deepEqual(ringing?.type === 'ringing' && ringing.extensions, ['101', '1101'])
  assert.notEqual(running.accepted[0]?.receipt, running.accepted[1]?.receipt)
  const json = JSON.stringify({ event: 'hangup', callId: 77, direction: 'in', cause: 'busy' })
  assert.equal((await send(url, json, { 'content-type': 'application/json' })).body, 'OK')
  assert.equal(events(running)[2]?.uniqueId, '77')
  const refused = await send(url, 'event=newCall&callId=1&to=1')
  assert.deepEqual(
    [refused.status, refused.body],
    [400, 'direction is missing, expected in or out'],
  )
})

test('CALL-9 the event is taken when nobody can say who the agents are', async () => {
  const running = await start({ extensionsOf: () => Promise.reject(new Error('database away')) })
  const url = running.url.replace('asterisk', 'cti')
  assert.equal(
    (await send(url, 'event=newCall&from=1&to=2&direction=in&callId=77&user=101')).body,
    'OK',
  )
  const ringing = events(running)[1]
  assert.deepEqual(ringing?.type === 'ringing' && ringing.extensions, ['101'])
})
