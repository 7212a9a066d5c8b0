import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import test from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Secret } from '../../server/secret.ts'
import { checkAmi } from '../../server/sources/ami-check.ts'
import { checkAri } from '../../server/sources/ari-check.ts'
import { AriError } from '../../server/sources/ari-error.ts'
import { reachAri } from '../../server/sources/ari-reach.ts'
import { CHECKS, type CheckCode } from '../../server/sources/check-table.ts'
import type { Check } from '../../server/sources/pbx.ts'
import { ARI_PASSWORD, ARI_USER, createFakeAri } from '../support/fake-ari.ts'
import {
  type CertificateName,
  certificateOf,
  drip,
  freePort,
  type OddServer,
  serveHttp,
  serveNobody,
  serveSockets,
  TEST_AUTHORITY,
} from '../support/odd-servers.ts'
import { createScriptedAmi } from '../support/scripted-ami.ts'

setDefaultCACertificates([...getCACertificates(), TEST_AUTHORITY])

interface Asked {
  readonly timeoutMs?: number
  readonly tls?: boolean
  readonly host?: string
  readonly verifyTls?: boolean
  readonly userName?: string
  readonly addresses?: readonly string[]
}
type Ask = (port: number, asked?: Asked) => Promise<Check>

const SECRET = 'password-canary'
const resolveTo = (addresses: readonly string[]) => async () =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

const askAri: Ask = (port, asked = {}) =>
  checkAri({
    url: `${asked.tls ? 'https' : 'http'}://${asked.host ?? '127.0.0.1'}:${port}`,
    userName: asked.userName ?? ARI_USER,
    password: new Secret(asked.userName === undefined ? ARI_PASSWORD : SECRET),
    verifyTls: asked.verifyTls ?? true,
    timeoutMs: asked.timeoutMs ?? 10_000,
    ...(asked.addresses === undefined ? {} : { resolve: resolveTo(asked.addresses) }),
  })
const askAmi: Ask = (port, asked = {}) =>
  checkAmi({
    host: asked.host ?? '127.0.0.1',
    port,
    userName: asked.userName ?? 'ringside',
    secret: new Secret(asked.userName === undefined ? 'secret' : SECRET),
    tls: asked.tls ?? false,
    verifyTls: asked.verifyTls ?? true,
    events: true,
    timeoutMs: asked.timeoutMs ?? 10_000,
    ...(asked.addresses === undefined ? {} : { resolve: resolveTo(asked.addresses) }),
  })

interface Scenario {
  readonly name: string
  readonly code: CheckCode
  /** Null: nothing listens. */
  readonly serve: (() => Promise<OddServer>) | null
  readonly asked?: Asked
  readonly kinds?: readonly ('ari' | 'ami')[]
}

const sockets = (onSocket: (socket: Socket) => void, certificate?: CertificateName) => () =>
  serveSockets(onSocket, certificate)
const http = (onRequest: (request: IncomingMessage, response: ServerResponse) => void) => () =>
  serveHttp(onRequest)
const status = (code: number, headers: Record<string, string> = {}) =>
  http((_request, response) => {
    response.writeHead(code, headers).end('body-canary')
  })
const silent = (): undefined => undefined
const BRIEF = 250

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a name that no name server knows',
    code: 'name-not-found',
    serve: null,
    asked: { host: 'pbx.invalid', addresses: [] },
  },
  {
    name: 'a name that leads to a metadata address',
    code: 'forbidden-address',
    serve: null,
    asked: { host: 'pbx.example', addresses: ['169.254.169.254'] },
  },
  {
    name: 'a metadata address inside of an IPv6 address',
    code: 'forbidden-address',
    serve: null,
    asked: { host: '[::ffff:169.254.169.254]' },
  },
  { name: 'nobody listens', code: 'refused', serve: null },
  {
    name: 'nobody takes the connection',
    code: 'timed-out',
    serve: serveNobody,
    asked: { timeoutMs: BRIEF },
  },
  { name: 'a silent port', code: 'silent', serve: sockets(silent), asked: { timeoutMs: BRIEF } },
  {
    name: 'a silent port, asked by TLS',
    code: 'silent',
    serve: sockets(silent),
    asked: { timeoutMs: BRIEF, tls: true },
  },
  {
    name: 'silence behind TLS',
    code: 'silent',
    serve: sockets(silent, 'good'),
    asked: { timeoutMs: BRIEF, tls: true },
  },
  {
    name: 'a door that is shut at once',
    code: 'closed',
    serve: sockets((socket) => socket.destroy()),
  },
  {
    name: 'a self-signed certificate',
    code: 'tls-self-signed',
    serve: sockets(silent, 'certificate'),
    asked: { tls: true },
  },
  {
    name: 'an expired certificate',
    code: 'tls-expired',
    serve: sockets(silent, 'expired'),
    asked: { tls: true },
  },
  {
    name: 'a certificate of the future',
    code: 'tls-not-yet',
    serve: sockets(silent, 'not-yet'),
    asked: { tls: true },
  },
  {
    name: 'a certificate for another name',
    code: 'tls-wrong-name',
    serve: sockets(silent, 'wrong-name'),
    asked: { tls: true },
  },
  {
    name: 'a certificate of an unknown authority',
    code: 'tls-untrusted',
    serve: sockets(silent, 'untrusted'),
    asked: { tls: true },
  },
  {
    name: 'TLS to a web server without it',
    code: 'tls-not-spoken',
    serve: http((_request, response) => {
      response.end()
    }),
    asked: { tls: true },
  },
  {
    name: 'TLS to a manager interface without it',
    code: 'tls-not-spoken',
    serve: sockets((socket) => socket.write('Asterisk Call Manager/11.0.0\r\n')),
    asked: { tls: true },
  },
  {
    name: 'none towards a port that speaks TLS only',
    code: 'tls-needed',
    serve: sockets(silent, 'certificate'),
    asked: { timeoutMs: 1000 },
  },
  {
    name: 'TLS that fails',
    code: 'tls-failed',
    // A fatal alert: handshake failure.
    serve: sockets((socket) =>
      socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
    ),
    asked: { tls: true },
  },
  {
    name: 'another web server',
    code: 'not-asterisk',
    serve: http((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<html>body-canary</html>')
    }),
    kinds: ['ari'],
  },
  {
    name: 'JSON of something else',
    code: 'not-asterisk',
    serve: http((_request, response) => {
      response.end('{"message":"body-canary"}')
    }),
    kinds: ['ari'],
  },
  {
    name: 'a web server without this page',
    code: 'not-asterisk',
    serve: status(404, { server: 'nginx' }),
    kinds: ['ari'],
  },
  {
    name: 'a web server on the manager port',
    code: 'not-asterisk',
    serve: sockets((socket) => socket.write('HTTP/1.1 400 body-canary\r\n\r\n')),
    kinds: ['ami'],
  },
  {
    name: 'something that would speak another protocol',
    code: 'not-asterisk',
    serve: sockets((socket) =>
      socket.write('HTTP/1.1 101 canary\r\nconnection: upgrade\r\nupgrade: canary\r\n\r\n'),
    ),
    kinds: ['ari'],
  },
  {
    name: 'SSH on the port of ARI',
    code: 'not-asterisk',
    serve: sockets((socket) => socket.write('SSH-2.0-OpenSSH_9.2 body-canary\r\n')),
    kinds: ['ari'],
  },
  {
    name: 'SSH on the manager port',
    code: 'ssh',
    serve: sockets((socket) => socket.write('SSH-2.0-OpenSSH_9.2 body-canary\r\n')),
    kinds: ['ami'],
  },
  {
    name: 'ARI switched off',
    code: 'ari-off',
    serve: status(404, { server: 'Asterisk/22.10.1' }),
    kinds: ['ari'],
  },
  {
    name: 'ARI switched off, servername left out',
    code: 'ari-off',
    serve: status(404),
    kinds: ['ari'],
  },
  { name: 'a proxy without its PBX', code: 'http-error', serve: status(502), kinds: ['ari'] },
  { name: 'a proxy that lets nobody read', code: 'no-rights', serve: status(403), kinds: ['ari'] },
  {
    name: 'a drip of header lines',
    code: 'unfinished',
    serve: sockets((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      drip(socket, 'x: body-canary\r\n')
    }),
    asked: { timeoutMs: BRIEF },
    kinds: ['ari'],
  },
  {
    name: 'a drip of a body',
    code: 'unfinished',
    serve: http((_request, response) => {
      response.writeHead(200)
      drip(response, ' ')
    }),
    asked: { timeoutMs: BRIEF },
    kinds: ['ari'],
  },
  {
    name: 'a drip of events before the login is answered',
    code: 'unfinished',
    serve: sockets((socket) => {
      socket.write('Asterisk Call Manager/11.0.0\r\n')
      drip(socket, 'Event: body-canary\r\n\r\n')
    }),
    asked: { timeoutMs: BRIEF },
    kinds: ['ami'],
  },
  {
    name: 'a greeting letter by letter without its end',
    code: 'unfinished',
    serve: sockets((socket) => {
      socket.write('Asterisk Call Manager')
      drip(socket, 'x')
    }),
    asked: { timeoutMs: BRIEF },
    kinds: ['ami'],
  },
]

const BOTH = ['ari', 'ami'] as const
for (const { name, code, serve, asked, kinds = BOTH } of SCENARIOS)
  for (const kind of kinds)
    test(`ADMIN-1 SAFE-5 ${kind}: ${name} is ${code}`, async () => {
      await using server = (await serve?.()) ?? null
      const ask = kind === 'ari' ? askAri : askAmi
      const check = await ask(server?.port ?? (await freePort()), asked)
      assertIs(check, kind, code)
    })

function assertIs(check: Check, kind: 'ari' | 'ami', code: CheckCode): void {
  assert.equal(check.code, code, JSON.stringify(check))
  assert.equal(check.ok, false)
  assert.equal(check.hint, CHECKS[code][kind])
  assert.ok(check.message.length > 10 && check.message.length < 300, check.message)
  assert.doesNotMatch(check.message, /[{}]|canary|OpenSSH_|openssl|--use/i)
}

for (const to of ['http://169.254.169.254/latest', 'http://127.0.0.1:1/', '/elsewhere'])
  test(`SAFE-5 a redirect to ${to} is told of and not followed`, async () => {
    const paths: string[] = []
    await using server = await serveHttp((request, response) => {
      paths.push(request.url ?? '')
      response.writeHead(302, { location: to }).end()
    })
    assertIs(await askAri(server.port), 'ari', 'redirect')
    assert.deepEqual(paths, ['/ari/asterisk/info'])
  })

test('SAFE-5 an answer of 300 MB is left alone at 16 MiB', async () => {
  const total = 300 * 1024 * 1024
  let sent = 0
  await using server = await serveHttp((_request, response) => {
    const piece = Buffer.alloc(1024 * 1024, 0x20)
    const more = (): void => {
      while (sent < total && !response.destroyed) {
        sent += piece.length
        if (!response.write(piece)) break
      }
    }
    response.writeHead(200, { 'content-length': total })
    response.on('drain', more)
    more()
  })
  assertIs(await askAri(server.port), 'ari', 'too-large')
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`)
})

test('SAFE-5 a manager interface that sends 300 MB without an end is left alone', async () => {
  const total = 300 * 1024 * 1024
  let sent = 0
  await using server = await serveSockets((socket) => {
    const piece = Buffer.alloc(1024 * 1024, 0x41)
    const more = (): void => {
      while (sent < total && !socket.destroyed) {
        sent += piece.length
        if (!socket.write(piece)) break
      }
    }
    socket.on('drain', more)
    more()
  })
  assertIs(await askAmi(server.port), 'ami', 'not-asterisk')
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`)
})

for (const code of [200, 401, 403, 404, 409, 500])
  test(`SAFE-5 what another server says with HTTP ${code} is not passed on as the state of the link`, async () => {
    await using server = await serveHttp((_request, response) => {
      response.writeHead(code, { 'content-type': 'application/json' })
      response.end('{"message":"body-canary","error":"body-canary"}')
    })
    const url = `http://127.0.0.1:${server.port}`
    const account = { url, userName: 'x', password: new Secret(SECRET), verifyTls: true }
    await assert.rejects(reachAri(account, 10_000), (error) => {
      assert.ok(error instanceof AriError)
      assert.doesNotMatch(error.message, /canary/)
      assert.match(error.message, code === 200 ? /version/ : new RegExp(`HTTP ${code}`))
      return true
    })
  })

test('SAFE-5 the name is resolved once, and all connections go to that address', async () => {
  for (const kind of ['ari', 'ami'] as const) {
    await using server = await serveSockets((socket) => socket.destroy())
    let asked = 0
    const resolve = async () => {
      asked += 1
      // The second answer is another machine's: a rebinding name server.
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.9', family: 4 }]
    }
    const password = new Secret(SECRET)
    const rest = { userName: 'x', verifyTls: true, resolve }
    const check =
      kind === 'ari'
        ? await checkAri({ ...rest, url: `http://pbx.example:${server.port}`, password })
        : await checkAmi({
            ...rest,
            host: 'pbx.example',
            port: server.port,
            secret: password,
            tls: false,
            events: true,
          })
    assert.equal(check.code, 'closed')
    assert.equal(asked, 1, kind)
    assert.ok(server.connections() >= 2, 'the account, then the question about TLS')
  }
})

test('ADMIN-1 a wrong user or password, of ARI and of AMI', async () => {
  await using ari = await createFakeAri()
  assertIs(await askAri(ari.port, { userName: 'x' }), 'ari', 'wrong-login')
  await using ami = await createScriptedAmi()
  assertIs(await askAmi(ami.port, { userName: 'x' }), 'ami', 'wrong-login')
})

test('ADMIN-1 the secret is not sent where it could be read, and that is what is said', async () => {
  await using ami = await createScriptedAmi({ hasChallenge: false })
  assertIs(await askAmi(ami.port), 'ami', 'secret-not-sent')
  assert.ok(ami.actions.every(({ fields }) => !fields.has('secret')))
})

test('ADMIN-1 a certificate that is good, and a self-signed one where that is allowed', async () => {
  await using ami = await createScriptedAmi({ tls: certificateOf('good') })
  assert.equal((await askAmi(ami.port, { tls: true })).ok, true)
  await using own = await createScriptedAmi({ tls: certificateOf('certificate') })
  assert.equal((await askAmi(own.port, { tls: true, verifyTls: false })).ok, true)
})

const COMMANDS = [
  'CoreSettings',
  'CoreShowChannels',
  'Originate',
  'Redirect',
  'QueuePause',
  'MuteAudio',
  'Command',
]
const USER = (read: string): string[] => [
  'Output:        username: ringside',
  'Output:          secret: <Set>',
  `Output:       read perm: ${read}`,
  'Output:      write perm: system,call,command,agent,reporting,originate',
]
for (const { read, ok, missing } of [
  { read: 'system,call,agent,user', ok: true, missing: '' },
  { read: 'all', ok: true, missing: '' },
  { read: 'system,call', ok: true, missing: '' },
  { read: 'system,user', ok: false, missing: 'call,agent' },
  { read: '<none>', ok: false, missing: 'call,agent' },
])
  test(`ADMIN-1 AMI: an account with read = ${read} ${ok ? 'hears calls' : 'hears none, and that is named'}`, async () => {
    await using ami = await createScriptedAmi({
      onAction: ({ name, id, fields }, peer) => {
        const head = ['Response: Success', `ActionID: ${id}`]
        if (name === 'ListCommands') peer.write(...head, ...COMMANDS.map((each) => `${each}: x`))
        else if (name === 'Command') {
          assert.equal(fields.get('command'), 'manager show user ringside')
          peer.write(...head, 'Message: Command output follows', ...USER(read))
        } else return false
        return true
      },
    })
    const check = await askAmi(ami.port)
    assert.deepEqual([check.ok, check.code], [ok, ok ? 'ok' : 'no-rights'])
    if (!ok) assert.match(check.message, new RegExp(`read lacks ${missing}$`))
  })

test('SAFE-6 a user name that is no word never becomes a command of the console', async () => {
  await using ami = await createScriptedAmi({
    onAction: ({ name, id }, peer) => {
      const isLogin = name === 'Login'
      if (isLogin) peer.write('Response: Success', `ActionID: ${id}`)
      if (name === 'ListCommands')
        peer.write('Response: Success', `ActionID: ${id}`, ...COMMANDS.map((each) => `${each}: x`))
      return isLogin || name === 'ListCommands'
    },
  })
  await askAmi(ami.port, { userName: 'x core stop now' })
  assert.ok(ami.actions.every(({ name }) => name !== 'Command'))
})

test('ADMIN-1 every code has its words and what to do where it can happen, each its own', () => {
  const rows = Object.entries(CHECKS)
  assert.equal(new Set(rows.map(([, { message }]) => message)).size, rows.length - 2)
  for (const [code, { message, ari, ami }] of rows) {
    assert.notEqual(message, '', code)
    assert.ok(ari !== null || ami !== null, code)
    for (const hint of [ari, ami]) assert.ok(hint === null || hint.length > 5, code)
  }
})
