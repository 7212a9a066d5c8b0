import { createHash, randomInt } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { AmiScript } from './ami-script.ts'

export interface AmiServerOptions {
  readonly port: number
  readonly host?: string
  readonly userName?: string
  readonly secret?: string
  readonly speed?: number
  /** The calls that a client gets to see after its login; asked for at each login. */
  readonly scripts: () => readonly AmiScript[]
  /** Hears what happens, in words for people. */
  readonly onNote?: (note: string) => void
}

export interface AmiServer {
  readonly port: number
  /** Settles when the calls of one client have been played to their end. */
  readonly played: Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export const AMI_USER = 'ringside'
export const AMI_SECRET = 'ringside-ami'
const MAX_ACTION_BYTES = 64 * 1024

/** Plays recorded calls as the manager interface of an Asterisk: to each client, after its login. */
export async function createAmiServer(options: AmiServerOptions): Promise<AmiServer> {
  const note = options.onNote ?? (() => undefined)
  const stop = new AbortController()
  const sockets = new Set<Socket>()
  const played = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A client may go at any time; that is no error of ours.
    socket.on('error', (error) => note(`a client's connection broke: ${error.message}`))
    serveClient(socket, options, stop.signal, note, played.resolve)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', resolve)
  })
  const address = server.address()
  const close = async (): Promise<void> => {
    stop.abort()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    played: played.promise,
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Action = ReadonlyMap<string, string>

interface Session {
  loggedIn: boolean
  events: boolean
  challenge: string | null
}

function serveClient(
  socket: Socket,
  options: AmiServerOptions,
  stopped: AbortSignal,
  note: (note: string) => void,
  onPlayed: () => void,
): void {
  const session: Session = { loggedIn: false, events: false, challenge: null }
  const gone = new AbortController()
  socket.on('close', () => gone.abort())
  const scripts = options.scripts()
  socket.write(scripts[0]?.banner ?? 'Asterisk Call Manager/11.0.0\r\n')
  const start = (): void => {
    note(`a client has logged in; ${scripts.length} call(s) begin`)
    const signal = AbortSignal.any([stopped, gone.signal])
    play(socket, session, scripts, options.speed ?? 1, signal).then(
      () => {
        note('all calls have been played')
        onPlayed()
      },
      // Whoever has gone hears no more.
      () => note('the client has gone before the end'),
    )
  }
  onActions(socket, (action) => {
    const { lines, hangUp, loggedIn } = answer(action, session, options)
    socket.write(lines)
    if (hangUp) socket.end()
    if (loggedIn) start()
  })
}

/** All calls side by side, in the order of their times. */
async function play(
  socket: Socket,
  session: Session,
  scripts: readonly AmiScript[],
  speed: number,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now()
  const steps = scripts.flatMap((script) => script.steps).sort((a, b) => a.afterMs - b.afterMs)
  for (const { afterMs, packet } of steps) {
    const waitMs = afterMs / speed - (performance.now() - startedAt)
    if (waitMs > 0) await wait(waitMs, undefined, { signal })
    signal.throwIfAborted()
    if (session.events) socket.write(packet, 'latin1')
  }
}

/** Cuts what a client sends into actions: lines up to an empty one. */
function onActions(socket: Socket, onAction: (action: Action) => void): void {
  let buffered = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    buffered += chunk.replaceAll('\r', '')
    for (let end = buffered.indexOf('\n\n'); end !== -1; end = buffered.indexOf('\n\n')) {
      const text = buffered.slice(0, end)
      buffered = buffered.slice(end + 2)
      onAction(parseAction(text))
    }
    if (buffered.length > MAX_ACTION_BYTES) socket.destroy()
  })
}

function parseAction(text: string): Action {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf(':')
      return at === -1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]]
    }),
  )
}

interface Reply {
  readonly lines: string
  readonly hangUp?: boolean
  readonly loggedIn?: boolean
}

/** What Asterisk answers to an action. */
function answer(action: Action, session: Session, options: AmiServerOptions): Reply {
  const name = (action.get('action') ?? '').toLowerCase()
  const reply = (response: string, ...lines: string[]): string =>
    packet(`Response: ${response}`, action, lines)
  if (name === 'challenge') {
    session.challenge = String(randomInt(100_000_000, 999_999_999))
    return { lines: reply('Success', `Challenge: ${session.challenge}`) }
  }
  if (name === 'login') {
    if (!isLogin(action, session, options)) {
      return { lines: reply('Error', 'Message: Authentication failed'), hangUp: true }
    }
    const first = !session.loggedIn
    session.loggedIn = true
    session.events = isOn(action.get('events') ?? 'on')
    return { lines: reply('Success', 'Message: Authentication accepted'), loggedIn: first }
  }
  if (!session.loggedIn) return { lines: reply('Error', 'Message: Permission denied') }
  if (name === 'ping') {
    return { lines: reply('Success', 'Ping: Pong', `Timestamp: ${(Date.now() / 1000).toFixed(6)}`) }
  }
  if (name === 'events') {
    session.events = isOn(action.get('eventmask') ?? '')
    return { lines: reply('Success', `Events: ${session.events ? 'On' : 'Off'}`) }
  }
  if (name === 'logoff') {
    return { lines: reply('Goodbye', 'Message: Thanks for all the fish.'), hangUp: true }
  }
  const list = LISTS.get(name)
  if (list === undefined) {
    const message = `Message: Invalid/unknown command: ${action.get('action') ?? ''}. Use Action: ListCommands to show available commands.`
    return { lines: reply('Error', message) }
  }
  const complete = ['EventList: Complete', 'ListItems: 0']
  return {
    lines:
      reply('Success', 'EventList: start', `Message: ${list.message}`) +
      packet(`Event: ${list.complete}`, action, complete),
  }
}

/** What a client asks for after a (re)connect: on this PBX nothing goes on besides the calls played. */
const LISTS = new Map([
  ['coreshowchannels', { message: 'Channels will follow', complete: 'CoreShowChannelsComplete' }],
  ['bridgelist', { message: 'Bridge listing will follow', complete: 'BridgeListComplete' }],
  ['queuestatus', { message: 'Queue status will follow', complete: 'QueueStatusComplete' }],
])

function packet(first: string, action: Action, lines: readonly string[]): string {
  const id = action.get('actionid')
  const all = [first, ...(id === undefined ? [] : [`ActionID: ${id}`]), ...lines]
  return `${all.join('\r\n')}\r\n\r\n`
}

function isLogin(action: Action, session: Session, options: AmiServerOptions): boolean {
  const secret = options.secret ?? AMI_SECRET
  if (action.get('username') !== (options.userName ?? AMI_USER)) return false
  if ((action.get('authtype') ?? '').toLowerCase() !== 'md5') return action.get('secret') === secret
  const { challenge } = session
  if (challenge === null) return false
  return (
    action.get('key') ===
    createHash('md5')
      .update(challenge + secret)
      .digest('hex')
  )
}

function isOn(mask: string): boolean {
  return mask !== '' && !['off', 'no', 'false', '0'].includes(mask.toLowerCase())
}
