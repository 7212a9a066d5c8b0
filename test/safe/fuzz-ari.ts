import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { createRenumbering } from '../../server/simulate/renumber.ts'
import { listScenarios, loadAri } from '../../server/simulate/scenario.ts'
import { createRandom } from '../support/random.ts'
import { eventsOf, type Played, settledOrStuck, watchFlood, within } from './fuzz-alive.ts'
import { callArrives, cleanAriCall, linkComesUp, linkIsUp } from './fuzz-clean.ts'
import type { FuzzServer } from './fuzz-server.ts'

type Below = (limit: number) => number

/** So many frames on one websocket, then the next: the link takes up to 15 s to come back. */
const FRAMES_EACH = 20_000
/** All recordings together use fewer counters than this. */
const IDS_EACH = 1000
/** One that cannot keep up ends a websocket; where most do not last, the frames do not get in. */
const MAX_BROKEN = 2
const FRAMES_AT_ONCE = 100
const OPEN_MS = 10_000

/** Opens the websocket that a PBX opens, answers what is asked, and sends frames that are changed. */
export async function fuzzAri(
  server: FuzzServer,
  { frames, seed }: { readonly frames: number; readonly seed: number },
): Promise<Played> {
  if (frames === 0) return { lines: [], failures: [] }
  const random = createRandom(seed ^ 0xa21)
  const below: Below = (limit) => Math.floor(random() * limit)
  const noise = hostileFrames(await recordedFrames(), below)
  const flood = watchFlood(server)
  const begin = performance.now()
  const failures: string[] = []
  let sent = 0
  let sockets = 0
  let broken = 0
  while (sent < frames && broken <= MAX_BROKEN && !flood.isLost()) {
    sockets += 1
    await pourAtOnce(server, noise, below)
    if (!(await rawFrames(server, below)))
      failures.push('ARI: a websocket of raw frames is refused')
    const wanted = Math.min(FRAMES_EACH, frames - sent)
    const taken = await pour(server, wanted, noise, below)
    sent += taken
    if (taken < wanted) broken += 1
  }
  if (sent < frames) {
    failures.push(`ARI: only ${sent} frames went out, ${broken} of ${sockets} websockets broke`)
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  const seen = await flood.stop()
  failures.push(...seen.failures)
  if ((await eventsOf(server, 'ari')) === 0) {
    failures.push('ARI: nothing of the noise became an event of a call')
  }
  if (failures.length === 0) failures.push(...(await tellCall(server)))
  const told = await eventsOf(server, 'ari')
  return {
    failures,
    lines: [
      `ARI: ${sent} frames on ${sockets} websockets in ${seconds} s, ${broken} of them broken, ${told} events of calls, ${seen.lines.join()}`,
    ],
  }
}

async function recordedFrames(): Promise<readonly string[]> {
  const recorded: string[] = []
  for (const name of await listScenarios('22')) {
    const found = await loadAri(name, '22')
    recorded.push(...found.map((frame) => JSON.stringify(frame.event)))
  }
  return recorded
}

/**
 * The recordings again and again, each time as calls of their own. The first time they are as they were
 * recorded, so that calls are among however few frames; later most are changed, and some astray.
 */
function* hostileFrames(recorded: readonly string[], below: Below): Generator<string | Buffer> {
  const sameTime = new Date(0)
  for (let uniqueIdBase = 0; ; uniqueIdBase += IDS_EACH) {
    const { text } = createRenumbering(sameTime, { startAt: sameTime, uniqueIdBase })
    for (const frame of recorded) {
      const astray = recorded[below(recorded.length)]!
      if (uniqueIdBase === 0) yield text(frame)
      else yield spoil(text(below(4) === 0 ? astray : frame), below)
    }
  }
}

/** After all the noise a PBX that connects is taken in, and what it tells comes through. */
async function tellCall(server: FuzzServer): Promise<string[]> {
  const stuck = await settledOrStuck(server)
  if (stuck.length > 0) return stuck
  const { socket, close, isUp } = await openLink(server, rightAnswer)
  try {
    if (!isUp) return ['ARI: after the noise the link does not come up']
    const call = await cleanAriCall()
    for (const frame of call.told) socket.send(frame)
    return (await callArrives(server, call)) ? [] : ['ARI: a call after the noise did not arrive']
  } finally {
    await close()
  }
}

function addressOf(server: FuzzServer): string {
  return `/pbx/ari/${server.webhookUrl.split('/').at(-1)}`
}

type Answer = (request: Asked) => object

interface Asked {
  readonly request_id: string
  readonly uri: string
}

interface Opened {
  readonly socket: WebSocket
  /** In words, so that the server has read everything before. */
  close(): Promise<void>
}

/** A websocket that answers what it is asked; resolves when it is open, or will never be. */
async function openSocket(server: FuzzServer, answer: Answer): Promise<Opened> {
  const url = `${server.url.replace('http', 'ws')}${addressOf(server)}`
  const socket = new WebSocket(url, 'ari', { handshakeTimeout: OPEN_MS })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.on('message', (bytes) => {
    // Our own server asks: its requests have their shape.
    const asked = JSON.parse(String(bytes)) as Asked
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(answer(asked)))
  })
  await Promise.race([closed, new Promise((resolve) => socket.once('open', resolve))])
  const close = async (): Promise<void> => {
    socket.close()
    const late = setTimeout(() => socket.terminate(), OPEN_MS)
    await closed
    clearTimeout(late)
  }
  return { socket, close }
}

/** A websocket on which the link comes up; before that the server keeps back what it is told. */
async function openLink(
  server: FuzzServer,
  answer: Answer,
): Promise<Opened & { readonly isUp: boolean }> {
  // That of the websocket before, which has just ended.
  await within(OPEN_MS, async () => !(await linkIsUp(server, 'ari')))
  const opened = await openSocket(server, answer)
  const isOpen = opened.socket.readyState === WebSocket.OPEN
  return { ...opened, isUp: isOpen && (await linkComesUp(server, 'ari')) }
}

/** Frames on a link that is up; gives how many were sent before the server ended the websocket. */
async function pour(
  server: FuzzServer,
  frames: number,
  noise: Generator<string | Buffer>,
  below: Below,
): Promise<number> {
  let isRight = true
  const { isUp, ...opened } = await openLink(server, (asked) =>
    isRight ? rightAnswer(asked) : wrongAnswer(asked, below),
  )
  isRight = false
  const sent = isUp ? await sendFrames(opened.socket, frames, noise, below) : 0
  await opened.close()
  return sent
}

/** Wrong answers, and frames, from the first moment on. */
async function pourAtOnce(
  server: FuzzServer,
  noise: Generator<string | Buffer>,
  below: Below,
): Promise<void> {
  const { socket, close } = await openSocket(server, (asked) => wrongAnswer(asked, below))
  await sendFrames(socket, FRAMES_AT_ONCE, noise, below)
  socket.terminate()
  await close()
}

async function sendFrames(
  socket: WebSocket,
  frames: number,
  noise: Generator<string | Buffer>,
  below: Below,
): Promise<number> {
  let sent = 0
  while (sent < frames && socket.readyState === WebSocket.OPEN) {
    const { value: frame } = noise.next()
    const binary = below(30) === 0
    await new Promise((resolve) => socket.send(frame, { binary }, resolve))
    sent += 1
  }
  return sent
}

/** As a PBX answers on which nothing goes on. */
function rightAnswer({ request_id, uri }: Asked): object {
  const isVersion = uri.includes('asterisk/info')
  return {
    type: 'RESTResponse',
    request_id,
    status_code: 200,
    content_type: 'application/json',
    message_body: isVersion ? '{"system":{"version":"22.0.0"}}' : '[]',
  }
}

function wrongAnswer({ request_id }: Asked, below: Below): object {
  const bodies = ['[]', '{}', 'null', '"x"', '{"system":{"version":"22.0.0"}}', '[[[', '']
  return {
    type: 'RESTResponse',
    request_id: below(20) === 0 ? '__proto__' : request_id,
    status_code: [200, 200, 200, 404, 500, -1, '200'][below(7)],
    content_type: 'application/json',
    message_body: bodies[below(bodies.length)],
  }
}

/** One frame, changed in one of many ways. */
function spoil(text: string, below: Below): string | Buffer {
  switch (below(14)) {
    case 0: {
      const bytes = Buffer.from(text)
      for (let i = below(40); i < bytes.length; i += 1 + below(200)) bytes[i] = 32 + below(95)
      return bytes.toString('latin1')
    }
    case 1:
      return text.slice(0, below(text.length))
    case 2:
      return text.replaceAll(/:"[^"]*"/g, (found) => (below(6) === 0 ? ':null' : found))
    case 3:
      return text.replaceAll(/:"[^"]*"/g, (found) => (below(6) === 0 ? ':{"a":[1]}' : found))
    case 4:
      return text.replaceAll(/:"[^"]*"/g, (found) => (below(6) === 0 ? ':"\\u0000\\ud800"' : found))
    case 5:
      return text.replaceAll(/:\{/g, () => (below(3) === 0 ? ':[{' : ':{'))
    case 6:
      return '['.repeat(1 + below(50_000))
    case 7:
      return `{"type":"${['__proto__', 'Unknown', '', 'ChannelCreated'][below(4)]}","channel":${below(9)}}`
    case 8:
      return `{"type":"RESTResponse","request_id":${below(100)},"status_code":200,"message_body":"x"}`
    case 9:
      return text.replace('{', `{"extra":"${'x'.repeat(below(200_000))}",`)
    case 10:
      return text.replaceAll(/"timestamp":"[^"]*"/g, '"timestamp":"9999-99-99T99:99:99.999+9999"')
    default:
      return text
  }
}

const FRAMES = [
  // An opcode that is none, bits that nobody agreed on, a length of 2^63, no mask, a split ping.
  '8b80000000000000',
  'f180000000000000',
  '81ffffffffffffffffff00000000',
  '810141',
  '0980000000000980',
  // A close with a code that is none, and text that is no UTF-8.
  '888200000000ffff',
  '818200000000c328',
]

/** Bytes that are no frames, on a websocket that was opened rightly; false where it was not opened. */
function rawFrames(server: FuzzServer, below: Below): Promise<boolean> {
  const head = [
    `GET ${addressOf(server)} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: ari',
  ]
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    let isOpen = false
    const late = setTimeout(() => socket.destroy(), OPEN_MS)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(late)
      resolve(isOpen)
    })
    socket.once('data', (bytes) => {
      isOpen = String(bytes).startsWith('HTTP/1.1 101 ')
      // The server ends what breaks the rules; a frame that only waits for more is ended here.
      setTimeout(() => socket.destroy(), 300)
    })
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    socket.write(Buffer.from(FRAMES[below(FRAMES.length)]!, 'hex'))
  })
}
