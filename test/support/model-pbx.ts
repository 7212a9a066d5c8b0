import { createHash, randomInt } from 'node:crypto'
import { createServer, type Socket } from 'node:net'

/** A manager account of the fake. */
export interface FakeAccount {
  readonly userName: string
  readonly secret: string
  /** Actions that it may use; all by default. */
  readonly allowed?: readonly string[]
}

/**
 * A manager interface over a real socket that knows what goes on: packets that are told change its
 * channels and bridges, whether a client hears them or not, and its lists say what is.
 */
export interface FakePbx {
  readonly port: number
  /** Every action that came: by which connection, and when by `performance.now()`. */
  readonly actions: {
    readonly name: string
    readonly fields: ReadonlyMap<string, string>
    readonly connection: number
    readonly at: number
  }[]
  /** How many clients are logged in. */
  clients(): number
  /** Something happens in the PBX; every client that is there hears it. */
  tell(packet: string): void
  /** Ends all connections. `false`: they stay, but nothing goes through them any more. */
  cut(properly?: boolean): void
  /** The PBX restarts: its channels are gone. */
  restart(): void
  /** Resolves when a client has logged in since it was asked. */
  loggedIn(): Promise<void>
  /** What it answers to an action; null for its own answer. */
  onAction: (name: string, fields: ReadonlyMap<string, string>) => string | null
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export const FAKE_ACCOUNT: FakeAccount = { userName: 'ringside', secret: 'ringside-ami' }
const ALL = [
  'Ping',
  'CoreShowChannels',
  'CoreSettings',
  'BridgeList',
  'Status',
  'QueueStatus',
  'DeviceStateList',
  'PJSIPShowEndpoints',
  'ListCommands',
  'Originate',
  'Hangup',
  'Redirect',
  'QueuePause',
  'Atxfer',
  'BlindTransfer',
  'Park',
  'PlayDTMF',
  'MuteAudio',
  'MixMonitorMute',
  'Getvar',
]

type Fields = Map<string, string>

export async function createFakePbx(
  options: {
    banner?: string
    accounts?: readonly FakeAccount[]
    endpoints?: readonly string[]
    /** Where it listens; on the loopback unless said otherwise. */
    host?: string
  } = {},
): Promise<FakePbx> {
  const { banner = 'Asterisk Call Manager/11.0.0\r\n', accounts = [FAKE_ACCOUNT] } = options
  const channels = new Map<string, Fields>()
  const bridgeOf = new Map<string, string>()
  const holding = new Set<string>()
  const queueMembers = new Map<string, Fields>()
  const sockets = new Set<Socket>()
  const listeners = new Map<Socket, FakeAccount>()
  const deaf = new Set<Socket>()
  let waiting: (() => void)[] = []
  const actions: FakePbx['actions'] = []
  let connections = 0

  const list = (events: readonly string[], complete: string, id: string): string =>
    [
      `Response: Success\r\n${id}EventList: start\r\nMessage: A list follows\r\n\r\n`,
      ...events.map((event) => `${event}\r\n`),
      `Event: ${complete}\r\n${id}EventList: Complete\r\nListItems: ${events.length}\r\n\r\n`,
    ].join('')
  const channelItems = (id: string): string[] =>
    [...channels].map(([uniqueId, fields]) => {
      const bridge = bridgeOf.get(uniqueId) ?? ''
      const lines = [...fields].map(([key, value]) => `${key}: ${value}\r\n`).join('')
      return `Event: CoreShowChannel\r\n${id}${lines}Duration: 00:00:00\r\nBridgeId: ${bridge}\r\n`
    })
  const answer = (socket: Socket, fields: Fields, challenge: { text: string }): string => {
    const name = fields.get('action') ?? ''
    const id = fields.has('actionid') ? `ActionID: ${fields.get('actionid')}\r\n` : ''
    const ok = (...lines: string[]): string =>
      `Response: Success\r\n${id}${lines.map((line) => `${line}\r\n`).join('')}\r\n`
    const no = (message: string): string => `Response: Error\r\n${id}Message: ${message}\r\n\r\n`
    if (name === 'Challenge') {
      challenge.text = String(randomInt(100_000_000, 999_999_999))
      return ok(`Challenge: ${challenge.text}`)
    }
    if (name === 'Login') {
      const account = accounts.find(({ userName }) => userName === fields.get('username'))
      const key = createHash('md5').update(`${challenge.text}${account?.secret}`).digest('hex')
      if (account === undefined || fields.get('key') !== key) {
        setImmediate(() => socket.end())
        return no('Authentication failed')
      }
      listeners.set(socket, account)
      const told = waiting
      waiting = []
      for (const resolve of told) setImmediate(resolve)
      return ok('Message: Authentication accepted')
    }
    const account = listeners.get(socket)
    if (account === undefined) return no('Permission denied')
    if (name === 'Logoff') return ok('Message: Thanks for all the fish.')
    const allowed = account.allowed ?? ALL
    if (!allowed.includes(name)) return no('Permission denied')
    const own = pbx.onAction(name, fields)
    if (own !== null) return own.replaceAll('{id}', id)
    switch (name) {
      case 'ListCommands':
        return ok(...allowed.map((each) => `${each}: What it does  (Priv: all)`))
      case 'CoreSettings':
        return ok('AMIversion: 11.0.0', 'AsteriskVersion: 22.10.1')
      case 'CoreShowChannels':
        return list(channelItems(id), 'CoreShowChannelsComplete', id)
      case 'Status':
        return list([], 'StatusComplete', id)
      case 'BridgeList':
        return list(
          [...new Set(bridgeOf.values())].map(
            (each) =>
              `Event: BridgeListItem\r\n${id}BridgeUniqueid: ${each}\r\nBridgeTechnology: ${holding.has(each) ? 'holding_bridge' : 'simple_bridge'}\r\n`,
          ),
          'BridgeListComplete',
          id,
        )
      case 'QueueStatus':
        return list(
          [...new Set([...queueMembers.values()].map((each) => each.get('Queue')))].flatMap(
            (queue) => [
              `Event: QueueParams\r\n${id}Queue: ${queue}\r\nCalls: 0\r\n`,
              ...[...queueMembers.values()]
                .filter((each) => each.get('Queue') === queue)
                .map(
                  (each) =>
                    `Event: QueueMember\r\n${id}${[...each].map(([key, value]) => `${key}: ${value}\r\n`).join('')}`,
                ),
            ],
          ),
          'QueueStatusComplete',
          id,
        )
      case 'DeviceStateList':
        return list([], 'DeviceStateListComplete', id)
      case 'PJSIPShowEndpoints':
        return list(
          (options.endpoints ?? []).map(
            (each) =>
              `Event: EndpointList\r\n${id}ObjectType: endpoint\r\nObjectName: ${each}\r\nDeviceState: Not in use\r\n`,
          ),
          'EndpointListComplete',
          id,
        )
      default:
        return ok('Message: Done')
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    connections += 1
    const connection = connections
    const challenge = { text: '' }
    let buffered = ''
    socket.setEncoding('utf8')
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      listeners.delete(socket)
    })
    socket.on('data', (chunk: string) => {
      if (deaf.has(socket)) return
      buffered += chunk
      for (let end = buffered.indexOf('\r\n\r\n'); end !== -1; end = buffered.indexOf('\r\n\r\n')) {
        const fields = toFields(buffered.slice(0, end), true)
        buffered = buffered.slice(end + 4)
        const name = fields.get('action') ?? ''
        actions.push({ name, fields, connection, at: performance.now() })
        socket.write(answer(socket, fields, challenge))
      }
    })
    socket.write(banner)
  })
  await new Promise<void>((resolve) => server.listen(0, options.host ?? '127.0.0.1', resolve))
  const address = server.address()
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const pbx: FakePbx = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    actions,
    clients: () => listeners.size,
    tell: (packet) => {
      const fields = toFields(packet, false)
      follow(fields, { channels, bridgeOf, holding, queueMembers })
      for (const socket of listeners.keys()) if (!deaf.has(socket)) socket.write(packet, 'latin1')
    },
    cut: (properly = true) => {
      for (const socket of sockets) {
        listeners.delete(socket)
        if (properly) socket.destroy()
        else deaf.add(socket)
      }
    },
    restart: () => {
      channels.clear()
      bridgeOf.clear()
      for (const socket of sockets) socket.destroy()
    },
    loggedIn: () => new Promise((resolve) => waiting.push(resolve)),
    onAction: () => null,
    close,
    [Symbol.asyncDispose]: close,
  }
  return pbx
}

interface World {
  readonly channels: Map<string, Fields>
  readonly bridgeOf: Map<string, string>
  readonly holding: Set<string>
  readonly queueMembers: Map<string, Fields>
}

const KEPT = [
  'Channel',
  'ChannelState',
  'ChannelStateDesc',
  'CallerIDNum',
  'CallerIDName',
  'ConnectedLineNum',
  'ConnectedLineName',
  'Context',
  'Exten',
  'Priority',
  'Uniqueid',
  'Linkedid',
  'Application',
]

/** What an event means for what is. */
function follow(fields: Fields, world: World): void {
  const event = fields.get('Event') ?? ''
  const id = fields.get('Uniqueid')
  if (event === 'QueueMemberAdded' || event === 'QueueMemberPause') {
    world.queueMembers.set(`${fields.get('Queue')} ${fields.get('Interface')}`, fields)
  }
  if (id !== undefined && event === 'Hangup') {
    world.channels.delete(id)
    world.bridgeOf.delete(id)
    return
  }
  for (const prefix of ['', 'Dest']) {
    const uniqueId = fields.get(`${prefix}Uniqueid`)
    if (uniqueId === undefined || !fields.has(`${prefix}ChannelState`)) continue
    const known = world.channels.get(uniqueId)
    if (known === undefined && event !== 'Newchannel') continue
    const now = known ?? new Map<string, string>()
    for (const key of KEPT) {
      const value = fields.get(`${prefix}${key}`)
      if (value !== undefined) now.set(key, value)
    }
    world.channels.set(uniqueId, now)
  }
  const bridge = fields.get('BridgeUniqueid')
  if (bridge !== undefined && id !== undefined) {
    if (fields.get('BridgeTechnology') === 'holding_bridge') world.holding.add(bridge)
    if (event === 'BridgeEnter') world.bridgeOf.set(id, bridge)
    if (event === 'BridgeLeave') world.bridgeOf.delete(id)
  }
}

function toFields(text: string, lower: boolean): Fields {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':')
      if (at === -1) return []
      const key = line.slice(0, at).trim()
      return [[lower ? key.toLowerCase() : key, line.slice(at + 1).trim()] as const]
    }),
  )
}
