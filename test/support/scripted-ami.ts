import { createHash } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** What a client sent; keys in lower case. */
export interface ScriptedAction {
  readonly name: string
  readonly id: string
  readonly fields: ReadonlyMap<string, string>
}

/** One client of the fake. */
export interface ScriptedPeer {
  readonly socket: Socket
  /** Writes a packet of these lines. */
  write(...lines: readonly string[]): void
}

export interface ScriptedAmiOptions {
  /** Null: says nothing at all. */
  readonly banner?: string | null
  readonly secret?: string
  /** False: knows no `Challenge`, as some proxies do. */
  readonly hasChallenge?: boolean
  readonly tls?: { readonly key: string; readonly cert: string }
  /** True where it has answered by itself. */
  readonly onAction?: (action: ScriptedAction, peer: ScriptedPeer) => boolean
}

export interface ScriptedAmi extends AsyncDisposable {
  readonly port: number
  readonly actions: readonly ScriptedAction[]
  readonly peers: readonly ScriptedPeer[]
}

const CHALLENGE = '123456789'

/** A manager interface on a real socket that answers what a test says; login and ping by itself. */
export async function createScriptedAmi(options: ScriptedAmiOptions = {}): Promise<ScriptedAmi> {
  const actions: ScriptedAction[] = []
  const peers: ScriptedPeer[] = []
  const onSocket = (socket: Socket): void => {
    const peer: ScriptedPeer = {
      socket,
      write: (...lines) => socket.write(`${lines.join('\r\n')}\r\n\r\n`),
    }
    peers.push(peer)
    socket.setNoDelay(true)
    // Clients that break off are what some tests are about.
    socket.on('error', () => undefined)
    if (options.banner !== null) socket.write(options.banner ?? 'Asterisk Call Manager/11.0.0\r\n')
    onActions(socket, (action) => {
      actions.push(action)
      if (options.onAction?.(action, peer) !== true) answer(action, peer, options)
    })
  }
  const server: Server =
    options.tls === undefined ? createServer(onSocket) : createTlsServer(options.tls, onSocket)
  // A client that does not trust the certificate breaks off in the middle of the handshake.
  server.on('tlsClientError', () => undefined)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    actions,
    peers,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(action: ScriptedAction, peer: ScriptedPeer, options: ScriptedAmiOptions): void {
  const id = `ActionID: ${action.id}`
  const secret = options.secret ?? 'secret'
  const { fields } = action
  if (action.name === 'Challenge' && options.hasChallenge !== false) {
    peer.write('Response: Success', id, `Challenge: ${CHALLENGE}`)
  } else if (action.name === 'Login') {
    const key = createHash('md5').update(`${CHALLENGE}${secret}`).digest('hex')
    const isRight = fields.get('key') === key || fields.get('secret') === secret
    if (isRight) peer.write('Response: Success', id, 'Message: Authentication accepted')
    else {
      peer.write('Response: Error', id, 'Message: Authentication failed')
      peer.socket.end()
    }
  } else if (action.name === 'Ping') peer.write('Response: Success', id, 'Ping: Pong')
  else if (action.name === 'Logoff') peer.socket.end()
  else peer.write('Response: Error', id, 'Message: Invalid/unknown command')
}

function onActions(socket: Socket, onAction: (action: ScriptedAction) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (more: string) => {
    text += more
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const lines = text.slice(0, end).split('\r\n')
      text = text.slice(end + 4)
      const fields = new Map(
        lines.map((line) => {
          const colon = line.indexOf(': ')
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]
        }),
      )
      onAction({ name: fields.get('action') ?? '', id: fields.get('actionid') ?? '', fields })
    }
  })
}
