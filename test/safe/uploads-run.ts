import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { multipart, rawRequest } from '../support/raw-request.ts'
import { type FuzzServer, memoryOf } from './fuzz-server.ts'
import { disguised, hostileAudio } from './hostile-audio.ts'

export interface UploadOptions {
  /** How large the largest body is. */
  readonly hugeBytes: number
  readonly parts: number
  /** How many clients send a byte each second, and for how long. */
  readonly drips: number
  readonly dripSeconds: number
  readonly onRow?: (row: UploadRow) => void
}

/** One attack: what it is, what came of it, and how much memory it took. */
export interface UploadRow {
  readonly name: string
  readonly said: string
  readonly grownMb: number
  readonly failures: readonly string[]
}

const MAX_GROWN_MB = 64
const PIECE = Buffer.alloc(256 * 1024, 0x55)
const mp3 = readFileSync('server/simulate/recording.mp3')
const KEPT_TYPES = /^audio\/(wav|mpeg|ogg|mp4|aac|webm)$/

/** Uploads everything that nobody should, one after the other, and looks at what is left. */
export async function attackUploads(
  server: FuzzServer,
  options: UploadOptions,
): Promise<readonly UploadRow[]> {
  const rows: UploadRow[] = []
  const attack = async (name: string, run: () => Promise<Said>): Promise<void> => {
    const row = await watch(server, name, run)
    rows.push(row)
    options.onRow?.(row)
  }
  // What an upload loads once is no one's attack.
  await upload(server, 'warm.mp3', mp3, '1.0')
  await measured(server)
  const { hugeBytes } = options
  await attack('a body with its true length', () => huge(server, hugeBytes, 'length'))
  await attack('a body in chunks', () => huge(server, hugeBytes, 'chunks'))
  await attack('a text without end', () => hugePart(server, hugeBytes, TEXT_PART))
  await attack('a header of a part without end', () => hugePart(server, hugeBytes, OPEN_HEADER))
  await attack('a preamble without end', () => hugePart(server, hugeBytes, ''))
  await attack(`${options.parts} parts`, () => manyParts(server, options.parts))
  await attack('multipart in multipart', () => nestedParts(server))
  await attack('lengths that lie', () => lyingLengths(server))
  await attack('clients that go in the middle', () => goneInTheMiddle(server))
  await attack(`${options.drips} clients with a byte a second`, () => slowDrips(server, options))
  for (const { name, bytes } of disguised()) {
    await attack(`${name} as mp3`, () => expectStatus(upload(server, 'x.mp3', bytes, '2.1'), 400))
  }
  for (const [at, { name, bytes }] of hostileAudio(mp3).entries()) {
    await attack(name, async () => {
      const said = await expectStatus(upload(server, 'x.mp3', bytes, `3.${at}`), 200, 400)
      await measured(server)
      return said
    })
  }
  await attack('what was kept is audio and nothing else', () => keptFiles(server))
  return rows
}

interface Said {
  readonly said: string
  readonly failures: readonly string[]
}

async function watch(
  server: FuzzServer,
  name: string,
  run: () => Promise<Said>,
): Promise<UploadRow> {
  const pid = server.server.child.pid ?? 0
  const before = memoryOf(pid).now
  // The kernel forgets the highest figure so far.
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const { said, failures } = await run()
  const found = [...failures]
  const ended = server.server.child.exitCode ?? server.server.child.signalCode
  if (ended !== null) return { name, said, grownMb: Number.NaN, failures: [`it ended: ${ended}`] }
  const grownMb = memoryOf(pid).peak - before
  if (grownMb > MAX_GROWN_MB) found.push(`memory grew by ${grownMb.toFixed(0)} MiB`)
  const left = await leftOvers(server)
  if (left.length > 0) found.push(`files that stay: ${left.join(', ')}`)
  await server.healthMs().catch((error: unknown) => found.push(`afterwards: ${String(error)}`))
  return { name, said, grownMb, failures: found }
}

const CLEAN_WITHIN_MS = 5000

/** Files that were begun and are neither kept nor removed, after a while in which they may be. */
async function leftOvers(server: FuzzServer): Promise<readonly string[]> {
  const folder = join(server.dataDir, 'recordings', '.incoming')
  const until = performance.now() + CLEAN_WITHIN_MS
  for (;;) {
    const names = readdirSync(folder)
    if (names.length === 0 || performance.now() > until) return names
    await pause(50)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function expectStatus(asked: Promise<number>, ...expected: number[]): Promise<Said> {
  const status = await asked
  const isRight = expected.includes(status)
  const failures = isRight ? [] : [`the answer is ${status}, expected ${expected.join(' or ')}`]
  return { said: String(status), failures }
}

async function upload(
  server: FuzzServer,
  fileName: string,
  bytes: Buffer,
  uniqueId: string,
): Promise<number> {
  const { body, headers } = multipart([
    { name: 'status', value: 'record' },
    { name: 'unique_id', value: uniqueId },
    { name: 'record', value: bytes, fileName, type: 'audio/mpeg' },
  ])
  return (await rawRequest(`${server.url}${server.webhookUrl}`, { body, headers })).status
}

const PATIENCE_MS = 150_000

/** Resolves when the decoders are done with all that was kept. */
async function measured(server: FuzzServer): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (const { id } of await kept(server)) {
    for (;;) {
      const { body } = await server.api('GET', `/api/recordings/${id}/peaks`)
      if (body.state !== 'pending') break
      if (performance.now() > until) throw new Error(`recording ${id} was never measured`)
      await pause(50)
    }
  }
}

async function kept(server: FuzzServer): Promise<readonly { id: string }[]> {
  const path = `/api/connections/${server.connectionId}/recordings?limit=200`
  return (await server.api('GET', path)).body.items
}

const BOUNDARY = 'safe-boundary'
const FILE_PART = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="record"; filename="x.mp3"\r\n\r\n`
const TEXT_PART = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="status"\r\n\r\n`
const OPEN_HEADER = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="`

function huge(server: FuzzServer, bytes: number, how: 'length' | 'chunks'): Promise<Said> {
  const begin = Buffer.concat([Buffer.from(FILE_PART), mp3])
  return pour(server, begin, bytes, how)
}

function hugePart(server: FuzzServer, bytes: number, begin: string): Promise<Said> {
  return pour(server, Buffer.from(begin), bytes, 'chunks')
}

/** Sends for as long as the server takes it; what it says in the end is 400 or 413, or it closes. */
async function pour(
  server: FuzzServer,
  begin: Buffer,
  bytes: number,
  how: 'length' | 'chunks',
): Promise<Said> {
  const socket = await open(server)
  const framing = how === 'length' ? `Content-Length: ${bytes}` : 'Transfer-Encoding: chunked'
  socket.write(head(server, framing))
  const write = (piece: Buffer): boolean => {
    if (how === 'length') return socket.write(piece)
    socket.write(`${piece.length.toString(16)}\r\n`)
    socket.write(piece)
    return socket.write('\r\n')
  }
  const answer = answerOf(socket)
  let sent = 0
  if (begin.length > 0) write(begin)
  while (sent < bytes && !socket.destroyed && socket.writable && !answer.isThere()) {
    sent += PIECE.length
    if (!write(PIECE)) await drained(socket)
  }
  const status = await answer.status()
  socket.destroy()
  const isRight = status === 'closed' || status === '413' || status === '400'
  const failures = isRight ? [] : [`the answer is ${status}, expected 413 or 400`]
  return { said: `${status} after ${Math.round(sent / 1024 / 1024)} MiB`, failures }
}

function head(server: FuzzServer, framing: string): string {
  const lines = [
    `POST ${server.webhookUrl} HTTP/1.1`,
    'Host: x',
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    framing,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

function open(server: FuzzServer): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  // The server may close at any time.
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
}

interface Answer {
  isThere(): boolean
  status(): Promise<string>
}

const ANSWER_WITHIN_MS = 10_000

function answerOf(socket: Socket): Answer {
  let text = ''
  const settled = Promise.withResolvers<void>()
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    settled.resolve()
  })
  socket.once('close', () => settled.resolve())
  return {
    isThere: () => text !== '',
    status: async () => {
      const late = setTimeout(settled.resolve, ANSWER_WITHIN_MS)
      await settled.promise
      clearTimeout(late)
      const found = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]
      return found ?? (socket.destroyed ? 'closed' : 'nothing')
    },
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('drain', settle).off('close', settle).off('data', settle)
      resolve()
    }
    socket.once('drain', settle).once('close', settle).once('data', settle)
  })
}

async function manyParts(server: FuzzServer, count: number): Promise<Said> {
  const parts = Array.from({ length: count }, (_, at) => ({
    name: 'record',
    value: mp3.subarray(0, 4200),
    fileName: `${at}.mp3`,
  }))
  const { body, headers } = multipart(parts)
  const sent = rawRequest(`${server.url}${server.webhookUrl}`, { body, headers })
  return expectStatus(
    sent.then(({ status }) => status),
    400,
    413,
  )
}

async function nestedParts(server: FuzzServer): Promise<Said> {
  let value = '<script>alert(1)</script>'
  for (let depth = 0; depth < 200; depth += 1) {
    const part = `--b${depth}\r\nContent-Type: multipart/mixed; boundary=b${depth - 1}\r\n\r\n`
    value = `${part}${value}\r\n--b${depth}--\r\n`
  }
  const { body, headers } = multipart([
    { name: 'status', value: 'record' },
    { name: 'unique_id', value: '4.1' },
    { name: 'record', value, fileName: 'x.mp3', type: 'multipart/mixed; boundary=b199' },
  ])
  const sent = rawRequest(`${server.url}${server.webhookUrl}`, { body, headers })
  return expectStatus(
    sent.then(({ status }) => status),
    400,
  )
}

/** Bodies that end before their length, after it, or whose end never comes. */
async function lyingLengths(server: FuzzServer): Promise<Said> {
  const said: string[] = []
  for (const length of [10, 5_000_000, 2 ** 31, 2 ** 53, 1e20]) {
    const socket = await open(server)
    const answer = answerOf(socket)
    socket.write(head(server, `Content-Length: ${length}`))
    socket.write(FILE_PART)
    socket.end(mp3)
    said.push(await answer.status())
    socket.destroy()
  }
  // No word and no end is a hang.
  const bad = said.filter((status) => !/^(4\d\d|closed)$/.test(status))
  return { said: said.join(' '), failures: bad.map((status) => `a lying length got ${status}`) }
}

const GONE = 20

async function goneInTheMiddle(server: FuzzServer): Promise<Said> {
  for (let at = 0; at < GONE; at += 1) {
    const socket = await begun(server)
    if (at % 2 === 0) socket.resetAndDestroy()
    else socket.destroy()
  }
  return { said: `${GONE} went`, failures: [] }
}

/** An upload whose file the server has begun to write. */
async function begun(server: FuzzServer): Promise<Socket> {
  const folder = join(server.dataDir, 'recordings', '.incoming')
  const before = readdirSync(folder).length
  const socket = await open(server)
  socket.write(head(server, 'Content-Length: 10000000'))
  socket.write(FILE_PART)
  socket.write(mp3)
  const until = performance.now() + CLEAN_WITHIN_MS
  // One that went before may still be on its way out: then there are no more files than before.
  while (readdirSync(folder).length <= before && performance.now() < until) {
    if (before > 0) break
    await pause(5)
  }
  return socket
}

async function slowDrips(server: FuzzServer, { drips, dripSeconds }: UploadOptions): Promise<Said> {
  const sockets = await Promise.all(Array.from({ length: drips }, () => begun(server)))
  for (let second = 0; second < dripSeconds; second += 1) {
    for (const socket of sockets) socket.write('x')
    await pause(1000)
  }
  // Whoever is quick is served meanwhile.
  const said = await expectStatus(upload(server, 'quick.mp3', mp3, '5.1'), 200)
  for (const socket of sockets) socket.destroy()
  return said
}

/** Every file that is kept belongs to a recording, and goes out as audio that is never rendered. */
async function keptFiles(server: FuzzServer): Promise<Said> {
  const failures: string[] = []
  const recordings = await kept(server)
  for (const { id } of recordings) {
    const { body } = await server.api('GET', `/api/recordings/${id}`)
    const answer = await fetch(new URL(body.audioUrl, server.url))
    await answer.arrayBuffer()
    const type = answer.headers.get('content-type') ?? ''
    if (!KEPT_TYPES.test(type)) failures.push(`${id} goes out as ${type}`)
    if (answer.headers.get('x-content-type-options') !== 'nosniff') {
      failures.push(`${id} goes out without nosniff`)
    }
    if (!/sandbox/.test(answer.headers.get('content-security-policy') ?? '')) {
      failures.push(`${id} goes out without a sandbox`)
    }
  }
  const files = storedFiles(server)
  if (files !== recordings.length) {
    failures.push(`${files} files for ${recordings.length} recordings`)
  }
  return { said: `${recordings.length} recordings, ${files} files`, failures }
}

function storedFiles(server: FuzzServer): number {
  const entries = readdirSync(join(server.dataDir, 'recordings'), {
    recursive: true,
    withFileTypes: true,
  })
  return entries.filter((entry) => entry.isFile()).length
}

/** Kills the server in the middle of uploads and starts it again: nothing of them is left. */
export async function killInTheMiddle(server: FuzzServer, times: number): Promise<Said> {
  const failures: string[] = []
  for (let time = 0; time < times; time += 1) {
    const sockets = await Promise.all([begun(server), begun(server), begun(server)])
    await server.server.stop('SIGKILL')
    for (const socket of sockets) socket.destroy()
    await server.restart()
    const left = await leftOvers(server)
    if (left.length > 0) failures.push(`after a kill: ${left.join(', ')}`)
  }
  const { said, failures: amiss } = await keptFiles(server)
  return { said: `${times} kills; ${said}`, failures: [...failures, ...amiss] }
}
