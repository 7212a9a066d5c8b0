import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import WebSocket, { WebSocketServer } from 'ws'
import { type ProxyKind, type RunningProxy, startProxy } from '../support/proxy.ts'
import { medianOf, quantileOf } from '../support/quantile.ts'
import { openReturningPage } from '../support/returning-page.ts'
import { openStream } from '../support/sse.ts'
import type { World } from '../support/world.ts'

/** What one check found, and whether it is as it has to be. */
export interface Finding {
  readonly what: string
  readonly found: string
  readonly isRight: boolean
}

/** A server that tells what reached it, to stand behind a proxy. */
interface Probe extends AsyncDisposable {
  readonly url: string
  /** `GET /x`, and how many of them came without what the proxy adds to each. */
  readonly requests: readonly string[]
  readonly hidden: readonly string[]
  onRequest: (incoming: IncomingMessage) => void
}

export async function startProbe(): Promise<Probe> {
  const requests: string[] = []
  const hidden: string[] = []
  const server = createServer(async (incoming, answer) => {
    const asked = `${incoming.method} ${incoming.url}`
    // The proxy's own checks.
    if (/^\/(healthz|readyz)$/.test(incoming.url ?? '')) return void answer.end('OK')
    requests.push(asked)
    if (incoming.headers['x-forwarded-for'] === undefined) hidden.push(asked)
    probe.onRequest(incoming)
    for await (const _ of incoming);
    answer.end('OK')
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (incoming, socket: Socket, head) =>
    sockets.handleUpgrade(incoming, socket, head, (opened) =>
      opened.on('message', (said, isBinary) => opened.send(said, { binary: isBinary })),
    ),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const probe: Probe = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    hidden,
    onRequest: () => undefined,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      for (const socket of sockets.clients) socket.terminate()
    },
  }
  return probe
}

/** A proxy that holds events back does so with all of them, and for longer than this. */
const MAX_ADDED_MS = 50

let calls = 0
const startCall = (): { id: string; fields: Record<string, string> } => {
  calls += 1
  const id = `17${Date.now()}.${calls}`
  const from = `+7916${String(1_000_000 + calls)}`
  return { id, fields: { unique_id: id, status: 'incoming_ring', to_user: '101', from_user: from } }
}

/** What the proxy adds to each event, in ms: the same events come with it and without it. */
export async function compareDelays(
  world: World,
  proxy: RunningProxy,
  count: number,
): Promise<Finding> {
  const token = world.token('anna')
  using direct = openReturningPage(world.url, token)
  using proxied = openReturningPage(proxy.url, token)
  await Promise.all([direct.ready, proxied.ready])
  const without: number[] = []
  const through: number[] = []
  const added: number[] = []
  for (let round = 0; round < count; round += 1) {
    const { id, fields } = startCall()
    const from = performance.now()
    assert.equal(await world.hook(fields), 200)
    const [here, there] = await Promise.all([direct.arrival(id), proxied.arrival(id)])
    without.push(here - from)
    through.push(there - from)
    added.push(there - here)
    // Calls that ring on would make the next ones slower than any agent's are.
    assert.equal(await world.hook({ ...fields, status: 'incoming_end' }), 200)
  }
  const [p99Without, p99Through] = [quantileOf(without, 0.99), quantileOf(through, 0.99)]
  return {
    what: `${count} events through ${proxy.kind}: added to each, median; p99 beside that without it`,
    found: `${ms(medianOf(added))} ms; ${ms(p99Through)} beside ${ms(p99Without)} ms`,
    isRight: medianOf(added) <= MAX_ADDED_MS && p99Through <= 1.5 * p99Without + 10,
  }
}

const ms = (value: number): string => value.toFixed(1)

/** Events go in through the proxy while it reads its configuration anew; a page resumes where it was. */
export async function reloadUnderLoad(
  world: World,
  proxy: RunningProxy,
  { events, reloads }: { events: number; reloads: number },
): Promise<Finding> {
  using page = openReturningPage(proxy.url, world.token('anna'))
  await page.ready
  const path = new URL(world.webhookUrl).pathname
  const ids: string[] = []
  const refused: number[] = []
  const every = Math.floor(events / (reloads + 1))
  for (let sent = 1; sent <= events; sent += 1) {
    const { id, fields } = startCall()
    ids.push(id)
    const { status } = await post(`${proxy.url}${path}`, new URLSearchParams(fields).toString())
    if (status !== 200) refused.push(status)
    // Calls that ring on are over for the server some minutes later, when nothing is to be told.
    assert.equal(await world.hook({ ...fields, status: 'incoming_end' }), 200)
    if (sent % every === 0 && sent / every <= reloads) {
      await proxy.reload()
      page.cut()
    }
  }
  await page.until(ids)
  const doubled = page.ids.length - new Set(page.ids).size
  const isWhole = refused.length === 0 && doubled === 0 && page.holes() === 0
  return {
    what: `${events} events, ${reloads} reloads of ${proxy.kind}: refused, told twice, ways back, not resumed`,
    found: `${refused.length}, ${doubled}, ${page.connections() - 1}, ${page.holes()}`,
    isRight: isWhole && page.connections() > reloads,
  }
}

/** No event for longer than the proxies wait: heartbeats alone keep the stream. */
export async function stayQuiet(
  world: World,
  proxy: RunningProxy,
  seconds: number,
): Promise<Finding> {
  using stream = await openStream(proxy.url, world.token('clara'))
  const timer = new Promise<'open'>((resolve) => setTimeout(resolve, seconds * 1000, 'open'))
  const end = await Promise.race([stream.ended, timer])
  return {
    what: `${seconds} s without an event through ${proxy.kind}: the stream, heartbeats`,
    found: `${end}, ${stream.comments.length}`,
    isRight: end === 'open' && stream.comments.length >= Math.floor(seconds / 15) - 1,
  }
}

/** The first byte of an upload is there while the rest has not been sent. */
export async function uploadIsPassedOn(kind: ProxyKind): Promise<Finding> {
  await using probe = await startProbe()
  await using proxy = await startProxy(kind, [probe.url])
  const first = new Promise<number>((resolve) => {
    probe.onRequest = (incoming) => incoming.once('data', () => resolve(performance.now()))
  })
  const length = 64 * 1024 * 1024
  const headers = { 'content-length': length, 'content-type': 'application/octet-stream' }
  const sent = request(`${proxy.url}/upload`, { method: 'POST', agent: false, headers })
  const answered = once(sent, 'response')
  const from = performance.now()
  sent.write(Buffer.alloc(256 * 1024))
  const arrived = await Promise.race([
    first,
    new Promise<null>((resolve) => setTimeout(resolve, 5000, null)),
  ])
  if (arrived !== null) sent.end(Buffer.alloc(length - 256 * 1024))
  const status = arrived === null ? 0 : (await answered)[0].statusCode
  sent.destroy()
  return {
    what: `an upload of 64 MiB through ${kind}: the first byte is passed on after, answer`,
    found: arrived === null ? 'never' : `${(arrived - from).toFixed(1)} ms, ${status}`,
    isRight: arrived !== null && status === 200,
  }
}

export async function websocketIsPassedOn(kind: ProxyKind): Promise<Finding> {
  await using probe = await startProbe()
  await using proxy = await startProxy(kind, [probe.url])
  const socket = new WebSocket(`${proxy.url.replace('https', 'wss')}/pbx/ari/token`, 'ari')
  await once(socket, 'open', { signal: AbortSignal.timeout(10_000) })
  const said = 'x'.repeat(100_000)
  socket.send(said)
  const [echo] = await once(socket, 'message', { signal: AbortSignal.timeout(10_000) })
  socket.terminate()
  const isRight = String(echo) === said
  return {
    what: `a PBX’s websocket through ${kind}`,
    found: isRight ? 'echoed' : 'broken',
    isRight,
  }
}

const AMBIGUOUS = [
  'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'Content-Length: 3\r\nContent-Length: 60\r\n\r\nabcGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'Transfer-Encoding : chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n',
]

/** Whatever the proxy passes on it has read as a request: it has its header. What is hidden in another one has not. */
export async function nothingIsSmuggled(kind: ProxyKind): Promise<Finding> {
  await using probe = await startProbe()
  await using proxy = await startProxy(kind, [probe.url])
  const plain = await post(`${proxy.url}/plain`, 'x')
  for (const rest of AMBIGUOUS) {
    const socket = connectTls({ port: proxy.port, host: 'localhost', servername: 'localhost' })
    await once(socket, 'secureConnect')
    const timer = setTimeout(() => socket.destroy(), 1500)
    socket.write(`POST /first HTTP/1.1\r\nHost: localhost\r\n${rest}`)
    // Cut off, or answered and closed: both will do.
    await text(socket).catch(() => '')
    clearTimeout(timer)
  }
  return {
    what: `${AMBIGUOUS.length} requests of which nobody knows the end, through ${kind}: passed on, hidden`,
    found: `${probe.requests.length}, ${probe.hidden.length} ${probe.hidden.join()}`,
    isRight: probe.hidden.length === 0 && plain.status === 200 && probe.requests.length > 0,
  }
}

/** A request by https that may be answered before it was sent whole. */
export async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent = request(url, { method: 'POST', agent: false, headers: { ...type, ...headers } })
  sent.on('error', () => undefined)
  const answered = once(sent, 'response')
  sent.end(body)
  const [response] = await answered
  return { status: response.statusCode, body: await text(response), headers: response.headers }
}
