import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { join } from 'node:path'
import test from 'node:test'
import { Secret } from '../../server/secret.ts'
import { type AmiOptions, type AmiSession, connectAmi } from '../../server/sources/ami-client.ts'
import { AmiError, type AmiErrorCode } from '../../server/sources/ami-error.ts'
import type { AmiPacket } from '../../server/sources/ami-packet.ts'
import { allowedCommands, readAsteriskVersion } from '../../server/sources/ami-rights.ts'
import type { AmiEnd } from '../../server/sources/ami-wire.ts'
import { BESIDE_OTHERS } from '../support/beside-others.ts'
import { createScriptedAmi, type ScriptedAmiOptions } from '../support/scripted-ami.ts'

interface Opened extends Disposable {
  readonly session: AmiSession
  readonly events: readonly AmiPacket[]
  readonly ended: Promise<AmiEnd>
}

function optionsFor(port: number, more: Partial<AmiOptions> = {}): AmiOptions {
  return {
    host: '127.0.0.1',
    port,
    tls: false,
    verifyTls: true,
    userName: 'ringside',
    secret: new Secret('secret'),
    onEvent: () => undefined,
    onClose: () => undefined,
    ...more,
  }
}

/** A session with a fake, and what it heard. */
async function open(port: number, more: Partial<AmiOptions> = {}): Promise<Opened> {
  const events: AmiPacket[] = []
  const ended = Promise.withResolvers<AmiEnd>()
  const session = await connectAmi(
    optionsFor(port, {
      onEvent: (packet) => {
        events.push(packet)
      },
      onClose: ended.resolve,
      ...more,
    }),
  )
  return { session, events, ended: ended.promise, [Symbol.dispose]: () => session.close() }
}

function isAmiError(code: AmiErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AmiError, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    return true
  }
}

const refusals: readonly {
  readonly name: string
  readonly fake: ScriptedAmiOptions
  readonly more?: Partial<AmiOptions>
  readonly code: AmiErrorCode
  readonly message: RegExp
}[] = [
  {
    name: 'a wrong secret is a refused login, in the words of the PBX',
    fake: { secret: 'another' },
    code: 'login-refused',
    message: /"ringside": Authentication failed/,
  },
  {
    name: 'without a challenge the secret is not sent in the clear',
    fake: { hasChallenge: false },
    code: 'login-refused',
    message: /no MD5 challenge/,
  },
  {
    name: 'another protocol is named by what it said',
    fake: { banner: 'SSH-2.0-OpenSSH_9.2\r\n' },
    code: 'not-ami',
    message: /SSH-2\.0-OpenSSH.*Asterisk Call Manager/,
  },
  {
    name: 'whoever says nothing is not waited for',
    fake: { banner: null },
    more: { connectTimeoutMs: 50 },
    code: 'timeout',
    message: /127\.0\.0\.1:\d+ gave no answer within 50 ms/,
  },
  {
    name: 'a banner and then nothing is not waited for',
    fake: { onAction: () => true },
    more: { connectTimeoutMs: 50 },
    code: 'timeout',
    message: /no answer within 50 ms/,
  },
  {
    name: 'whoever closes during the login is told of',
    fake: {
      onAction: (_action, { socket }) => {
        socket.destroy()
        return true
      },
    },
    code: 'closed',
    message: /PBX/,
  },
]

for (const { name, fake, more, code, message } of refusals) {
  test(`AMI-1 ${name}`, async () => {
    await using ami = await createScriptedAmi(fake)
    let closes = 0
    const onClose = (): void => {
      closes += 1
    }
    const connecting = connectAmi(optionsFor(ami.port, { onClose, ...more }))
    await assert.rejects(connecting, isAmiError(code, message))
    assert.equal(closes, 0, 'there was no session to close')
    assert.ok(ami.actions.every(({ fields }) => ![...fields.values()].includes('secret')))
  })
}

test('AMI-1 nobody listening is said so', async () => {
  const ami = await createScriptedAmi()
  await ami[Symbol.asyncDispose]()
  const connecting = connectAmi(optionsFor(ami.port))
  await assert.rejects(connecting, isAmiError('unreachable', /cannot be reached: .*ECONNREFUSED/))
})

test('AMI-1 a web server is no manager interface', async () => {
  const server = createHttpServer()
  server.on('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  await assert.rejects(
    connectAmi(optionsFor(address.port)),
    isAmiError('not-ami', /HTTP\/1\.1 400/),
  )
  server.close()
})

test('AMI-1 a try can be given up, and a session ended, by a signal', async () => {
  await using silent = await createScriptedAmi({ banner: null })
  const abort = new AbortController()
  const connecting = connectAmi(optionsFor(silent.port, { signal: abort.signal }))
  abort.abort()
  await assert.rejects(connecting)

  await using ami = await createScriptedAmi()
  const stop = new AbortController()
  using opened = await open(ami.port, { signal: stop.signal })
  stop.abort()
  assert.equal((await opened.ended).code, 'closed-here')
})

test('AMI-1 the login proves the secret by MD5 and asks for the events', async () => {
  await using ami = await createScriptedAmi()
  using opened = await open(ami.port, { eventMask: 'call,agent' })
  assert.equal(opened.session.bannerLine, 'Asterisk Call Manager/11.0.0')
  assert.equal(opened.session.version, '11.0.0')
  const login = ami.actions.find(({ name }) => name === 'Login')!
  assert.equal(login.fields.get('authtype'), 'MD5')
  assert.equal(login.fields.get('key'), createHash('md5').update('123456789secret').digest('hex'))
  assert.equal(login.fields.get('events'), 'call,agent')
  assert.equal(login.fields.get('secret'), undefined)
})

const folder = join(import.meta.dirname, '../fixtures/tls')
const tls = {
  key: await readFile(join(folder, 'key.pem'), 'utf8'),
  cert: await readFile(join(folder, 'certificate.pem'), 'utf8'),
}

test('AMI-1 a self-signed certificate is refused, and taken when the admin says so', async () => {
  await using ami = await createScriptedAmi({ tls })
  const strict = connectAmi(optionsFor(ami.port, { tls: true }))
  await assert.rejects(strict, isAmiError('tls', /certificate of 127.* not trusted.*SELF_SIGNED/))
  using opened = await open(ami.port, { tls: true, verifyTls: false })
  assert.equal(opened.session.version, '11.0.0')
})

test('AMI-1 over TLS the secret itself is sent where there is no challenge', async () => {
  await using ami = await createScriptedAmi({ tls, hasChallenge: false })
  using _opened = await open(ami.port, { tls: true, verifyTls: false })
  assert.equal(ami.actions.at(-1)?.fields.get('secret'), 'secret')
})

test('AMI-1 TLS where there is none, and none where there is, are said so', async () => {
  await using plain = await createScriptedAmi()
  const towardsPlain = connectAmi(optionsFor(plain.port, { tls: true }))
  await assert.rejects(towardsPlain, isAmiError('tls', /does not speak TLS/))
  await using secured = await createScriptedAmi({ tls })
  const towardsTls = connectAmi(optionsFor(secured.port, { connectTimeoutMs: 50 }))
  await assert.rejects(towardsTls, isAmiError('timeout', /no answer/))
})

test('AMI-1 answers find their questions, in any order', async () => {
  const held: string[] = []
  await using ami = await createScriptedAmi({
    onAction: ({ name, id, fields }, peer) => {
      if (name !== 'Getvar') return false
      held.push(`Response: Success\r\nActionID: ${id}\r\nValue: ${fields.get('variable')}\r\n\r\n`)
      if (held.length === 3) peer.socket.write(held.toReversed().join(''))
      return true
    },
  })
  using opened = await open(ami.port)
  const answers = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      opened.session.send({ name: 'Getvar', fields: [['Variable', name]] }),
    ),
  )
  assert.deepEqual(
    answers.map((packet) => packet.get('value')),
    ['a', 'b', 'c'],
  )
})

test('AMI-1 a refused action has the words of the PBX', async () => {
  await using ami = await createScriptedAmi()
  using opened = await open(ami.port)
  const asking = opened.session.send({ name: 'Hangup', fields: [] })
  await assert.rejects(asking, isAmiError('refused', /^Invalid\/unknown command$/))
})

test('AMI-1 an action that is not answered ends by itself', async () => {
  await using ami = await createScriptedAmi({ onAction: ({ name }) => name === 'Hangup' })
  using opened = await open(ami.port, { actionTimeoutMs: 30 })
  const asking = opened.session.send({ name: 'Hangup', fields: [] })
  await assert.rejects(asking, isAmiError('timeout', /within 30 ms/))
})

test('SAFE-6 an action that cannot be sent as one is refused and not sent', async () => {
  await using ami = await createScriptedAmi()
  using opened = await open(ami.port)
  const smuggled = '101\r\n\r\nAction: Originate'
  const asking = opened.session.send({ name: 'Hangup', fields: [['Channel', smuggled]] })
  await assert.rejects(asking, isAmiError('bad-action', /Channel/))
  await opened.session.send({ name: 'Ping', fields: [] })
  assert.deepEqual(
    ami.actions.map(({ name }) => name),
    ['Challenge', 'Login', 'Ping'],
  )
})

/** A list as the versions write it, with an event of somebody else in between. */
const LISTS = [
  {
    era: 'new',
    first: ['EventList: start'],
    name: 'TheLastOne',
    last: ['EventList: Complete', 'ListItems: 2'],
  },
  { era: 'old', first: [], name: 'CoreShowChannelsComplete', last: ['ListItems: 2'] },
]
for (const { era, first, name: lastName, last } of LISTS) {
  test(`AMI-1 a list of the ${era} kind is gathered to its end, others' events are not in it`, async () => {
    await using ami = await createScriptedAmi({
      onAction: ({ name, id }, peer) => {
        if (name !== 'CoreShowChannels') return false
        peer.write('Response: Success', `ActionID: ${id}`, ...first)
        peer.write('Event: CoreShowChannel', `ActionID: ${id}`, 'Uniqueid: 1')
        peer.write('Event: Newchannel', 'Uniqueid: 2')
        peer.write('Event: CoreShowChannel', `ActionID: ${id}`, 'Uniqueid: 3')
        peer.write(`Event: ${lastName}`, ...last, `ActionID: ${id}`)
        return true
      },
    })
    // Nobody asked for CoreShowChannel as an event; the list has them all the same.
    using opened = await open(ami.port, { wants: (name) => name === 'Newchannel' })
    const items = await opened.session.list({ name: 'CoreShowChannels', fields: [] })
    assert.deepEqual(
      items.map((packet) => packet.get('Uniqueid')),
      ['1', '3'],
    )
    assert.deepEqual(
      opened.events.map((packet) => packet.get('Uniqueid')),
      ['2'],
    )
  })
}

test('AMI-1 a connection that ends in the middle of a list ends the list', async () => {
  await using ami = await createScriptedAmi({
    onAction: ({ name, id }, peer) => {
      if (name !== 'QueueStatus') return false
      peer.write('Response: Success', `ActionID: ${id}`, 'EventList: start')
      peer.write('Event: QueueParams', `ActionID: ${id}`)
      peer.socket.end()
      return true
    },
  })
  using opened = await open(ami.port)
  const listing = opened.session.list({ name: 'QueueStatus', fields: [] })
  await assert.rejects(listing, isAmiError('closed', /PBX closed/))
  assert.equal((await opened.ended).code, 'closed-by-pbx')
  const after = opened.session.send({ name: 'Ping', fields: [] })
  await assert.rejects(after, isAmiError('closed', /over/))
})

test('AMI-1 a list that the PBX gives up, or refuses, is refused', async () => {
  await using ami = await createScriptedAmi({
    onAction: ({ name, id }, peer) => {
      if (name !== 'BridgeList') return false
      peer.write('Response: Success', `ActionID: ${id}`, 'EventList: start')
      peer.write('Event: BridgeListComplete', `ActionID: ${id}`, 'EventList: Cancelled')
      return true
    },
  })
  using opened = await open(ami.port)
  const givenUp = opened.session.list({ name: 'BridgeList', fields: [] })
  await assert.rejects(givenUp, isAmiError('refused', /gave up/))
  const refused = opened.session.list({ name: 'ParkedCalls', fields: [] })
  await assert.rejects(refused, isAmiError('refused', /unknown command/))
})

test('AMI-1 a late event of an action is an event for all', async () => {
  await using ami = await createScriptedAmi({
    onAction: ({ name, id }, peer) => {
      if (name !== 'Originate') return false
      peer.write('Event: OriginateResponse', `ActionID: ${id}`, 'Response: Failure')
      peer.write('Response: Success', `ActionID: ${id}`)
      return true
    },
  })
  using opened = await open(ami.port)
  const answer = await opened.session.send({ name: 'Originate', fields: [] })
  assert.equal(answer.response, 'Success')
  assert.equal(opened.events[0]?.event, 'OriginateResponse')
  assert.equal(opened.events[0]?.actionId, answer.actionId)
})

test('HOLD-4 a silent PBX is asked for a sign, and a dead connection noticed', async () => {
  let isDead = false
  await using ami = await createScriptedAmi({ onAction: ({ name }) => isDead && name === 'Ping' })
  const times = { pingEveryMs: 20, lostAfterMs: 40 }
  using opened = await open(ami.port, times)
  const pinged = async (count: number): Promise<void> => {
    while (ami.actions.filter(({ name }) => name === 'Ping').length < count) {
      await once(ami.peers[0]!.socket, 'data')
    }
  }
  await pinged(3)
  isDead = true
  const startedAt = performance.now()
  assert.equal((await opened.ended).code, 'lost')
  assert.ok(performance.now() - startedAt < 1000 * BESIDE_OTHERS)
})

test('HOLD-4 by default a dead connection is noticed within 20 s', async (t) => {
  await using ami = await createScriptedAmi({ onAction: ({ name }) => name === 'Ping' })
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  t.mock.method(performance, 'now', () => now)
  using opened = await open(ami.port)
  let end: AmiEnd | null = null
  const ended = opened.ended.then((it) => {
    end = it
  })
  for (; now < 20_000 && end === null; now += 500) {
    t.mock.timers.tick(500)
    await Promise.resolve()
  }
  await ended
  assert.equal((await opened.ended).code, 'lost')
})

test('HOLD-4 the socket is read on while events wait, and too many end the session', async () => {
  await using ami = await createScriptedAmi()
  const gate = Promise.withResolvers<void>()
  const heard: string[] = []
  const opened = await open(ami.port, {
    maxWaitingEvents: 1000,
    onEvent: async (packet) => {
      await gate.promise
      heard.push(packet.get('N') ?? '')
    },
  })
  const flood = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => `Event: VarSet\r\nN: ${from + i}\r\n\r\n`).join('')
  ami.peers[0]!.socket.write(flood(0, 1000))
  await opened.session.send({ name: 'Ping', fields: [] })
  assert.deepEqual(heard, [], 'actions are answered while events wait')
  gate.resolve()
  await opened.session.send({ name: 'Ping', fields: [] })
  assert.equal(heard.length, 1000)
  assert.deepEqual(
    heard,
    heard.map((_, i) => String(i)),
  )
  opened.session.close()

  using stuck = await open(ami.port, {
    maxWaitingEvents: 1000,
    onEvent: () => new Promise<void>(() => undefined),
  })
  ami.peers[1]!.socket.write(flood(0, 1100))
  assert.equal((await stuck.ended).code, 'overflow')
})

test('HOLD-4 an event that cannot be dealt with is told of and does not stop the next', async () => {
  await using ami = await createScriptedAmi()
  const problems: string[] = []
  const heard: (string | null)[] = []
  using opened = await open(ami.port, {
    onProblem: (problem) => problems.push(problem),
    onEvent: (packet) => {
      if (packet.event === 'Bad') throw new Error('no')
      if (packet.event === 'BadLater') return Promise.reject(new Error('no'))
      heard.push(packet.event)
    },
  })
  const peer = ami.peers[0]!
  for (const name of ['Bad', 'BadLater', 'Good']) peer.write(`Event: ${name}`)
  await opened.session.send({ name: 'Ping', fields: [] })
  assert.deepEqual(heard, ['Good'])
  assert.equal(problems.length, 2)
})

test('AMI-1 a session that is closed here takes leave, and is closed once', async () => {
  await using ami = await createScriptedAmi()
  let closes = 0
  const closed = Promise.withResolvers<AmiEnd>()
  const opened = await open(ami.port, {
    onClose: (end) => {
      closes += 1
      closed.resolve(end)
    },
  })
  const waiting = opened.session.send({ name: 'Ping', fields: [] })
  opened.session.close()
  opened.session.close()
  await assert.rejects(waiting, isAmiError('closed', /closed by Ringside/))
  assert.equal((await closed.promise).code, 'closed-here')
  await once(ami.peers[0]!.socket, 'close')
  assert.equal(ami.actions.at(-1)?.name, 'Logoff')
  assert.equal(closes, 1)
})

test('CTL-1 the commands of an account are what the PBX lists for it', async () => {
  await using ami = await createScriptedAmi({
    onAction: ({ name, id }, peer) => {
      if (name !== 'ListCommands') return false
      const lines = ['Ping: Keepalive command.  (Priv: <none>)', 'QueueStatus: Show queue status.']
      peer.write('Response: Success', `ActionID: ${id}`, ...lines)
      return true
    },
  })
  using opened = await open(ami.port)
  assert.deepEqual([...(await allowedCommands(opened.session))], ['ping', 'queuestatus'])
  assert.equal(await readAsteriskVersion(opened.session), null)
})
