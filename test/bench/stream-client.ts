import { connect, type Socket } from 'node:net'
import { backoffMs } from '../../widget/client/backoff.ts'
import { createStreamReader, type ReadEvent } from './stream-reader.ts'

/** Where clients connect to. */
export interface Target {
  readonly port: number
  /** `plain`: the writer that events are compared with, without HTTP and tokens. */
  readonly kind: 'stream' | 'plain'
}

/** `stuck`: reads nothing any more; `slow`: a little now and then. */
export type Reading = 'all' | 'slow' | 'stuck'

/** What the clients of one process have seen and is wrong or to be counted. */
export interface Ledger {
  /** Of events to all: their number and when they came. */
  heardAll(client: number, sequence: number, at: number): void
  /** Of events to one: of which call, and when. */
  heardOne(client: number, uniqueId: string, at: number): void
  /** A hole, an event twice, a refusal. */
  wrong(what: string): void
  lost(client: number, how: 'ended' | 'cut off'): void
}

export interface Client {
  open(): void
  /** Drops the connection, as a network does that is cut, and tries again and again as the widget does. */
  drop(): void
  /** The network is there again: with the next attempt, or in this instant. */
  comeBack(isAtOnce: boolean): void
  /** From now on; its own port, by which its connection is known. */
  read(how: Reading): number
  isUp(): boolean
  sequence(): number | null
}

export const now = (): number => {
  // One clock for all processes of the machine.
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

const SLOW_MS = 2000
/** All sockets of a process read into this: what is in it is read at once. */
const shared = Buffer.allocUnsafe(64 * 1024)

/** A page that listens: comes back with its last id whenever its stream is over, and checks what it hears. */
export function createClient(
  index: number,
  target: Target,
  token: string,
  ledger: Ledger,
  onUp: () => void,
): Client {
  let socket: Socket | null = null
  let lastId: string | null = null
  let sequence: number | null = null
  let isUp = false
  let isCut = false
  let attempt = 0
  let reading: Reading = 'all'
  let retry: NodeJS.Timeout | undefined

  const up = (): void => {
    isUp = true
    attempt = 0
    onUp()
  }
  const hear = ({ type, id, data }: ReadEvent): void => {
    const at = now()
    if (type === 'hello') {
      const resumed = /"resumedFrom":(?:null|"(\d+)")/.exec(data)?.[1] ?? null
      if (resumed !== lastId) ledger.wrong(`client ${index} came from ${lastId}, got ${resumed}`)
      lastId = id
      up()
      return
    }
    if (target.kind === 'stream') {
      if (lastId !== null && id <= lastId) ledger.wrong(`client ${index} got ${id} after ${lastId}`)
      lastId = id
    }
    const number = type === 'user' ? /"name":"Seq (\d+)"/.exec(data)?.[1] : undefined
    if (number !== undefined) {
      if (sequence !== null && Number(number) !== sequence + 1)
        ledger.wrong(`client ${index} got number ${number} after ${sequence}`)
      sequence = Number(number)
      ledger.heardAll(index, sequence, at)
    } else if (type === 'call') {
      ledger.heardOne(index, /"uniqueId":"([^"]*)"/.exec(data)?.[1] ?? '', at)
    }
  }
  /** As a widget that has lost its connection; 0 is for what the server has ended. */
  const later = (least: number): void => {
    attempt = Math.max(attempt, least)
    const again = (): void => (isCut ? later(1) : open())
    retry = setTimeout(again, backoffMs(attempt, Math.random()))
    attempt += 1
  }
  const open = (): void => {
    const reader = createStreamReader(target.kind === 'plain', hear, (status) =>
      ledger.wrong(`client ${index} was answered ${status}`),
    )
    const own = connect({
      host: '127.0.0.1',
      port: target.port,
      onread: {
        buffer: shared,
        callback: (length) => {
          reader.read(shared.subarray(0, length))
          // The server would keep the connection for a next request; a browser asks on one at once.
          if (reader.hasEnded()) own.destroy()
          if (reading === 'all') return true
          if (reading === 'slow') setTimeout(() => own.resume(), SLOW_MS)
          return false
        },
      },
    })
    socket = own
    own.setNoDelay(true)
    own.once('connect', () => {
      if (target.kind === 'plain') up()
      else own.write(requestOf(token, lastId))
    })
    own.on('error', () => undefined)
    own.once('close', () => {
      if (socket !== own) return
      socket = null
      if (isUp && !isCut) ledger.lost(index, reader.hasEnded() ? 'ended' : 'cut off')
      isUp = false
      if (reading === 'all') later(reader.hasEnded() ? 0 : 1)
    })
  }
  return {
    open,
    drop: () => {
      isCut = true
      isUp = false
      if (socket === null) return
      // Of one that the server has reset meanwhile Node tells no end.
      const own = socket
      socket = null
      own.resetAndDestroy()
      later(1)
    },
    comeBack: (isAtOnce) => {
      isCut = false
      if (!isAtOnce) return
      clearTimeout(retry)
      open()
    },
    read: (how) => {
      reading = how
      if (how === 'stuck') socket?.pause()
      else socket?.resume()
      return socket?.localPort ?? 0
    },
    isUp: () => isUp,
    sequence: () => sequence,
  }
}

function requestOf(token: string, lastId: string | null): string {
  const resume = lastId === null ? '' : `Last-Event-ID: ${lastId}\r\n`
  return `GET /api/stream HTTP/1.1\r\nHost: ringside\r\nAuthorization: Bearer ${token}\r\n${resume}\r\n`
}
