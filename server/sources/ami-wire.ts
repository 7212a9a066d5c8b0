import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type AmiAction, encodeAction } from './ami-action.ts'
import { AmiError } from './ami-error.ts'
import { createAmiInbox, type OnEvent } from './ami-inbox.ts'
import type { AmiPacket } from './ami-packet.ts'
import { createAmiParser } from './ami-parser.ts'
import { createAmiPending } from './ami-pending.ts'
import { watchSilence } from './ami-watch.ts'
import { because } from './check-cause.ts'

/** Why a session is over. `overflow`: events came faster than they were dealt with. */
export interface AmiEnd {
  readonly code: 'closed-here' | 'closed-by-pbx' | 'lost' | 'overflow'
  readonly message: string
}

export interface AmiWireOptions {
  readonly wants?: (eventName: string) => boolean
  readonly onEvent: OnEvent
  readonly onProblem: (problem: string, cause?: unknown) => void
  readonly onBanner: (line: string) => void
  /** Once; `error` is what the actions that waited were rejected with. */
  readonly onEnd: (end: AmiEnd, error: AmiError) => void
  readonly actionTimeoutMs: number
  readonly pingEveryMs: number
  readonly lostAfterMs: number
  readonly maxWaitingEvents: number
  readonly clock: () => Date
}

/** The one thing that owns a manager socket: everything in is read at once, everything out is an action. */
export interface AmiWire {
  send(action: AmiAction): Promise<AmiPacket>
  list(action: AmiAction): Promise<readonly AmiPacket[]>
  /** Events are handed over and silence is noticed from now on. */
  end(end: AmiEnd, error?: AmiError): void
}

const BANNER = 'Asterisk Call Manager'
const FAREWELL_MS = 1000

/** Joins socket, parser, pending actions, the queue of events and the watch over silence. */
export function createAmiWire(socket: Socket, options: AmiWireOptions): AmiWire {
  const { onProblem, clock } = options
  const idPrefix = randomBytes(4).toString('hex')
  let actions = 0
  let greeting: string | null = ''
  let isOver = false
  let arrivedAt = clock()

  const parser = createAmiParser({
    ...(options.wants === undefined ? {} : { wants: options.wants }),
    onError: onProblem,
    onBanner: (line) => {
      greeting = null
      options.onBanner(line)
    },
    onPacket: (packet) => {
      if (isOver || pending.take(packet) || packet.event === null) return
      if (!inbox.put(packet, arrivedAt)) {
        end({ code: 'overflow', message: `${options.maxWaitingEvents} events wait already` })
      }
    },
  })
  const pending = createAmiPending(options.actionTimeoutMs, (isReading) =>
    parser.keepAll(isReading),
  )
  const inbox = createAmiInbox(options.onEvent, options.maxWaitingEvents, onProblem)
  const ping = (): void => {
    // Whether it is answered does not matter: any byte is a sign of life.
    send({ name: 'Ping', fields: [] }).catch(() => undefined)
  }
  const watch = watchSilence({
    pingEveryMs: options.pingEveryMs,
    lostAfterMs: options.lostAfterMs,
    onSilent: () => greeting === null && ping(),
    onLost: () => end({ code: 'lost', message: 'the PBX has not said anything for too long' }),
  })

  const end = (
    reason: AmiEnd,
    error = new AmiError('closed', `the session with the PBX is over: ${reason.message}`),
  ): void => {
    if (isOver) return
    isOver = true
    watch.close()
    inbox.close()
    pending.failAll(error)
    if (reason.code === 'closed-here') sayGoodbye(socket, greeting === null)
    else socket.destroy()
    options.onEnd(reason, error)
  }

  const begin = (action: AmiAction): string => {
    if (isOver) throw new AmiError('closed', 'the session with the PBX is over')
    actions += 1
    const id = `${idPrefix}-${actions}`
    socket.write(encodeAction({ ...action, fields: [['ActionID', id], ...action.fields] }))
    return id
  }
  const send = async (action: AmiAction): Promise<AmiPacket> => pending.response(begin(action))

  socket.on('data', (bytes: Buffer) => {
    if (isOver) return
    watch.heard()
    arrivedAt = clock()
    if (greeting !== null) greeting = (greeting + bytes.toString('latin1')).slice(0, 40)
    if (greeting !== null && !isGreeting(greeting)) {
      const message = `what answers begins with ${JSON.stringify(greeting)}, expected "${BANNER}"`
      const cause = causeOfGreeting(greeting)
      end({ code: 'closed-here', message }, new AmiError('not-ami', message, cause))
    } else parser.feed(bytes)
  })
  socket.on('error', (error) => {
    const message = `the connection to the PBX broke: ${error.message}`
    end({ code: 'closed-by-pbx', message }, new AmiError('closed', message, error))
  })
  socket.on('close', () => {
    end({ code: 'closed-by-pbx', message: 'the PBX closed the connection' })
  })
  return {
    send,
    list: async (action) => pending.list(begin(action)),
    end,
  }
}

/** Who it is, without what it says (SAFE-5). */
function causeOfGreeting(text: string): Error {
  if (text.startsWith('SSH-')) return because('ssh')
  if (text.startsWith('HTTP/')) return because('not-asterisk', 'it is a web server')
  // An alert or a handshake of TLS.
  if (text.startsWith('\u0015\u0003') || text.startsWith('\u0016\u0003'))
    return because('tls-needed')
  return because('not-asterisk', 'it does not greet as the manager interface does')
}

function isGreeting(text: string): boolean {
  return text.startsWith(BANNER) || BANNER.startsWith(text)
}

/** A peer that takes nothing any more must not keep the socket. */
function sayGoodbye(socket: Socket, isGreeted: boolean): void {
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS)
  socket.on('close', () => clearTimeout(timer))
  if (isGreeted && socket.writable) socket.write(encodeAction({ name: 'Logoff', fields: [] }))
  socket.destroySoon()
}
