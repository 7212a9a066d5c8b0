import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { listScenarios, loadAri } from '../../server/simulate/scenario.ts'
import { createRandom } from '../support/random.ts'
import { type Played, watchHealth } from './fuzz-ami.ts'
import { type FuzzServer, memoryOf } from './fuzz-server.ts'

type Below = (limit: number) => number

const MAX_GROWN_MB = 512
/** So many frames on one websocket, then the next. */
const FRAMES_EACH = 2000

/** Opens the websocket that a PBX opens, answers what is asked, and sends frames that are changed. */
export async function fuzzAri(
  server: FuzzServer,
  { frames, seed }: { readonly frames: number; readonly seed: number },
): Promise<Played> {
  if (frames === 0) return { lines: [], failures: [] }
  const random = createRandom(seed ^ 0xa21)
  const below: Below = (limit) => Math.floor(random() * limit)
  const recorded: string[] = []
  for (const name of await listScenarios('22')) {
    const found = await loadAri(name, '22')
    recorded.push(...found.map((frame) => JSON.stringify(frame.event)))
  }
  const pid = server.server.child.pid ?? 0
  const before = memoryOf(pid).now
  const watched = watchHealth(server)
  const begin = performance.now()
  let sent = 0
  let sockets = 0
  while (sent < frames && watched.failures.length === 0) {
    sockets += 1
    sent += await session(server, Math.min(FRAMES_EACH, frames - sent), recorded, below)
    await rawFrames(server, below)
  }
  const slowestMs = await watched.stop()
  const failures = [...watched.failures]
  const grown = server.server.child.exitCode === null ? memoryOf(pid).now - before : Number.NaN
  if (!(grown < MAX_GROWN_MB)) failures.push(`the server grew by ${grown.toFixed(0)} MiB`)
  const seconds = (performance.now() - begin) / 1000
  return {
    failures,
    lines: [
      `ARI: ${sent} frames on ${sockets} websockets in ${seconds.toFixed(1)} s, slowest answer of another client ${slowestMs.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB`,
    ],
  }
}

function addressOf(server: FuzzServer): string {
  return `/pbx/ari/${server.webhookUrl.split('/').at(-1)}`
}

/** One websocket; gives how many frames were sent before the server ended it. */
async function session(
  server: FuzzServer,
  frames: number,
  recorded: readonly string[],
  below: Below,
): Promise<number> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${addressOf(server)}`, 'ari')
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.on('message', (bytes) => answer(socket, String(bytes), below))
  await Promise.race([closed, new Promise((resolve) => socket.once('open', resolve))])
  let sent = 0
  while (sent < frames && socket.readyState === WebSocket.OPEN) {
    const frame = spoil(recorded[below(recorded.length)]!, below)
    const isBinary = below(30) === 0
    await new Promise((resolve) => socket.send(frame, { binary: isBinary }, resolve))
    sent += 1
  }
  socket.terminate()
  await closed
  return Math.max(sent, 1)
}

function answer(socket: WebSocket, text: string, below: Below): void {
  const asked: unknown = JSON.parse(text)
  const id =
    typeof asked === 'object' && asked !== null && 'request_id' in asked ? asked.request_id : null
  const bodies = ['[]', '{}', 'null', '"x"', '{"system":{"version":"22.0.0"}}', '[[[', '']
  const said = {
    type: 'RESTResponse',
    request_id: below(20) === 0 ? '__proto__' : id,
    status_code: [200, 200, 200, 404, 500, -1, '200'][below(7)],
    content_type: 'application/json',
    message_body: bodies[below(bodies.length)],
  }
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(said))
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

/** Bytes that are no frames, on a websocket that was opened rightly. */
function rawFrames(server: FuzzServer, below: Below): Promise<void> {
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
    // The server ends what breaks the rules; a frame that only waits for more is ended here.
    const late = setTimeout(() => socket.destroy(), 300)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(late)
      resolve()
    })
    socket.resume()
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    socket.write(Buffer.from(FRAMES[below(FRAMES.length)]!, 'hex'))
  })
}
