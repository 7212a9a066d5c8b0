import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type ClientOptions, WebSocket } from 'ws'
import { readEndpoints } from '../../server/sources/ari-endpoints.ts'
import type { AriSession } from '../../server/sources/ari-session.ts'
import { createAriSockets, tokenOfAriPath } from '../../server/sources/ari-socket.ts'
import { createWebsocketClientConf } from '../../server/sources/ari-socket-conf.ts'
import { createMemoryLog } from '../support/memory-log.ts'

const TIMES = { requestMs: 2000, connectMs: 5000, pingEveryMs: 100, silenceMs: 1000 }
const ARRIVED = new Date('2026-11-21T08:00:00Z')

interface Stage extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly heard: string[]
  readonly log: ReturnType<typeof createMemoryLog>
  session(): Promise<AriSession>
  /** Settles with the reason of the next session that ends by itself. */
  closed(): Promise<string>
  /** Settles when so many events were heard. */
  count(wanted: number): Promise<void>
  end(connectionId: string): void
  /** How many connections the server holds. */
  connections(): Promise<number>
}

async function createStage(): Promise<Stage> {
  const log = createMemoryLog()
  const heard: string[] = []
  const sessions: AriSession[] = []
  const happened = new EventTarget()
  const closings: string[] = []
  const sockets = createAriSockets({
    accept: async (path, authorization) => {
      const token = tokenOfAriPath(path)
      if (token === 'boom') throw new Error('the database is away')
      return token === 'good' && authorization === 'Basic cGJ4OnB3' ? 'connection-1' : null
    },
    onSession: (id, session) => {
      assert.equal(id, 'connection-1')
      sessions.push(session)
      happened.dispatchEvent(new Event('x'))
      return {
        onEvent: (event, at) => {
          assert.equal(at, ARRIVED)
          heard.push(JSON.stringify(event))
          happened.dispatchEvent(new Event('x'))
        },
        onClose: (reason) => {
          closings.push(reason)
          happened.dispatchEvent(new Event('x'))
        },
      }
    },
    log,
    clock: () => ARRIVED,
    timeouts: TIMES,
  })
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise((resolve) => happened.addEventListener('x', resolve, { once: true }))
    }
  }
  const server = createServer((_request, response) => response.end('plain'))
  server.on('upgrade', sockets.handleUpgrade)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    heard,
    log,
    session: () => until(() => sessions.shift()),
    closed: () => until(() => closings.shift()),
    count: async (wanted) => {
      await until(() => (heard.length >= wanted ? true : undefined))
    },
    end: (id) => sockets.end(id, 'the token was changed'),
    connections: () => promisify(server.getConnections.bind(server))(),
    [Symbol.asyncDispose]: async () => {
      await sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Answer = { status: number; body?: unknown } | null

/** An Asterisk that connects, as far as its websocket goes. */
function connectPbx(
  stage: Stage,
  answers: (method: string, uri: string, message: Record<string, unknown>) => Answer = () => ({
    status: 404,
    body: { message: 'Resource not found' },
  }),
  options: ClientOptions = {},
): WebSocket {
  const socket = new WebSocket(`${stage.url}/pbx/ari/good`, ['ari'], {
    headers: { authorization: 'Basic cGJ4OnB3' },
    ...options,
  })
  socket.on('error', () => undefined)
  socket.on('message', (bytes) => {
    const message = JSON.parse(String(bytes)) as Record<string, unknown>
    assert.equal(message.type, 'RESTRequest')
    const uri = String(message.uri)
    const given = answers(String(message.method), uri, message)
    const usual =
      uri === 'asterisk/info' ? { status: 200, body: { system: { version: '22.10.1' } } } : given
    if (usual === null) return
    socket.send(
      JSON.stringify({
        type: 'RESTResponse',
        transaction_id: '',
        request_id: message.request_id,
        status_code: usual.status,
        reason_phrase: 'x',
        uri,
        ...(usual.body === undefined ? {} : { message_body: JSON.stringify(usual.body) }),
      }),
    )
  })
  return socket
}

test('ARI-4 a PBX connects: its version, its events in order, requests on the same websocket', async () => {
  await using stage = await createStage()
  const pbx = connectPbx(stage, (method, uri, message) => {
    if (uri === 'endpoints')
      return { status: 200, body: [{ technology: 'PJSIP', resource: '101', state: 'online' }] }
    if (method === 'POST') return { status: 200, body: { uri, sent: message.message_body ?? null } }
    return { status: 404, body: { message: 'Channel not found' } }
  })
  await once(pbx, 'open')
  assert.equal(pbx.protocol, 'ari')
  const session = await stage.session()
  assert.deepEqual([session.version, session.isReadOnly], ['22.10.1', false])
  assert.deepEqual(await readEndpoints(session.rest), [
    { technology: 'PJSIP', resource: '101', state: 'online' },
  ])
  assert.deepEqual(await session.rest.post('channels', { endpoint: 'PJSIP/1 1' }, { a: 1 }), {
    uri: 'channels?endpoint=PJSIP%2F1+1',
    sent: '{"a":1}',
  })
  await assert.rejects(session.rest.get('channels/x'), {
    code: 'not-found',
    message: 'Channel not found',
  })
  for (let n = 0; n < 100; n += 1) pbx.send(JSON.stringify({ type: 'ChannelCreated', n }))
  await stage.count(100)
  assert.deepEqual(
    stage.heard,
    Array.from({ length: 100 }, (_, n) => JSON.stringify({ type: 'ChannelCreated', n })),
  )
})

test('ARI-4 events that the PBX had queued come before its first answer and are kept in order', async () => {
  await using stage = await createStage()
  const pbx = connectPbx(stage)
  pbx.on('open', () => {
    for (let n = 0; n < 1000; n += 1) pbx.send(JSON.stringify({ type: 'ChannelVarset', n }))
  })
  await stage.session()
  await stage.count(1000)
  assert.equal(stage.heard[0], '{"type":"ChannelVarset","n":0}')
  assert.equal(stage.heard[999], '{"type":"ChannelVarset","n":999}')
})

test('ARI-4 a read-only local_ari_user is known as one', async () => {
  await using stage = await createStage()
  connectPbx(stage, () => ({ status: 403, body: { message: 'Write access denied' } }))
  assert.equal((await stage.session()).isReadOnly, true)
})

test('ARI-4 a second websocket of the same PBX ends the first', async () => {
  await using stage = await createStage()
  connectPbx(stage)
  await stage.session()
  const closed = stage.closed()
  connectPbx(stage)
  const second = await stage.session()
  assert.equal(await closed, 'the PBX connected again')
  await assert.rejects(second.rest.get('channels'), { code: 'not-found' })
})

test('ARI-4 a PBX that goes is told once, and requests that wait fail at once', async () => {
  await using stage = await createStage()
  const pbx = connectPbx(stage, (_method, uri) => (uri === 'channels' ? null : { status: 404 }))
  const session = await stage.session()
  const waiting = session.rest.get('channels')
  pbx.terminate()
  await assert.rejects(waiting, { code: 'unreachable' })
  assert.equal(await stage.closed(), 'the PBX closed the websocket')
  await assert.rejects(session.rest.get('channels'), { code: 'unreachable' })
})

test('ARI-4 a request without an answer ends in time, a late or strange answer does no harm', async () => {
  await using stage = await createStage()
  const pbx = connectPbx(stage, (_method, uri) => (uri === 'slow' ? null : { status: 404 }))
  const session = await stage.session()
  await assert.rejects(session.rest.get('slow'), { code: 'timeout' })
  for (const text of ['no JSON', 'null', '[1]', '{"type":"RESTResponse"}']) pbx.send(text)
  pbx.send(JSON.stringify({ type: 'RESTResponse', request_id: '3', status_code: 200 }))
  pbx.send(JSON.stringify({ type: 'RESTResponse', request_id: {}, status_code: 'x' }))
  pbx.send(JSON.stringify({ type: 'ChannelCreated' }))
  await stage.count(1)
  assert.ok(stage.heard.includes('{"type":"ChannelCreated"}'))
})

test('HOLD-4 a half-open websocket of a PBX is noticed', async () => {
  await using stage = await createStage()
  connectPbx(stage, undefined, { autoPong: false })
  await stage.session()
  assert.equal(await stage.closed(), 'the PBX has fallen silent')
})

test('ARI-4 closing a session says nothing to its listener and ends the websocket', async () => {
  await using stage = await createStage()
  const pbx = connectPbx(stage)
  const session = await stage.session()
  const gone = once(pbx, 'close')
  await session.close()
  await gone
  connectPbx(stage)
  await stage.session()
  stage.end('connection-1')
  assert.equal(await stage.closed(), 'the token was changed')
})

test('ARI-4 a PBX too old to take requests on its websocket is let go, with a line in the log', async () => {
  await using stage = await createStage()
  const pbx = new WebSocket(`${stage.url}/pbx/ari/good`, ['ari'], {
    headers: { authorization: 'Basic cGJ4OnB3' },
  })
  await once(pbx, 'close')
  assert.deepEqual(
    stage.log.lines.map((line) => line.event),
    ['ari.socket-unanswered'],
  )
})

const REFUSED: readonly [string, string, Record<string, string>, number][] = [
  ['a wrong token', '/pbx/ari/bad', { authorization: 'Basic cGJ4OnB3' }, 401],
  ['a wrong password', '/pbx/ari/good', { authorization: 'Basic eDp5' }, 401],
  ['no credentials', '/pbx/ari/good', {}, 401],
  ['no token', '/pbx/ari/', { authorization: 'Basic cGJ4OnB3' }, 401],
  ['a browser', '/pbx/ari/good', { authorization: 'Basic cGJ4OnB3', origin: 'https://evil' }, 403],
  ['another path', '/api/stream', { authorization: 'Basic cGJ4OnB3' }, 404],
  ['a database that is away', '/pbx/ari/boom', {}, 503],
]
for (const [name, path, headers, status] of REFUSED)
  test(`ARI-4 SAFE-7 ${name} gets ${status}, and no websocket`, async () => {
    await using stage = await createStage()
    const socket = new WebSocket(stage.url + path, ['ari'], { headers })
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ]
    assert.equal(response.statusCode, status)
    assert.doesNotMatch(JSON.stringify(stage.log.lines), /good|bad|cGJ4/)
  })

test('ARI-4 an upgrade that is broken or cut does no harm', async () => {
  await using stage = await createStage()
  const head =
    'GET /pbx/ari/good HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  for (const text of [
    `${head}\r\n`,
    `${head}Authorization: Basic cGJ4OnB3\r\n\r\n`,
    `${head}Authorization: Basic cGJ4OnB3\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\n\r\n`,
    head,
  ]) {
    const socket = connect(stage.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(text, () => socket.resetAndDestroy())
    await once(socket, 'close')
  }
  const after = request({ host: '127.0.0.1', port: stage.port, path: '/' }).end()
  const [response] = (await once(after, 'response')) as [{ statusCode: number; resume(): void }]
  response.resume()
  assert.equal(response.statusCode, 200)
})

test('ARI-4 who is refused is let go, whatever they send behind it and though they never leave', async () => {
  await using stage = await createStage()
  const clients = Array.from({ length: 20 }, (_, index) => {
    const client = connect({ port: stage.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => undefined).resume()
    const head = 'GET /pbx/ari/bad HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket'
    client.write(`${head}\r\n\r\n${'x'.repeat(index)}`)
    return client
  })
  await Promise.all(clients.map((client) => once(client, 'end')))
  for (let looks = 0; looks < 40 && (await stage.connections()) > 0; looks += 1) await pause(50)
  assert.equal(await stage.connections(), 0)
  for (const client of clients) client.destroy()
})

test('ARI-4 the settings for Asterisk 22', () => {
  const conf = {
    host: 'ringside.example.com',
    port: 443,
    tls: true,
    path: '/pbx/ari/TOKEN',
    userName: 'ringside-pbx',
    password: 'pass;word',
    app: 'ringside-1a2b',
  }
  const { websocketClientConf, ariConf } = createWebsocketClientConf(conf)
  assert.match(websocketClientConf, /^\[ringside-1a2b\]\ntype = websocket_client\n/)
  assert.match(websocketClientConf, /^uri = wss:\/\/ringside\.example\.com:443\/pbx\/ari\/TOKEN$/m)
  assert.match(websocketClientConf, /^password = pass\\;word$/m)
  assert.match(websocketClientConf, /^tls_enabled = yes$/m)
  assert.match(ariConf, /^\[ringside-pbx\]\ntype = user\n/)
  assert.match(ariConf, /^subscribe_all = yes\nlocal_ari_user = ringside-pbx$/m)
  assert.throws(() => createWebsocketClientConf({ ...conf, password: 'a\nread_only = yes' }))
  assert.throws(() => createWebsocketClientConf({ ...conf, app: 'a]\n[general' }))
})
