import assert from 'node:assert/strict'
import test from 'node:test'
import { Secret } from '../../server/secret.ts'
import { type AriCheckOptions, checkAri } from '../../server/sources/ari-check.ts'
import { ARI_PASSWORD, ARI_USER, createFakeAri, type FakeAriOptions } from '../support/fake-ari.ts'

const account = (url: string, more: Partial<AriCheckOptions> = {}): AriCheckOptions => ({
  url,
  userName: ARI_USER,
  password: new Secret(ARI_PASSWORD),
  verifyTls: true,
  timeoutMs: 10_000,
  ...more,
})

test('ADMIN-1 a good account: the version, and nothing to do', async () => {
  await using fake = await createFakeAri()
  const check = await checkAri(account(fake.url))
  const { endpoints, ...rest } = check
  assert.deepEqual(rest, { ok: true, code: 'ok', message: 'Asterisk 22.10.1', hint: '' })
  assert.deepEqual(endpoints, [
    { technology: 'PJSIP', resource: '101', state: 'online' },
    { technology: 'PJSIP', resource: '102', state: 'offline' },
    { technology: 'SIP', resource: 'trunk', state: 'unknown' },
  ])
})

test('ADMIN-1 the websocket of the test is not that of the session, and is left again', async () => {
  await using fake = await createFakeAri()
  const opened = fake.opened()
  await checkAri(account(fake.url))
  const socket = await opened
  await new Promise((resolve) => {
    socket.once('close', resolve)
    if (socket.readyState === socket.CLOSED) resolve(null)
  })
  assert.deepEqual(
    fake.requests.filter((line) => line.includes('events')),
    ['GET /ari/events?app=ringside-check'],
  )
})

test('ADMIN-1 a read-only account is good for events, and the missing right is named', async () => {
  await using fake = await createFakeAri({ readOnly: true })
  const check = await checkAri(account(fake.url))
  assert.deepEqual([check.ok, check.code], [true, 'no-rights'])
  assert.match(check.message, /may only read/)
  assert.match(check.hint, /read_only = no/)
})

test('ADMIN-2 a PBX without endpoints is told so, with what to load', async () => {
  for (const status of [200, 404]) {
    await using fake = await createFakeAri({
      answer: (request, response) => {
        if (request.url !== '/ari/endpoints') return false
        response.writeHead(status).end(status === 200 ? '[]' : '{"message":"Not found"}')
        return true
      },
    })
    const check = await checkAri(account(fake.url))
    assert.deepEqual([check.ok, check.endpoints], [true, []])
    assert.match(check.hint, /res_ari_endpoints\.so.*by hand/)
  }
})

const page: FakeAriOptions['answer'] = (_request, response) => {
  response.end('<html>secret page</html>')
  return true
}
const WRONG: readonly {
  readonly code: string
  readonly fake: FakeAriOptions
  readonly more?: Partial<AriCheckOptions>
  readonly hint: RegExp
}[] = [
  { code: 'wrong-login', fake: {}, more: { userName: 'x' }, hint: /ari\.conf/ },
  { code: 'not-asterisk', fake: { answer: page }, hint: /8088/ },
  {
    code: 'silent',
    fake: { answer: () => true },
    more: { timeoutMs: 300 },
    hint: /http show status/,
  },
  { code: 'tls-self-signed', fake: { tls: true }, hint: /tlscertfile/ },
  {
    code: 'no-websocket',
    fake: {
      upgrade: (_request, socket) => {
        socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
        return true
      },
    },
    hint: /res_http_websocket/,
  },
  {
    code: 'no-websocket',
    fake: {
      upgrade: (_request, socket) => {
        socket.destroy()
        return true
      },
    },
    hint: /Upgrade/,
  },
  {
    code: 'no-websocket',
    fake: { upgrade: () => true },
    more: { timeoutMs: 1000 },
    hint: /Upgrade/,
  },
]
for (const { code, fake: how, more, hint } of WRONG)
  test(`ADMIN-1 SAFE-5 ${code} comes with what to do, and without a body (${Object.keys(how)})`, async () => {
    await using fake = await createFakeAri(how)
    const check = await checkAri(account(fake.url, more))
    assert.deepEqual([check.ok, check.code], [false, code])
    assert.match(check.hint, hint)
    assert.doesNotMatch(`${check.message} ${check.hint}`, /secret|Node\.js|openssl|--use/)
  })

test('ADMIN-1 nobody there, TLS to a port without it, no address', async () => {
  assert.equal((await checkAri(account('http://127.0.0.1:1'))).code, 'refused')
  assert.equal((await checkAri(account(''))).code, 'bad-address')
  const metadata = await checkAri(account('http://169.254.169.254/ari'))
  assert.equal(metadata.code, 'forbidden-address')
  await using fake = await createFakeAri()
  const check = await checkAri(account(`https://127.0.0.1:${fake.port}`))
  assert.deepEqual(
    [check.code, check.message],
    ['tls-not-spoken', `127.0.0.1:${fake.port} does not speak TLS`],
  )
})
