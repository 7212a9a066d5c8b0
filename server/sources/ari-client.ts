/**
 * The worker thread that owns `ari-client`. The library throws uncaught strings and trusts the
 * server's description of its API, which says `http://` even over TLS and would take the password
 * there in clear text. So it runs where a throw ends only this thread, reads a description from this
 * thread, and connects to one checked address.
 */
import dns from 'node:dns'
import { createServer, type Server } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { type Client, connect } from 'ari-client'
import type { WebSocket } from 'ws'
import { lookupOf, type PbxAddress } from './pbx-address.ts'

/** What the thread is told at its start. */
export interface AriClientData {
  readonly isTls: boolean
  /** `host:port`, and the prefix where the PBX has one. */
  readonly host: string
  readonly address: PbxAddress
  readonly userName: string
  readonly password: string
  readonly app: string
  /** Which fields of an event are which resource: the server's own, where it has one. */
  readonly models: Readonly<Record<string, unknown>>
  readonly pingEveryMs: number
  readonly silenceMs: number
}

/** What the thread says. */
export type AriClientMessage =
  | { readonly type: 'open' }
  | { readonly type: 'event'; readonly event: unknown; readonly arrivedAt: number }
  | { readonly type: 'closed'; readonly reason: string }

/** The fields of `ari-client` that its types leave out; 2.2.0 is pinned. */
interface Internals {
  _connection: { protocol: string; host: string; user: string; pass: string }
  _ws: WebSocket
}

/** Events that the main thread has not taken yet; beyond it the connection is given up, not the memory. */
const MAX_WAITING = 20_000

if (parentPort !== null) {
  const data = workerData as AriClientData // ari-session.ts is the only one that starts this thread
  await start(data, parentPort)
}

async function start(data: AriClientData, port: NonNullable<typeof parentPort>): Promise<void> {
  const tell = (message: AriClientMessage): void => port.postMessage(message)
  const client = await createDescribedClient(data.models)
  dns.lookup = lookupOf(data.address) as typeof dns.lookup
  const inner = client as unknown as Internals
  inner._connection = {
    protocol: data.isTls ? 'https:' : 'http:',
    host: data.host,
    user: data.userName,
    pass: data.password,
  }
  let waiting = 0
  port.on('message', (taken: number) => {
    waiting -= taken
  })
  client.on('*' as 'StasisStart', (event: unknown) => {
    waiting += 1
    if (waiting > MAX_WAITING)
      tell({ type: 'closed', reason: 'events come faster than they are taken' })
    else tell({ type: 'event', event, arrivedAt: Date.now() })
  })
  client.once('WebSocketConnected', () => {
    tell({ type: 'open' })
    watch(inner._ws, client, data, (reason) => tell({ type: 'closed', reason }))
  })
  // It would come back by itself and nobody would know of the gap: whoever started us begins anew.
  client.on('WebSocketReconnecting', (error?: Error) => {
    tell({ type: 'closed', reason: error?.message ?? 'the PBX closed the websocket' })
  })
  void client.start(data.app, true)
  tolerate(inner._ws)
}

/** A client that has read its description from here, so that it asks the PBX for events only. */
async function createDescribedClient(models: AriClientData['models']): Promise<Client> {
  const server = createServer((request, response) => {
    const base = `http://${request.headers.host}/ari`
    const isList = request.url?.endsWith('/resources.json') === true
    const apis = isList ? [{ path: '/api-docs/events.{format}', description: 'Events' }] : []
    const path = isList ? {} : { resourcePath: '/api-docs/events.{format}', models }
    response.setHeader('content-type', 'application/json')
    response.setHeader('connection', 'close')
    response.end(JSON.stringify({ swaggerVersion: '1.1', basePath: base, apis, ...path }))
  })
  const port = await listen(server)
  try {
    return await connect(`http://127.0.0.1:${port}`, 'none', 'none')
  } finally {
    server.close()
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

/** `ari-client` throws at an event that its description lacks, and at what is no JSON. */
function tolerate(socket: WebSocket): void {
  const [take] = socket.listeners('message')
  if (take === undefined) throw new Error('ari-client has no listener for messages')
  socket.removeAllListeners('message')
  socket.on('message', (bytes, isBinary) => {
    try {
      take.call(socket, bytes, isBinary)
    } catch {
      // Nothing that a call depends on can be in it; the next event must still arrive.
    }
  })
}

/** Asterisk says nothing for hours when nobody calls: only pings tell that from a dead line. */
function watch(
  socket: WebSocket,
  client: Client,
  data: AriClientData,
  onDead: (reason: string) => void,
): void {
  let heardAt = performance.now()
  const hear = (): void => {
    heardAt = performance.now()
  }
  socket.on('pong', hear)
  socket.on('message', hear)
  setInterval(() => {
    if (performance.now() - heardAt > data.silenceMs) onDead('the PBX has fallen silent')
    else client.ping()
  }, data.pingEveryMs)
}
