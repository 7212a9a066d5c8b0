import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface FakeAriOptions {
  readonly tls?: boolean
  readonly readOnly?: boolean
  /** Answers before the fake does; true: it has. Also asked for websockets, before they open. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Answers the request for a websocket in its own way; true: it has. */
  readonly upgrade?: (request: IncomingMessage, socket: Socket) => boolean
}

export interface FakeAri extends AsyncDisposable {
  readonly port: number
  /** With scheme and port, without `/ari`. */
  readonly url: string
  /** `GET /ari/channels` and so on, in the order in which they came. */
  readonly requests: string[]
  /** Bodies of the requests that had one. */
  readonly bodies: string[]
  /** Settles with the next websocket that opens. */
  readonly opened: () => Promise<WebSocket>
  send(event: unknown): void
  /** The lines stay, nothing goes over them: a pulled cable. */
  freeze(): void
  /** Breaks all connections. */
  cut(): void
}

export const ARI_USER = 'ringside'
export const ARI_PASSWORD = 'ringside-ari'

/** An ARI over a real socket: as much of it as Ringside asks for. */
export async function createFakeAri(options: FakeAriOptions = {}): Promise<FakeAri> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const bodies: string[] = []
  const wss = new WebSocketServer({ noServer: true })
  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`)
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString()
    })
    request.on('end', () => {
      if (body !== '') bodies.push(body)
    })
    if (options.answer?.(request, response) === true) return
    answer(request, response, options)
  }
  const server: Server =
    options.tls === true ? createHttps(CERTIFICATE, listen) : createHttp(listen)
  server.on(options.tls === true ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => undefined)
  server.on('upgrade', (request, socket: Socket, head) => {
    requests.push(`${request.method} ${request.url?.replace(/api_key=[^&]*/, 'api_key=***')}`)
    if (options.upgrade?.(request, socket) === true) return
    if (!isAllowed(request)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
      return
    }
    wss.handleUpgrade(request, socket, head, (webSocket) => wss.emit('connection', webSocket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    port,
    url: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    bodies,
    opened: async () => {
      const [webSocket] = (await once(wss, 'connection')) as [WebSocket]
      return webSocket
    },
    send: (event) => {
      for (const client of wss.clients) client.send(toText(event))
    },
    freeze: () => {
      for (const socket of sockets) socket.pause()
    },
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    [Symbol.asyncDispose]: close,
  }
}

/** Self-signed, for localhost and 127.0.0.1. */
export const CERTIFICATE = {
  key: readFileSync(new URL('../fixtures/tls/key.pem', import.meta.url)),
  cert: readFileSync(new URL('../fixtures/tls/certificate.pem', import.meta.url)),
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  'GET asterisk/info': { system: { version: '22.10.1', entity_id: '02:fc' } },
  'GET channels': [],
  'GET bridges': [],
  'GET endpoints': [
    { technology: 'PJSIP', resource: '101', state: 'online', channel_ids: [] },
    { technology: 'PJSIP', resource: '102', state: 'offline', channel_ids: [] },
    { technology: 'SIP', resource: 'trunk', state: 'strange' },
    { nonsense: true },
  ],
  'GET endpoints/PJSIP/101': { technology: 'PJSIP', resource: '101', state: 'online' },
  'GET endpoints/PJSIP/102': { technology: 'PJSIP', resource: '102', state: 'offline' },
  'POST channels': { id: 'new', state: 'Down' },
  'DELETE channels/agent-1': null,
}

function answer(request: IncomingMessage, response: ServerResponse, options: FakeAriOptions): void {
  const [path = ''] = (request.url ?? '').replace(/^.*?\/ari\//, '').split('?')
  const found = ANSWERS[`${request.method} ${path}`]
  if (!isAllowed(request)) say(response, 401, { message: 'Authentication required' })
  else if (options.readOnly === true && request.method !== 'GET')
    say(response, 403, { message: 'Write access denied' })
  else if (found === undefined) say(response, 404, { message: 'Channel not found' })
  else say(response, found === null ? 204 : 200, found)
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === null ? undefined : JSON.stringify(body))
}

function isAllowed(request: IncomingMessage): boolean {
  const basic = `Basic ${Buffer.from(`${ARI_USER}:${ARI_PASSWORD}`).toString('base64')}`
  const key = new URL(request.url ?? '', 'http://fake').searchParams.get('api_key')
  return request.headers.authorization === basic || key === `${ARI_USER}:${ARI_PASSWORD}`
}

function toText(event: unknown): string {
  return typeof event === 'string' ? event : JSON.stringify(event)
}
