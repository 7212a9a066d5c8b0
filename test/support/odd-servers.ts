import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { createServer as createTls } from 'node:tls'

/** Something that listens on a port of this machine and is no PBX, or no good one. */
export interface OddServer extends AsyncDisposable {
  readonly port: number
  /** How many connections came in. */
  readonly connections: () => number
}

export type CertificateName =
  | 'certificate'
  | 'good'
  | 'expired'
  | 'not-yet'
  | 'untrusted'
  | 'wrong-name'

const fileOf = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url))

/** The authority of the certificates `good`, `expired`, `not-yet` and `wrong-name`. */
export const TEST_AUTHORITY = fileOf('ca').toString()

/** The certificate `certificate` is self-signed; all have the same key. */
export function certificateOf(name: CertificateName): {
  readonly key: string
  readonly cert: string
} {
  return { key: fileOf('key').toString(), cert: fileOf(name).toString() }
}

/** Speaks as it is told to on each connection. */
export function serveSockets(
  onSocket: (socket: Socket) => void,
  certificate?: CertificateName,
): Promise<OddServer> {
  return listening(
    certificate === undefined
      ? createServer(onSocket)
      : createTls(certificateOf(certificate), onSocket),
  )
}

export function serveHttp(
  onRequest: RequestListener,
  certificate?: CertificateName,
): Promise<OddServer> {
  return listening(
    certificate === undefined
      ? createHttp(onRequest)
      : createHttps(certificateOf(certificate), onRequest),
  )
}

/** A port that takes no connection any more: its queue is full and nobody empties it. */
export async function serveNobody(): Promise<OddServer> {
  const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  child.kill('SIGSTOP')
  const waiting = Array.from({ length: 8 }, () => connect({ port, host: '127.0.0.1' }))
  for (const socket of waiting) socket.on('error', () => undefined)
  // Linux takes one more than the backlog.
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, 'connect')))
  return {
    port,
    connections: () => 0,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = await serveSockets(() => undefined)
  await server[Symbol.asyncDispose]()
  return server.port
}

/** Writes `text` every few milliseconds until the other side has gone, and never ends. */
export function drip(to: Writable, text: string): void {
  const timer = setInterval(() => to.write(text), 5)
  to.on('close', () => clearInterval(timer))
}

async function listening(server: Server): Promise<OddServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    // Who tests breaks off as soon as it knows enough.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => socket.destroy()))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
