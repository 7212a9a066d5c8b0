import assert from 'node:assert/strict'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import test from 'node:test'
import { checkHookUrl } from '../../server/hooks/hook-url.ts'
import { type SendRules, send } from '../../server/hooks/send.ts'

const CANARY = 'answer-canary-0123456789'
const RULES: SendRules = { allowPrivate: true, connectMs: 300, wholeMs: 700 }

interface Served extends AsyncDisposable {
  readonly url: string
  readonly paths: string[]
}

async function serve(answer: (response: ServerResponse) => void): Promise<Served> {
  const paths: string[] = []
  const server: Server = createServer((request, response) => {
    paths.push(request.url ?? '')
    request.resume().on('end', () => answer(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/first`,
    paths,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const post = (url: string, rules: SendRules = RULES) =>
  send({ url, headers: { 'webhook-id': 'evt_1' }, body: '{"a":1}' }, rules)

test('ADMIN-7 a status of 200 to 299 is a delivery, whatever the body is', async () => {
  await using server = await serve((response) => {
    response.writeHead(202)
    response.write('x'.repeat(5_000_000))
    // Never ends: nobody waits for the rest of it.
  })
  assert.deepEqual(await post(server.url), { status: 202, isOk: true, reason: 'answered 202' })
})

test('SAFE-5 a redirect is a failure and is not followed', async () => {
  await using inside = await serve((response) => response.end())
  await using server = await serve((response) =>
    response.writeHead(307, { location: inside.url }).end(CANARY),
  )
  const answer = await post(server.url)
  assert.equal(answer.status, 307)
  assert.equal(answer.isOk, false)
  assert.match(answer.reason, /redirects are not followed/)
  assert.deepEqual(inside.paths, [])
})

test('SAFE-5 the reason says nothing of what the answer contained', async () => {
  await using server = await serve((response) =>
    response.writeHead(500, CANARY, { 'x-canary': CANARY }).end(CANARY),
  )
  const answer = await post(server.url)
  assert.deepEqual(answer, { status: 500, isOk: false, reason: 'answered 500' })
})

test('ADMIN-7 a receiver that would speak something else is no delivery, and holds up nobody', {
  timeout: 10_000,
}, async () => {
  await using server = await serve(({ socket }) =>
    socket?.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  )
  const answer = await post(server.url)
  assert.deepEqual(answer, { status: null, isOk: false, reason: 'did not answer in HTTP' })
})

test('ADMIN-7 a receiver that does not answer is waited for no longer than its time', async () => {
  await using server = await serve(() => undefined)
  const answer = await post(server.url)
  assert.deepEqual(answer, { status: null, isOk: false, reason: 'no answer within 0.7 s' })
})

test('ADMIN-7 a receiver that drips its header is waited for no longer', async () => {
  const dripping = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = setInterval(() => socket.write('x-more: 1\r\n'), 50)
    socket.on('close', () => clearInterval(drip))
  })
  await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve))
  const { port } = dripping.address() as AddressInfo
  const answer = await post(`http://127.0.0.1:${port}/`)
  dripping.close()
  assert.equal(answer.reason, 'no answer within 0.7 s')
})

test('ADMIN-7 what is no HTTP, no TLS or nobody at all is said in words', async () => {
  const ssh = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.resume().end(`SSH-2.0-${CANARY}\r\n`)
  })
  await new Promise<void>((resolve) => ssh.listen(0, '127.0.0.1', resolve))
  const { port } = ssh.address() as AddressInfo
  assert.equal((await post(`http://127.0.0.1:${port}/`)).reason, 'did not answer in HTTP')
  const overTls = await post(`https://127.0.0.1:${port}/`)
  assert.match(overTls.reason, /does not speak TLS/)
  await new Promise((resolve) => ssh.close(resolve))
  assert.match((await post(`http://127.0.0.1:${port}/`)).reason, /refused the connection/)
})

const FORBIDDEN: readonly { name: string; url: string; resolve?: SendRules['resolve'] }[] = [
  { name: 'loopback', url: 'http://127.0.0.1:9/' },
  { name: 'loopback in other words', url: 'http://2130706433:9/' },
  { name: 'IPv6 loopback', url: 'http://[::1]:9/' },
  { name: 'IPv4 inside IPv6', url: 'http://[::ffff:10.0.0.1]:9/' },
  { name: 'a private network', url: 'https://192.168.1.10/hook' },
  { name: 'the metadata service', url: 'http://169.254.169.254/latest/meta-data' },
  {
    name: 'a name that means a private address',
    url: 'https://hooks.example.com/',
    resolve: async () => [{ address: '10.1.2.3', family: 4 }],
  },
  {
    name: 'a name that means the metadata service',
    url: 'https://hooks.example.com/',
    resolve: async () => [{ address: '169.254.169.254', family: 4 }],
  },
]

for (const { name, url, resolve } of FORBIDDEN) {
  test(`SAFE-5 ${name} is refused when it is saved, and again when something is sent`, async () => {
    const rules = { ...RULES, allowPrivate: false, resolve }
    const checked = await checkHookUrl(url, rules)
    assert.ok('problem' in checked, JSON.stringify(checked))
    assert.match(checked.problem, /is not allowed/)
    const answer = await post(url, rules)
    assert.equal(answer.status, null)
    assert.match(answer.reason, /are not asked/)
  })
}

test('SAFE-5 metadata addresses are refused even where private ones are allowed', async () => {
  const url = 'http://169.254.169.254/'
  assert.ok('problem' in (await checkHookUrl(url, RULES)))
  assert.match((await post(url)).reason, /are not asked/)
})

test('SAFE-5 a name is asked for once: what it means a moment later is not used', async () => {
  await using server = await serve((response) => response.end())
  const { port } = new URL(server.url)
  let asked = 0
  const resolve: SendRules['resolve'] = async () => {
    asked += 1
    return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.9', family: 4 }]
  }
  const answer = await post(`http://hooks.example.com:${port}/first`, { ...RULES, resolve })
  assert.equal(answer.status, 200)
  assert.equal(asked, 1)
})

test('ADMIN-7 addresses: https unless http is written, no passwords, no other schemes', async () => {
  const rules = {
    allowPrivate: false,
    resolve: async () => [{ address: '93.184.216.34', family: 4 }],
  }
  assert.deepEqual(await checkHookUrl(' hooks.example.com/a?b=c#d ', rules), {
    url: 'https://hooks.example.com/a?b=c',
  })
  assert.deepEqual(await checkHookUrl('http://hooks.example.com', rules), {
    url: 'http://hooks.example.com/',
  })
  for (const [url, problem] of [
    ['ftp://hooks.example.com', /begins with ftp:\/\/, expected https/],
    ['https://user:word@hooks.example.com', /has a user name or password in it/],
    ['https://', /cannot be read/],
    [`https://hooks.example.com/${'x'.repeat(2000)}`, /characters, expected at most 2000/],
  ] as const) {
    const checked = await checkHookUrl(url, rules)
    assert.match('problem' in checked ? checked.problem : 'accepted', problem)
  }
})
