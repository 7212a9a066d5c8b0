import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import net from 'node:net'

/** A parser of the npm registry, fed as its socket would feed it. */
export interface PeerRun {
  feed(bytes: Buffer): void
  /** Settles when everything that was fed has been handed over. */
  done(): Promise<void>
  readonly packets: () => number
}

export interface Peer {
  readonly name: string
  start(): PeerRun
}

const require = createRequire(import.meta.url)

/** Untyped CommonJS of others: only what is called here is described. */
interface AmiIoModule {
  readonly Client: new (options: object) => EventEmitter & { splitMessages(text: string): void }
}
type StreamModule = new () => EventEmitter & {
  write(bytes: Buffer): boolean
  end(callback: () => void): void
  resume(): void
}
type ManagerModule = (port: null) => EventEmitter & { connect(port: number, host: string): void }

const amiIo: Peer = {
  name: 'ami-io',
  start() {
    const { Client } = require('ami-io') as AmiIoModule
    const client = new Client({ logger: SILENT })
    const decoder = new TextDecoder()
    let packets = 0
    for (const name of ['event', 'rawEvent']) client.on(name, () => undefined)
    client.on('needParseMessage', () => {
      packets += 1
    })
    return {
      // Its socket has an encoding: text is what it gets.
      feed: (bytes) => client.splitMessages(decoder.decode(bytes, { stream: true })),
      done: async () => undefined,
      packets: () => packets,
    }
  },
}

const SILENT = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'log'].map((name) => [
    name,
    () => undefined,
  ]),
)

const eventsStream: Peer = {
  name: 'asterisk-ami-events-stream',
  start() {
    const Stream = require('asterisk-ami-events-stream') as StreamModule
    const stream = new Stream()
    let packets = 0
    for (const name of ['amiEvent', 'amiResponse']) {
      stream.on(name, () => {
        packets += 1
      })
    }
    stream.resume()
    return {
      // It reads what is left of a piece again for each packet: small pieces are its best case.
      feed(bytes) {
        for (let at = 0; at < bytes.length; at += 2048) stream.write(bytes.subarray(at, at + 2048))
      },
      done: () => new Promise((resolve) => stream.end(resolve)),
      packets: () => packets,
    }
  },
}

const manager: Peer = {
  name: 'asterisk-manager',
  start() {
    const createManager = require('asterisk-manager') as ManagerModule
    const socket = Object.assign(new EventEmitter(), {
      setKeepAlive: () => undefined,
      setNoDelay: () => undefined,
      setEncoding: () => undefined,
    })
    const ami = createManager(null)
    const { createConnection } = net
    try {
      // It reads only what its own connection gives.
      Object.assign(net, { createConnection: () => socket })
      ami.connect(5038, 'localhost')
    } finally {
      Object.assign(net, { createConnection })
    }
    const decoder = new TextDecoder()
    let packets = 0
    for (const name of ['managerevent', 'response']) {
      ami.on(name, () => {
        packets += 1
      })
    }
    return {
      feed: (bytes) => void socket.emit('data', decoder.decode(bytes, { stream: true })),
      done: () => new Promise((resolve) => setImmediate(resolve)),
      packets: () => packets,
    }
  },
}

export const PEERS: readonly Peer[] = [amiIo, eventsStream, manager]
