import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { readAmiScript, rewriteAmi } from '../../server/simulate/ami-script.ts'
import { type AmiServerOptions, createAmiServer } from '../../server/simulate/ami-server.ts'
import { listScenarios, loadAmi, loadScenario, VERSIONS } from '../../server/simulate/scenario.ts'

const RUN = {
  uniqueIdBase: 5000,
  startAt: new Date('2027-01-15T11:00:00Z'),
  timeZone: 'Europe/Minsk',
}

async function scriptOf(name: string, version: '16' | '22', run = {}) {
  const scenario = await loadScenario(name, version)
  assert.ok(scenario)
  const script = readAmiScript(await loadAmi(name, version))
  return { script, rewritten: rewriteAmi(script, scenario.expected, { ...RUN, ...run }) }
}

/** A client that says what it is told to and collects packets. */
async function createClient(port: number) {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  const waiting: { pattern: RegExp; resolve: () => void }[] = []
  const look = (): void => {
    for (const { pattern, resolve } of waiting) if (pattern.test(text)) resolve()
  }
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    look()
  })
  await once(socket, 'connect')
  return {
    say: (...lines: string[]) => socket.write(`${lines.join('\r\n')}\r\n\r\n`),
    until: (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        waiting.push({ pattern, resolve })
        look()
      }),
    text: () => text,
    ended: once(socket, 'close'),
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
    },
  }
}

function serve(options: Partial<AmiServerOptions> = {}) {
  return createAmiServer({
    port: 0,
    scripts: () => [],
    speed: Number.POSITIVE_INFINITY,
    ...options,
  })
}

for (const version of VERSIONS) {
  for (const name of await listScenarios(version)) {
    test(`CALL-20 AMI of ${name} of ${version}: cut at its packets, nothing lost`, async () => {
      const { script } = await scriptOf(name, version)
      const { bytes } = await loadAmi(name, version)
      const whole = script.banner + script.steps.map(({ packet }) => packet).join('')
      const login = /Response: Success\r\n.*?\r\n\r\n/s.exec(bytes.toString('latin1'))![0]
      assert.equal(whole.length + login.length, bytes.length)
      assert.ok(script.steps.every(({ packet }) => packet.startsWith('Event: ')))
      assert.ok(script.steps.at(-1)!.afterMs > 5000)
    })
    test(`CALL-20 AMI of ${name} of ${version}: no id, channel, bridge or time of the recording is left`, async () => {
      const { script, rewritten } = await scriptOf(name, version, { callerNumber: '+375291701699' })
      const text = rewritten.steps.map(({ packet }) => packet).join('')
      assert.equal(/\b17952\d{5}\b/.test(text), false)
      assert.equal(/-000000\d\d(?![\w-])/.test(text), false)
      assert.equal(/2026-|\.2026/.test(text), false)
      assert.equal(/79161234567|790355577\d\d/.test(text), false)
      assert.match(text, /375291701699/)
      const before = script.steps.map(({ packet }) => packet).join('')
      for (const [id] of before.matchAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g)) {
        assert.equal(text.includes(id), false)
      }
      const distinct = (all: string, pattern: RegExp) =>
        new Set([...all.matchAll(pattern)].map(([found]) => found)).size
      for (const pattern of [/^(Uniqueid|Linkedid): .*$/gm, /^Channel: .*$/gm, /^BridgeUni.*$/gm]) {
        assert.equal(distinct(text, pattern), distinct(before, pattern))
      }
      assert.deepEqual(
        rewritten.steps.map(({ afterMs }) => afterMs),
        script.steps.map(({ afterMs }) => afterMs),
      )
    })
  }
}

test('CALL-20 AMI: webhooks and AMI of one run speak of the same call', async () => {
  const { rewritten } = await scriptOf('incoming-answered', '22')
  const text = rewritten.steps.map(({ packet }) => packet).join('')
  assert.match(text, /^Linkedid: 1800010800\.5000\r$/m)
  assert.match(text, /^Value: 15\.01\.2027-14:00:00\r$/m)
  assert.match(text, /^StartTime: 2027-01-15 14:00:00\r$/m)
})

test('CALL-20 AMI: extensions change places everywhere, other numbers stay', async () => {
  const { script, rewritten } = await scriptOf('incoming-queue-answered', '16', {
    extensions: { '101': '102', '102': '101' },
  })
  const count = (steps: typeof script.steps, text: string) =>
    steps
      .map(({ packet }) => packet)
      .join('')
      .split(text).length
  for (const context of ['CallerIDNum: ', 'Interface: PJSIP/', 'Channel: PJSIP/', 'to_user=']) {
    assert.equal(count(rewritten.steps, `${context}101`), count(script.steps, `${context}102`))
    assert.equal(count(rewritten.steps, `${context}102`), count(script.steps, `${context}101`))
  }
  assert.equal(count(rewritten.steps, '74951000200'), count(script.steps, '74951000200'))
})

test('CALL-20 AMI: an anonymous caller is <unknown>', async () => {
  const { rewritten } = await scriptOf('incoming-missed', '22', { callerNumber: '' })
  const first = rewritten.steps.find(({ packet }) => packet.startsWith('Event: Newchannel'))!
  assert.match(first.packet, /^CallerIDNum: <unknown>\r$/m)
})

test('CALL-20 AMI: banner, wrong login, login by challenge, ping, events off', async () => {
  await using server = await serve()
  await using stranger = await createClient(server.port)
  stranger.say('Action: Ping', 'ActionID: 1')
  await stranger.until(/Response: Error\r\nActionID: 1\r\nMessage: Permission denied\r\n\r\n/)
  stranger.say('Action: Login', 'ActionID: 2', 'Username: ringside', 'Secret: wrong')
  await stranger.until(/Response: Error\r\nActionID: 2\r\nMessage: Authentication failed\r\n\r\n/)
  await stranger.ended
  assert.match(stranger.text(), /^Asterisk Call Manager\//)

  await using client = await createClient(server.port)
  client.say('action: challenge', 'authtype: MD5', 'ActionID: 3')
  await client.until(/Challenge: \d+\r\n\r\n/)
  const challenge = /Challenge: (\d+)/.exec(client.text())![1]
  const key = createHash('md5').update(`${challenge}ringside-ami`).digest('hex')
  client.say('Action: Login', 'AuthType: MD5', 'Username: ringside', `Key: ${key}`, 'ActionID: 4')
  await client.until(/Success\r\nActionID: 4\r\nMessage: Authentication accepted\r\n\r\n/)
  client.say('Action: Ping', 'ActionID: 5')
  await client.until(/Success\r\nActionID: 5\r\nPing: Pong\r\nTimestamp: [\d.]+\r\n\r\n/)
  client.say('Action: Events', 'EventMask: off', 'ActionID: 6')
  await client.until(/Success\r\nActionID: 6\r\nEvents: Off\r\n\r\n/)
  client.say('Action: CoreShowChannels', 'ActionID: 7')
  await client.until(/ActionID: 7\r\nEventList: Complete\r\nListItems: 0\r\n\r\n/)
  client.say('Action: Fly', 'ActionID: 8')
  await client.until(/Error\r\nActionID: 8\r\nMessage: Invalid\/unknown command: Fly/)
  client.say('Action: Logoff', 'ActionID: 9')
  await client.until(/Response: Goodbye\r\nActionID: 9/)
  await client.ended
})

test('CALL-20 AMI: two calls at once are played whole, packet by packet, in their order', async () => {
  const one = await scriptOf('incoming-answered', '22')
  const two = await scriptOf('incoming-queue-answered', '22', { uniqueIdBase: 6000 })
  const scripts = [one.rewritten, two.rewritten]
  await using server = await serve({ scripts: () => scripts })
  await using client = await createClient(server.port)
  client.say('Action: Login', 'Username: ringside', 'Secret: ringside-ami', 'ActionID: 1')
  await server.played
  client.say('Action: Ping', 'ActionID: 2')
  await client.until(/Ping: Pong/)
  const packets = client
    .text()
    .split(/(?=^Event: |^Response: )/m)
    .map((packet) => packet.trimEnd())
    .slice(2, -1)
  for (const script of scripts) {
    const linkedId = /^Linkedid: .*$/m.exec(script.steps.map(({ packet }) => packet).join(''))![0]
    const ofCall = (all: readonly string[]) => all.filter((packet) => packet.includes(linkedId))
    const expected = ofCall(script.steps.map(({ packet }) => packet.trimEnd()))
    assert.ok(expected.length > 100)
    assert.ok(isDeepStrictEqual(ofCall(packets), expected), `${linkedId} is not as it was recorded`)
  }
  assert.equal(packets.length, one.script.steps.length + two.script.steps.length)
})

test('CALL-20 AMI: the spacing is kept, at the chosen speed', async () => {
  const { rewritten } = await scriptOf('incoming-missed', '22')
  const speed = 20
  await using server = await serve({ scripts: () => [rewritten], speed })
  await using client = await createClient(server.port)
  client.say('Action: Login', 'Username: ringside', 'Secret: ringside-ami')
  await client.until(/Authentication accepted/)
  const startedAt = performance.now()
  await client.until(/Event: DialBegin/)
  const begin = performance.now() - startedAt
  await client.until(/Event: DialEnd/)
  const ring = performance.now() - startedAt - begin
  const at = (event: string) =>
    rewritten.steps.find(({ packet }) => packet.startsWith(`Event: ${event}\r\n`))!.afterMs
  const expected = (at('DialEnd') - at('DialBegin')) / speed
  assert.ok(expected > 200)
  assert.ok(Math.abs(ring - expected) < 150, `rang ${ring} ms, expected ${expected} ms`)
})
