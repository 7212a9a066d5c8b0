/**
 * The worker thread that owns `ari-client`. The library throws uncaught strings, and trusts the
 * server's description of its API: Asterisk says `http://` there even over TLS, and the library would
 * send the password to it in clear text. So it runs where a throw ends only this thread, reads a
 * description that is made here, and connects to one checked address.
 */
import dns from 'node:dns'
import { createServer, type Server } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { type Client, connect } from 'ari-client'
import type { WebSocket } from 'ws'
import { type CheckedAddress, lookupOf } from '../net/address-guard.ts'

/** What the thread is told at its start. */
export interface AriClientData {
  readonly isTls: boolean
  /** `host:port`, and the prefix where the PBX has one. */
  readonly host: string
  readonly address: CheckedAddress
  readonly userName: string
  readonly password: string
  readonly app: string
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
  /** What it knows of each type of event; an event of a type that is missing here it throws at. */
  _swagger: { apis: { events: { models: Record<string, { properties: object }> } } }
}

/** Events that the main thread has not taken yet; beyond it the connection is given up, not the memory. */
const MAX_WAITING = 20_000
/** Asterisk 22 has about sixty types of events. */
const MAX_TYPES = 500

if (parentPort !== null) {
  const data = workerData as AriClientData // ari-session.ts is the only one that starts this thread
  await start(data, parentPort)
}

async function start(data: AriClientData, port: NonNullable<typeof parentPort>): Promise<void> {
  const tell = (message: AriClientMessage): void => port.postMessage(message)
  const client = await createDescribedClient()
  dns.lookup = lookupOf(data.address) as typeof dns.lookup
  const inner = client as unknown as Internals
  inner._connection = {
    protocol: data.isTls ? 'https:' : 'http:',
    host: data.host,
    user: data.userName,
    pass: data.password,
  }
  const hear = createHearing(port, tell)
  client.on('*' as 'StasisStart', hear)
  client.once('WebSocketConnected', () => {
    tell({ type: 'open' })
    watch(inner._ws, client, data, (reason) => tell({ type: 'closed', reason }))
  })
  // It would come back by itself and nobody would know of the gap: whoever started us begins anew.
  client.on('WebSocketReconnecting', (error?: Error) => {
    tell({ type: 'closed', reason: error?.message ?? 'the PBX closed the websocket' })
  })
  void client.start(data.app, true)
  tolerate(inner, hear)
}

/** A client that has read its description from here, so that it asks the PBX for events only. */
async function createDescribedClient(): Promise<Client> {
  const server = createServer((request, response) => {
    const base = `http://${request.headers.host}/ari`
    const isList = request.url?.endsWith('/resources.json') === true
    const apis = isList ? [{ path: '/api-docs/events.{format}', description: 'Events' }] : []
    response.setHeader('content-type', 'application/json')
    response.setHeader('connection', 'close')
    response.end(JSON.stringify({ swaggerVersion: '1.1', basePath: base, apis, models: {} }))
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

/** Passes events on, as long as they are taken. */
function createHearing(
  port: NonNullable<typeof parentPort>,
  tell: (message: AriClientMessage) => void,
): (event: unknown) => void {
  let waiting = 0
  port.on('message', (taken: number) => {
    waiting -= taken
  })
  return (event) => {
    waiting += 1
    if (waiting <= MAX_WAITING) tell({ type: 'event', event, arrivedAt: Date.now() })
    else tell({ type: 'closed', reason: 'events come faster than they are taken' })
  }
}

/**
 * `ari-client` throws at the first event of each type, because our description is empty, and at what
 * is no event: the event is passed on all the same, and its type is known from then on.
 */
function tolerate(inner: Internals, hear: (event: unknown) => void): void {
  const { models } = inner._swagger.apis.events
  const socket = inner._ws
  const [take] = socket.listeners('message')
  if (take === undefined) throw new Error('ari-client does not listen for messages')
  socket.removeAllListeners('message')
  socket.on('message', (bytes) => {
    try {
      take.call(socket, bytes)
    } catch {
      const event = parseEvent(String(bytes))
      if (event === null || Object.hasOwn(models, event.type)) return
      // Nothing of an event is turned into an object with methods: that needs no fields.
      if (Object.keys(models).length < MAX_TYPES) models[event.type] = { properties: {} }
      hear(event)
    }
  })
}

function parseEvent(text: string): { readonly type: string } | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('type' in value)) return null
    return typeof value.type === 'string' ? { ...value, type: value.type } : null
  } catch {
    return null
  }
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
