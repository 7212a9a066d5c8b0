import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { simulate } from '../../server/simulate/cli.ts'
import { type ReplayOptions, replay } from '../../server/simulate/replay.ts'
import { loadScenario } from '../../server/simulate/scenario.ts'

interface Received {
  readonly at: number
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A webhook's receiver on a real port, which keeps what it got. */
async function createReceiver(status = 200) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({
        at: performance.now(),
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('latin1'),
      })
      response.writeHead(status).end(status === 200 ? 'OK' : 'to_user is missing')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    received,
    url: new URL(`http://127.0.0.1:${port}/webhooks/asterisk/token`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function send(name: string, options: ReplayOptions, status = 200) {
  const scenario = await loadScenario(name, '22')
  assert.ok(scenario)
  await using receiver = await createReceiver(status)
  const answers = await replay(scenario.requests, receiver.url, options)
  return { scenario, answers, received: receiver.received }
}

test('CALL-20 the receiver gets the bytes and headers that Asterisk sent, none of a browser', async () => {
  const { scenario, answers, received } = await send('incoming-queue-answered', {
    speed: Number.POSITIVE_INFINITY,
  })
  assert.deepEqual(
    received.map(({ body }) => body),
    scenario.requests.map(({ body }) => body.toString('latin1')),
  )
  assert.equal(received[0]!.headers['user-agent'], 'asterisk-libcurl-agent/1.0')
  assert.equal(received[0]!.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.match(received.at(-1)!.headers['content-type']!, /^multipart\/form-data; boundary=/)
  for (const { headers, url } of received) {
    assert.equal(url, '/webhooks/asterisk/token')
    assert.deepEqual(
      Object.keys(headers).filter((key) => /^(origin|sec-)/.test(key)),
      [],
    )
  }
  assert.ok(answers.every(({ status, body }) => status === 200 && body === 'OK'))
})

test('CALL-20 the spacing is kept, at the chosen speed', async () => {
  const speed = 40
  const { scenario, received } = await send('incoming-answered', { speed })
  const start = received[0]!.at
  for (const [i, { afterMs }] of scenario.requests.entries()) {
    const late = received[i]!.at - start - afterMs / speed
    assert.ok(late > -15 && late < 500, `request ${i} came ${late.toFixed(0)} ms late`)
  }
})

test('CALL-20 doubled: every request comes twice, one after the other', async () => {
  const { scenario, received } = await send('outgoing-unanswered', {
    speed: Number.POSITIVE_INFINITY,
    doubled: true,
  })
  const bodies = scenario.requests.map(({ body }) => body.toString('latin1'))
  assert.deepEqual(
    received.map(({ body }) => body),
    bodies.flatMap((body) => [body, body]),
  )
})

test('CALL-20 shuffled: all of them in another order, the same for the same seed', async () => {
  const options = { speed: Number.POSITIVE_INFINITY, shuffleSeed: 3 }
  const first = await send('incoming-queue-answered', options)
  const again = await send('incoming-queue-answered', options)
  const order = first.answers.map(({ index }) => index)
  assert.deepEqual(
    order,
    again.answers.map(({ index }) => index),
  )
  assert.notDeepEqual(order, [0, 1, 2, 3, 4])
  assert.deepEqual(order.toSorted(), [0, 1, 2, 3, 4])
})

test('CALL-20 a refusal is reported and the rest goes on', async () => {
  const { answers } = await send('incoming-missed', { speed: Number.POSITIVE_INFINITY }, 400)
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body]),
    answers.map(() => [400, 'to_user is missing']),
  )
  assert.equal(answers.length, 3)
})

test('CALL-20 a replay can be stopped between two requests', async () => {
  const scenario = await loadScenario('incoming-answered', '22')
  const stop = new AbortController()
  await using receiver = await createReceiver()
  const running = replay(scenario!.requests, receiver.url, {
    signal: stop.signal,
    onAnswer: ({ index }) => {
      if (index === 1) stop.abort()
    },
  })
  await assert.rejects(running, { name: 'AbortError' })
  assert.equal(receiver.received.length, 2)
})

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const lines: string[] = []
  const code = await simulate(args, env, (line) => lines.push(line), new AbortController().signal)
  return { code, lines }
}

test('CALL-20 the command plays any number of calls at once, each with ids and a number of its own', async () => {
  await using receiver = await createReceiver()
  const { code, lines } = await run(
    ['incoming-missed', '--calls', '7', '--from', '+37529#######', '--speed', 'max'],
    { RINGSIDE_WEBHOOK_URL: receiver.url.href },
  )
  assert.equal(code, 0)
  assert.deepEqual(lines, ['7 call(s), 21 requests, 21 answered with 200'])
  const ids = receiver.received.map(({ body }) => /unique_id=([\d.]+)/.exec(body)![1])
  const callers = receiver.received.map(({ body }) => /from_user=(\+37529\d{7})&/.exec(body)![1])
  assert.equal(new Set(ids).size, 7)
  assert.equal(new Set(callers).size, 7)
})

test('CALL-20 a call played faster than it was has no time in the future', async () => {
  await using receiver = await createReceiver()
  await run([
    ...['incoming-missed', '--speed', 'max', '--time-zone', 'UTC'],
    ...['--url', receiver.url.href],
  ])
  const last = receiver.received.at(-1)!.body
  const [, d, m, y, time] = /datetime=(\d+)\.(\d+)\.(\d+)-([\d:]+)/.exec(last)!
  const age = Date.now() - Date.parse(`${y}-${m}-${d}T${time}Z`)
  assert.ok(age >= 0 && age < 10_000, `the end is ${age} ms old`)
})

test('CALL-20 the command says in one line what is wrong', async () => {
  const cases: readonly [args: readonly string[], said: RegExp][] = [
    [[], /which scenario/],
    [['incoming-missed'], /--url, or set RINGSIDE_WEBHOOK_URL/],
    [['nonsense', '--url', 'http://127.0.0.1:9/'], /no scenario is called "nonsense"/],
    [['../16/idle', '--url', 'http://127.0.0.1:9/'], /no scenario is called/],
    [['incoming-missed', '--url', 'file:///etc/passwd'], /--url is "file/],
    [['incoming-missed', '--calls', '0'], /--url|--calls is "0"/],
    [['incoming-missed', '--speed=-1', '--url', 'http://127.0.0.1:9/'], /--speed is "-1"/],
    [['incoming-missed', '--colour'], /--colour/],
    [['incoming-missed', '--time-zone', 'Mars/Base', '--ami', '0'], /--time-zone is "Mars/],
    [['incoming-missed', '--version', '11', '--ami', '0'], /--version is "11", expected 16 or 22/],
  ]
  for (const [args, said] of cases) {
    const { code, lines } = await run(args)
    assert.equal(code, 2)
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, said)
    assert.equal(lines[0]!.includes('\n'), false)
  }
})

test('CALL-20 the command fails and says why when nobody listens', async () => {
  const { url } = await createReceiver().then(async (receiver) => {
    await receiver[Symbol.asyncDispose]()
    return receiver
  })
  const { code, lines } = await run(['outgoing-unanswered', '--speed', 'max', '--url', url.href])
  assert.equal(code, 1)
  assert.match(lines[0]!, /outgoing call start: no answer: connect ECONNREFUSED/)
})

test('CALL-20 --list and --help', async () => {
  const list = await run(['--list'])
  assert.equal(list.code, 0)
  assert.match(
    list.lines[0]!,
    /^incoming-missed +79161234567 calls, rings 101, 5 s, not answered$/m,
  )
  assert.match((await run(['--help'])).lines[0]!, /--time-zone <zone>/)
})
