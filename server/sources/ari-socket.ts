import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Log } from '../log.ts'
import { AriError } from './ari-error.ts'
import { readString } from './ari-fields.ts'
import { readIsReadOnly, readVersion } from './ari-reach.ts'
import { ARI_TIMEOUTS, type AriListener, type AriSession, type AriTimeouts } from './ari-session.ts'
import { type AriSocketRest, createAriSocketRest } from './ari-socket-rest.ts'

export interface AriSocketsOptions {
  /**
   * Whose websocket it is, by the path as it was asked for and the `Authorization` header; null where
   * nobody's. Never both in a log: they are secrets.
   */
  readonly accept: (
    path: string,
    authorization: string | null,
  ) => string | null | Promise<string | null>
  /**
   * A PBX is there and answers: who listens is told of its events from the first one on. A later
   * session of the same connection ends the one before.
   */
  readonly onSession: (connectionId: string, session: AriSession) => AriListener
  readonly log: Log
  readonly clock: () => Date
  readonly timeouts?: Partial<AriTimeouts>
}

/** The websockets that PBXs open to Ringside (ARI-4). */
export interface AriSockets extends AsyncDisposable {
  /** For the HTTP server's `upgrade`: answers every request, also those that are for nobody. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends the websocket of a connection, such as when its token was changed. */
  end(connectionId: string, reason: string): void
  close(): Promise<void>
}

/** `GET /pbx/ari/{token}` is where a PBX connects to. */
export const ARI_SOCKET_PATH = '/pbx/ari/'
/** A state of a thousand channels is about 1 MiB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024
/** What a PBX kept for us while we were away may come before its first answer. */
const MAX_EARLY_EVENTS = 50_000

/** Whether a request asks for the websocket of a PBX. */
export function isAriSocket({ method, url = '', headers }: IncomingMessage): boolean {
  const isWebSocket = headers.upgrade?.toLowerCase() === 'websocket'
  return isWebSocket && method === 'GET' && url.startsWith(ARI_SOCKET_PATH)
}

/** The token of `/pbx/ari/{token}`; null for any other path. */
export function tokenOfAriPath(path: string): string | null {
  return /^\/pbx\/ari\/([\w-]{1,200})$/.exec(path)?.[1] ?? null
}

/** Takes the websockets that PBXs open, one for each connection. */
export function createAriSockets(options: AriSocketsOptions): AriSockets {
  const live = new Map<string, LiveSocket>()
  let isClosed = false
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has('ari') ? 'ari' : false),
  })

  const admit = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // Whoever asks may go at any time; without a listener that would end the process.
    socket.on('error', () => socket.destroy())
    const [path = ''] = (request.url ?? '').split('?')
    if (!path.startsWith(ARI_SOCKET_PATH)) return refuse(socket, '404 Not Found')
    // Only browsers say where they come from, and no browser has business here (SAFE-7).
    if (request.headers.origin !== undefined) return refuse(socket, '403 Forbidden')
    const connectionId = await options.accept(path, request.headers.authorization ?? null)
    // A PBX comes back at once; by then another process may be there for it.
    if (isClosed) return refuse(socket, '503 Service Unavailable')
    if (connectionId === null) {
      options.log.info('ari.socket-refused', { from: request.socket.remoteAddress ?? null })
      return refuse(socket, '401 Unauthorized')
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      live.get(connectionId)?.end('the PBX connected again')
      const entry = serve(webSocket, connectionId, options, () => {
        if (live.get(connectionId) === entry) live.delete(connectionId)
      })
      live.set(connectionId, entry)
    })
  }

  const close = async (): Promise<void> => {
    isClosed = true
    await Promise.all([...live.values()].map((each) => each.session.close()))
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    handleUpgrade: (request, socket, head) => {
      admit(request, socket, head).catch((error: unknown) => {
        options.log.error('ari.socket-failed', { error })
        refuse(socket, '503 Service Unavailable')
      })
    },
    end: (connectionId, reason) => live.get(connectionId)?.end(reason),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Nobody reads such a socket: what came behind the request, or never an end, would keep it for ever. */
function refuse(socket: Duplex, status: string): void {
  socket.resume()
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  )
}

interface LiveSocket {
  readonly session: Pick<AriSession, 'close'>
  /** Ends it as if the PBX had: who listens hears of it. */
  end(reason: string): void
}

function serve(
  socket: WebSocket,
  connectionId: string,
  options: AriSocketsOptions,
  onOver: () => void,
): LiveSocket {
  const { log, clock } = options
  const timeouts = { ...ARI_TIMEOUTS, ...options.timeouts }
  const rest = createAriSocketRest(socket, timeouts.requestMs)
  const hearing = createEarlyHearing()
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const stopWatch = watch(socket, timeouts, () => end('the PBX has fallen silent'))
  let isOver = false

  const leave = (reason: string): boolean => {
    if (isOver) return false
    isOver = true
    stopWatch()
    rest.end(reason)
    onOver()
    return true
  }
  const end = (reason: string): void => {
    if (!leave(reason)) return
    socket.terminate()
    hearing.close(reason)
  }
  const close = async (): Promise<void> => {
    leave('the connection is closed')
    socket.close(1001)
    // A PBX that does not answer is not waited for.
    const patience = setTimeout(() => socket.terminate(), 1000)
    await gone
    clearTimeout(patience)
  }

  socket.on('error', (error) => end(error.message))
  socket.once('close', () => end('the PBX closed the websocket'))
  socket.on('message', (bytes) => {
    const message = parse(bytes)
    if (message === null || isOver) return
    if (readString(message, 'type') === 'RESTResponse') return rest.answer(message)
    if (!hearing.hear(message, clock())) end('too many events before the first answer')
  })
  greet(rest).then(
    ({ version, isReadOnly }) => {
      if (isOver) return
      const session = { version, isReadOnly, rest, close, [Symbol.asyncDispose]: close }
      hearing.listen(options.onSession(connectionId, session))
    },
    (error: unknown) => {
      if (isOver) return
      log.warn('ari.socket-unanswered', { connectionId, error })
      end('the PBX does not answer requests on its websocket')
    },
  )
  return { session: { close }, end }
}

/** What the session has to be known by; a PBX too old to take requests here is of no use. */
async function greet(
  rest: AriSocketRest,
): Promise<{ version: string | null; isReadOnly: boolean }> {
  const version = await readVersion(rest).catch((error: unknown) => {
    // An account may be kept from asking; it answers all the same.
    if (error instanceof AriError && error.status !== null) return null
    throw error
  })
  return { version, isReadOnly: await readIsReadOnly(rest) }
}

interface EarlyHearing {
  /** False where more came than can be kept. */
  hear(event: unknown, arrivedAt: Date): boolean
  listen(listener: AriListener): void
  close(reason: string): void
}

/** Keeps events until somebody listens: those that the PBX had queued come first. */
function createEarlyHearing(): EarlyHearing {
  let early: { readonly event: unknown; readonly arrivedAt: Date }[] = []
  let listener: AriListener | null = null
  return {
    hear: (event, arrivedAt) => {
      if (listener !== null) listener.onEvent(event, arrivedAt)
      else early.push({ event, arrivedAt })
      return early.length <= MAX_EARLY_EVENTS
    },
    listen: (given) => {
      listener = given
      for (const { event, arrivedAt } of early) listener.onEvent(event, arrivedAt)
      early = []
    },
    close: (reason) => {
      early = []
      listener?.onClose(reason)
    },
  }
}

function parse(bytes: RawData): unknown {
  try {
    return JSON.parse(String(bytes)) as unknown
  } catch {
    // ARI sends JSON only; whatever else comes has nothing to say to us.
    return null
  }
}

/** Pings, because Asterisk is silent while nobody calls; gives the function that stops it. */
function watch(socket: WebSocket, timeouts: AriTimeouts, onDead: () => void): () => void {
  let heardAt = performance.now()
  const hear = (): void => {
    heardAt = performance.now()
  }
  socket.on('pong', hear)
  socket.on('message', hear)
  const timer = setInterval(() => {
    if (performance.now() - heardAt > timeouts.silenceMs) onDead()
    else socket.ping()
  }, timeouts.pingEveryMs)
  return () => clearInterval(timer)
}
