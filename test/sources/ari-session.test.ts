import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import test from 'node:test'
import { Secret } from '../../server/secret.ts'
import { AriError } from '../../server/sources/ari-error.ts'
import { type AriOptions, connectAri } from '../../server/sources/ari-session.ts'
import {
  ARI_PASSWORD,
  ARI_USER,
  createFakeAri,
  type FakeAri,
  type FakeAriOptions,
} from '../support/fake-ari.ts'

/** Long, because a busy machine is slow; tests that wait for a time to be up say a shorter one. */
const PATIENT = { requestMs: 15_000, connectMs: 15_000, pingEveryMs: 5000, silenceMs: 15_000 }

interface Heard {
  readonly options: AriOptions
  readonly events: unknown[]
  readonly closed: Promise<string>
  /** Settles when so many events have come. */
  count(wanted: number): Promise<void>
}

function listenTo(fake: Pick<FakeAri, 'url'>, more: Partial<AriOptions> = {}): Heard {
  const events: unknown[] = []
  const closed = Promise.withResolvers<string>()
  let waiting: { readonly wanted: number; readonly resolve: () => void } | null = null
  const options: AriOptions = {
    url: fake.url,
    userName: ARI_USER,
    password: new Secret(ARI_PASSWORD),
    verifyTls: true,
    app: 'ringside-test',
    timeouts: PATIENT,
    onEvent: (event) => {
      events.push(event)
      if (waiting !== null && events.length >= waiting.wanted) waiting.resolve()
    },
    onClose: closed.resolve,
    ...more,
  }
  const count = (wanted: number): Promise<void> =>
    new Promise((resolve) => {
      waiting = { wanted, resolve }
      if (events.length >= wanted) resolve()
    })
  return { options, events, closed: closed.promise, count }
}

test('ARI-1 ARI-2 everything is subscribed to, events come in their order and whole', async () => {
  await using fake = await createFakeAri()
  const heard = listenTo(fake)
  await using session = await connectAri(heard.options)
  assert.equal(session.version, '22.10.1')
  assert.equal(session.isReadOnly, false)
  assert.ok(fake.requests.some((line) => /app=ringside-test&.*subscribeAll=true/.test(line)))
  const sent = Array.from({ length: 500 }, (_, n) => ({
    type: n % 2 === 0 ? 'ChannelCreated' : 'ChannelStateChange',
    timestamp: '2026-11-21T08:00:00.000+0000',
    channel: { id: `${n}.1`, name: 'PJSIP/101-00000001', caller: { name: 'Анна', number: '' } },
  }))
  for (const event of sent) fake.send(event)
  await heard.count(sent.length)
  assert.deepEqual(heard.events, sent)
})

test('ARI-2 an event that the description does not know, and what is no JSON, stop nothing', async () => {
  await using fake = await createFakeAri()
  const heard = listenTo(fake)
  await using _session = await connectAri(heard.options)
  fake.send('this is no JSON')
  fake.send('null')
  fake.send('[]')
  fake.send({ type: 'SomethingNew', value: 1 })
  fake.send({ type: 'error' })
  fake.send({ type: 'error' })
  fake.send({ type: 'ChannelCreated', channel: { id: '1' } })
  await heard.count(4)
  assert.deepEqual(heard.events, [
    { type: 'SomethingNew', value: 1 },
    { type: 'error' },
    { type: 'error' },
    { type: 'ChannelCreated', channel: { id: '1' } },
  ])
})

test('ARI-1 a self-signed certificate only when the admin says so, for requests and events', async () => {
  await using fake = await createFakeAri({ tls: true })
  const strict = listenTo(fake)
  await assert.rejects(connectAri(strict.options), { name: 'AriError', code: 'tls' })
  const heard = listenTo(fake, { verifyTls: false })
  await using session = await connectAri(heard.options)
  fake.send({ type: 'ChannelCreated', channel: { id: '1' } })
  await heard.count(1)
  assert.deepEqual(await session.rest.get('channels'), [])
})

test('ARI-1 no scheme means https', async () => {
  await using fake = await createFakeAri({ tls: true })
  const heard = listenTo({ url: `127.0.0.1:${fake.port}/ari` }, { verifyTls: false })
  await using session = await connectAri(heard.options)
  assert.equal(session.version, '22.10.1')
})

test('ARI-1 a PBX behind a path prefix', async () => {
  await using fake = await createFakeAri()
  await using _session = await connectAri(listenTo({ url: `${fake.url}/asterisk/ari` }).options)
  assert.ok(fake.requests.some((line) => line.startsWith('GET /asterisk/ari/events?')))
  assert.ok(fake.requests.includes('GET /asterisk/ari/asterisk/info'))
})

test('SAFE-5 a name is resolved once, for requests and for the websocket', async () => {
  await using fake = await createFakeAri()
  let asked = 0
  const resolve: AriOptions['resolve'] = async () => {
    asked += 1
    return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
  }
  const url = `http://pbx.invalid:${fake.port}`
  await using session = await connectAri(listenTo({ url }, { resolve }).options)
  await session.rest.get('channels')
  assert.equal(asked, 1)
})

test('ARI-1 a read-only account is known as one', async () => {
  await using fake = await createFakeAri({ readOnly: true })
  await using session = await connectAri(listenTo(fake).options)
  assert.equal(session.isReadOnly, true)
})

test('ARI-2 a lost connection is told once, and not mended behind the back', async () => {
  await using fake = await createFakeAri()
  const heard = listenTo(fake)
  await using _session = await connectAri(heard.options)
  const before = fake.requests.length
  fake.cut()
  assert.match(await heard.closed, /./)
  assert.equal(fake.requests.length, before)
})

test('HOLD-4 a half-open connection is noticed by pings that nobody answers', async () => {
  await using fake = await createFakeAri()
  const heard = listenTo(fake, { timeouts: { pingEveryMs: 50, silenceMs: 300 } })
  await using _session = await connectAri(heard.options)
  fake.freeze()
  assert.equal(await heard.closed, 'the PBX has fallen silent')
})

test('HOLD-4 a silent PBX that answers pings stays connected', async () => {
  await using fake = await createFakeAri()
  const heard = listenTo(fake, { timeouts: { pingEveryMs: 100, silenceMs: 1500 } })
  const opened = fake.opened()
  await using _session = await connectAri(heard.options)
  const socket = await opened
  // More than silenceMs of nothing but pings.
  let pings = 0
  await new Promise<void>((resolve) => {
    socket.on('ping', () => {
      pings += 1
      if (pings === 25) resolve()
    })
  })
  fake.send({ type: 'ChannelCreated', channel: { id: '1' } })
  await heard.count(1)
})

test('ARI-2 closing says nothing to onClose, and ends the websocket', async () => {
  await using fake = await createFakeAri()
  const heard = listenTo(fake, { onClose: (reason) => assert.fail(reason) })
  const opened = fake.opened()
  const session = await connectAri(heard.options)
  const gone = new Promise((resolve) => opened.then((socket) => socket.once('close', resolve)))
  await session.close()
  await session.close()
  await gone
})

test('ARI-2 an aborted signal ends it, before and after the connection is there', async () => {
  await using fake = await createFakeAri()
  await assert.rejects(connectAri(listenTo(fake, { signal: AbortSignal.abort() }).options))
  const abort = new AbortController()
  const opened = fake.opened()
  await connectAri(listenTo(fake, { signal: abort.signal }).options)
  const gone = new Promise((resolve) => opened.then((socket) => socket.once('close', resolve)))
  abort.abort()
  await gone
})

const HTML = '<html><body>secret page</body></html>'
const say =
  (status: number, body: string, headers: Record<string, string> = {}): FakeAriOptions['answer'] =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
    return true
  }
interface Broken {
  readonly name: string
  readonly code: string
  readonly fake: FakeAriOptions
  readonly user?: string
  readonly timeouts?: AriOptions['timeouts']
}
const BROKEN: readonly Broken[] = [
  { name: '401', code: 'unauthorized', fake: {}, user: 'somebody' },
  { name: '404', code: 'not-ari', fake: { answer: say(404, HTML) } },
  { name: '500', code: 'not-ari', fake: { answer: say(500, HTML) } },
  { name: '500 in JSON', code: 'not-ari', fake: { answer: say(500, '{"a":"secret page"}') } },
  { name: 'HTML with 200', code: 'not-ari', fake: { answer: say(200, HTML) } },
  { name: 'JSON of something else', code: 'not-ari', fake: { answer: say(200, '{"system":3}') } },
  { name: 'an empty answer', code: 'not-ari', fake: { answer: say(200, '') } },
  {
    name: 'a redirect',
    code: 'not-ari',
    fake: { answer: say(302, '', { location: 'http://127.0.0.1:1/' }) },
  },
  {
    name: 'nothing, for ever',
    code: 'timeout',
    fake: { answer: () => true },
    timeouts: { requestMs: 300 },
  },
  {
    name: 'half an answer',
    code: 'unreachable',
    fake: {
      answer: (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"system":', () => response.destroy())
        return true
      },
    },
  },
  {
    name: 'an answer that drips',
    code: 'timeout',
    timeouts: { requestMs: 300 },
    fake: {
      answer: (_request, response) => {
        response.writeHead(200)
        response.write('{')
        return true
      },
    },
  },
  {
    name: 'a websocket refused with 401',
    code: 'no-websocket',
    fake: { upgrade: raw('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n') },
  },
  {
    name: 'a websocket refused with 500 and a page',
    code: 'no-websocket',
    fake: { upgrade: raw(`HTTP/1.1 500 Oops\r\nContent-Length: ${HTML.length}\r\n\r\n${HTML}`) },
  },
  {
    name: 'a websocket that is redirected',
    code: 'no-websocket',
    fake: { upgrade: raw('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n') },
  },
  {
    name: 'a websocket that is cut in the middle',
    code: 'no-websocket',
    fake: { upgrade: raw('HTTP/1.1 101 Switching') },
  },
  {
    name: 'a websocket that never answers',
    code: 'timeout',
    fake: { upgrade: () => true },
    timeouts: { connectMs: 1000 },
  },
  {
    name: 'nonsense for a websocket',
    code: 'no-websocket',
    fake: {
      upgrade: raw('HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nxxxx'),
    },
  },
]
for (const { name, code, fake: how, user, timeouts } of BROKEN)
  test(`ARI-1 ${name} is an error with a reason, never the end of the process`, async () => {
    await using fake = await createFakeAri(how)
    const heard = listenTo(fake, {
      timeouts: { ...PATIENT, ...timeouts },
      onClose: () => assert.fail('what never opened cannot close'),
      ...(user === undefined ? {} : { userName: user }),
    })
    const error = await connectAri(heard.options).then(
      () => assert.fail('it connected'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof AriError, String(error))
    assert.equal(error.code, code)
    assert.ok(!error.message.includes('secret page'), 'a reason, not a body')
  })

test('ARI-1 the description of its API, which says http:// even over TLS, is not asked for', async () => {
  await using fake = await createFakeAri()
  await using _session = await connectAri(listenTo(fake).options)
  assert.deepEqual(
    fake.requests.filter((line) => line.includes('api-docs')),
    [],
  )
})

test('ARI-1 a port where nothing listens, and one that is no HTTP', async () => {
  await assert.rejects(connectAri(listenTo({ url: 'http://127.0.0.1:1' }).options), {
    code: 'unreachable',
  })
  const manager = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.resume().end('Asterisk Call Manager/11.0.0\r\n')
  })
  await new Promise<void>((resolve) => manager.listen(0, '127.0.0.1', resolve))
  const { port } = manager.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  await assert.rejects(connectAri(listenTo({ url }).options), { code: 'not-ari' })
  await new Promise((resolve) => manager.close(resolve))
})

test('SAFE-5 a metadata address is not asked', async () => {
  await assert.rejects(connectAri(listenTo({ url: 'http://169.254.169.254' }).options), {
    code: 'unreachable',
    message: /metadata/,
  })
})

function raw(answer: string): NonNullable<FakeAriOptions['upgrade']> {
  return (_request, socket) => {
    socket.end(answer)
    return true
  }
}
