import { createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { listScenarios, loadAmi, VERSIONS } from '../../server/simulate/scenario.ts'
import { createAmiParser } from '../../server/sources/ami-parser.ts'
import { createRandom } from '../support/random.ts'
import { type FuzzServer, memoryOf } from './fuzz-server.ts'

export interface Played {
  readonly lines: readonly string[]
  readonly failures: readonly string[]
}

const MB = 1024 * 1024
/** Ends whatever packet the noise has begun, in each of the three framings. */
const RESYNC = Buffer.from('\r\n\r\n--END COMMAND--\r\n\r\n')

/** Recorded streams, changed: a piece of noise after the other, without end. */
export async function* hostileAmi(seed: number): AsyncGenerator<Buffer> {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const recorded: Buffer[] = []
  for (const version of VERSIONS) {
    for (const name of await listScenarios(version)) {
      recorded.push((await loadAmi(name, version)).bytes)
    }
  }
  for (;;) yield spoil(recorded[below(recorded.length)]!, below)
}

/** One recording, changed in one of many ways. */
function spoil(bytes: Buffer, below: (limit: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  switch (below(12)) {
    case 0:
      return copy
    case 1:
      // No line ends: more than a line and more than a packet may have.
      return Buffer.alloc(200_000 + below(3 * MB), 65 + below(26))
    case 2:
      return Buffer.from(`Event: Newchannel\r\n${'X-Field: y\r\n'.repeat(below(200_000))}`)
    case 3:
      return Buffer.from(`Response: Follows\r\n${'a line of output\n'.repeat(below(100_000))}`)
    case 4:
      return Buffer.from(copy.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    case 5:
      return Buffer.from(copy.toString('latin1').replaceAll(/^(\w+): .*$/gm, '$1: '), 'latin1')
    case 6:
      return Buffer.from('\r\n'.repeat(below(50_000)))
    case 7:
      return Buffer.concat([
        copy.subarray(below(copy.length)),
        copy.subarray(0, below(copy.length)),
      ])
    case 8:
      for (let i = 0; i < copy.length; i += 1 + below(40)) copy[i] = below(256)
      return copy
    case 9:
      return strange(copy, below)
    default:
      for (let i = below(500); i < copy.length; i += 1 + below(2000)) copy[i] = below(256)
      return copy
  }
}

const STRANGE = [
  '\u0000',
  "'; drop table calls; --",
  '\u202e',
  '<img src=x onerror=alert(1)>',
  '-1',
  '1e999',
  '9'.repeat(400),
  '4294967296',
  '__proto__',
  'x'.repeat(60_000),
]

/** Values of fields, one in some, are other than they were recorded. */
function strange(bytes: Buffer, below: (limit: number) => number): Buffer {
  const text = bytes.toString('latin1').replaceAll(/^([\w-]+): .*$/gm, (line, name: string) => {
    const value = STRANGE[below(STRANGE.length)]!
    return below(15) === 0 ? `${name}: ${value}` : line
  })
  return Buffer.from(text, 'utf8')
}

/** The bytes in splits of every size. */
function* splits(bytes: Buffer, below: (limit: number) => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = below(4) === 0 ? 1 + below(8) : 1 + below(64 * 1024)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** What the parser may hold, one unfinished packet, with the last pieces of noise themselves. */
const MAX_HELD_MB = 16

/** What is held after collections: the noise itself is gone then, its long strings after the second one. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times += 1) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Feeds the parser; after each piece of noise a whole packet must come out whole. */
export async function fuzzParser({
  megabytes,
  seed,
}: {
  readonly megabytes: number
  readonly seed: number
}): Promise<Played> {
  const random = createRandom(seed ^ 0x5eed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const failures: string[] = []
  let packets = 0
  let dropped = 0
  let sentinel: string | undefined
  const parser = createAmiParser({
    onPacket: (packet) => {
      packets += 1
      if (packet.event === 'Sentinel') sentinel = packet.fields.find(([key]) => key === 'No')?.[1]
    },
    onError: () => {
      dropped += 1
    },
  })
  // Once the recordings are there.
  let base: number | null = null
  let bytes = 0
  let slowestMs = 0
  const begin = performance.now()
  for await (const noise of hostileAmi(seed)) {
    if (bytes >= megabytes * MB || failures.length > 5) break
    base ??= heldBytes()
    const no = String(bytes)
    const piece = Buffer.concat([
      noise,
      RESYNC,
      Buffer.from(`Event: Sentinel\r\nNo: ${no}\r\n\r\n`),
    ])
    const at = performance.now()
    try {
      for (const part of splits(piece, below)) parser.feed(part)
    } catch (error) {
      failures.push(`the parser threw after ${bytes} bytes: ${String(error)}`)
    }
    slowestMs = Math.max(slowestMs, performance.now() - at)
    if (sentinel !== no) failures.push(`the packet after ${bytes} bytes of noise did not come out`)
    bytes += piece.length
  }
  if (slowestMs > 2000) failures.push(`the parser took ${slowestMs.toFixed(0)} ms for one piece`)
  const grownMb = (heldBytes() - (base ?? 0)) / MB
  if (grownMb > MAX_HELD_MB) failures.push(`the parser holds ${grownMb.toFixed(0)} MiB`)
  const seconds = (performance.now() - begin) / 1000
  return {
    failures,
    lines: [
      `AMI parser: ${(bytes / MB).toFixed(0)} MiB in ${seconds.toFixed(1)} s, ${packets} packets, ${dropped} left out, slowest piece ${slowestMs.toFixed(0)} ms, holds +${grownMb.toFixed(1)} MiB`,
    ],
  }
}

/** What a server may grow by while a PBX floods it (HOLD-12 measures the slope of quiet times). */
const MAX_SERVER_MB = 512
const BANNER = 'Asterisk Call Manager/11.0.0\r\n'

/** A manager interface that answers a login, and then sends noise; against the running server. */
export async function fuzzAmi(
  server: FuzzServer,
  { megabytes, seed }: { readonly megabytes: number; readonly seed: number },
): Promise<Played> {
  if (megabytes === 0) return { lines: [], failures: [] }
  const failures: string[] = []
  const noise = hostileAmi(seed ^ 0xa31)
  let bytes = 0
  let logins = 0
  const enough = Promise.withResolvers<void>()
  const pour = async (socket: Socket): Promise<void> => {
    for await (const piece of shared(noise)) {
      if (socket.destroyed) return
      bytes += piece.length
      if (bytes >= megabytes * MB) enough.resolve()
      if (bytes >= megabytes * MB) return
      if (!socket.write(piece)) await drained(socket)
    }
  }
  const sockets: Socket[] = []
  const pbx = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write(BANNER)
    answerActions(socket, () => {
      logins += 1
      void pour(socket)
    })
  })
  await new Promise<void>((resolve) => pbx.listen(0, '127.0.0.1', resolve))
  const address = pbx.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const pid = server.server.child.pid ?? 0
  const before = memoryOf(pid).now
  const begin = performance.now()
  const account = { host: '127.0.0.1', port, userName: 'ringside', secret: 'x', events: true }
  const path = `/api/connections/${server.connectionId}`
  const saved = await server.api('PATCH', path, { ami: account })
  if (saved.status !== 200) failures.push(`the account was refused: ${JSON.stringify(saved.body)}`)
  const watched = watchHealth(server)
  await Promise.race([enough.promise, watched.lost])
  // All of it has been read before the verdict.
  for (const socket of sockets) if (!socket.destroyed) await flushed(socket)
  const slowestMs = await watched.stop()
  failures.push(...watched.failures)
  const grown = server.server.child.exitCode === null ? memoryOf(pid).now - before : Number.NaN
  if (!(grown < MAX_SERVER_MB)) failures.push(`the server grew by ${grown.toFixed(0)} MiB`)
  await server.api('PATCH', path, { ami: null })
  await new Promise((resolve) => pbx.close(resolve))
  const seconds = (performance.now() - begin) / 1000
  return {
    failures,
    lines: [
      `AMI, running server: ${(bytes / MB).toFixed(0)} MiB in ${seconds.toFixed(1)} s, ${logins} logins, slowest answer of another client ${slowestMs.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB`,
    ],
  }
}

/** The same source for one session after the other: ending a session must not end it. */
async function* shared(noise: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for (;;) {
    const { value, done } = await noise.next()
    if (done === true) return
    yield value
  }
}

function flushed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', resolve)
    socket.write('\r\n', () => resolve())
  })
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('drain', settle).off('close', settle)
      resolve()
    }
    socket.once('drain', settle).once('close', settle)
  })
}

/** Every action succeeds; lists are empty. */
function answerActions(socket: Socket, onLogin: () => void): void {
  let text = ''
  let isIn = false
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const action = text.slice(0, end)
      text = text.slice(end + 4)
      const id = /^ActionID: (.*)$/im.exec(action)?.[1] ?? ''
      const name = /^Action: (.*)$/im.exec(action)?.[1] ?? ''
      const says = name === 'Challenge' ? 'Challenge: 123456789' : 'Message: Fine'
      socket.write(`Response: Success\r\nActionID: ${id}\r\n${says}\r\n\r\n`)
      if (/login/i.test(name) && !isIn) {
        isIn = true
        onLogin()
      }
    }
  })
}

interface Watch {
  readonly failures: string[]
  /** Settles when the server does not answer any more. */
  readonly lost: Promise<void>
  /** How long the slowest answer took. */
  stop(): Promise<number>
}

const LOOK_EVERY_MS = 250

/** Asks as another client would, again and again. */
export function watchHealth(server: FuzzServer): Watch {
  const failures: string[] = []
  const lost = Promise.withResolvers<void>()
  let slowest = 0
  let isOver = false
  const look = async (): Promise<void> => {
    while (!isOver) {
      try {
        slowest = Math.max(slowest, await server.healthMs())
      } catch (error) {
        failures.push(`another client was not answered: ${String(error)}`)
        lost.resolve()
        return
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }
  const looking = look()
  return {
    failures,
    lost: lost.promise,
    stop: async () => {
      isOver = true
      await looking
      return slowest
    },
  }
}
