import { createAmiFramer } from './ami-framer.ts'
import { type AmiPacket, toPacket } from './ami-packet.ts'

export interface AmiParserOptions {
  readonly onPacket: (packet: AmiPacket) => void
  /** The line that a connection begins with, such as `Asterisk Call Manager/11.0.0`. */
  readonly onBanner?: (line: string) => void
  /** A packet was left out, and why. */
  readonly onError?: (reason: string) => void
  /**
   * Whether anybody needs events of this name; others are passed over unread. Asked now and then,
   * not for each packet: the answer for a name must not change.
   */
  readonly wants?: (eventName: string) => boolean
  readonly maxLineBytes?: number
  readonly maxPacketBytes?: number
}

/** Bytes of the manager interface, in any split → packets; it holds one unfinished packet at most. */
export interface AmiParser {
  feed(bytes: Uint8Array): void
  /** While on, `wants` is not asked: the events of a list belong to who asked for the list. */
  keepAll(on: boolean): void
}

const EVENT = 'Event: '

/**
 * Makes packets of bytes; nothing that comes is an error that ends it (AMI-2).
 *
 * @example
 * const parser = createAmiParser({ onPacket: (packet) => console.log(packet.event) })
 * socket.on('data', (bytes) => parser.feed(bytes))
 */
export function createAmiParser(options: AmiParserOptions): AmiParser {
  const { onPacket, onBanner, onError, wants } = options
  const maxLineBytes = options.maxLineBytes ?? 64 * 1024
  let isKeepingAll = false
  const feed = createAmiFramer({
    maxLineBytes,
    maxPacketBytes: options.maxPacketBytes ?? 1024 * 1024,
    onBanner: (line) => onBanner?.(line),
    onDrop: (reason) => onError?.(reason),
    // One that is written in another way is read.
    isUnasked: (line) => line.startsWith(EVENT) && wants?.(line.slice(EVENT.length)) === false,
    onFrame: (bytes, from, to, framing, isUnasked) => {
      if (isUnasked && !isKeepingAll) return
      const packet = toPacket(bytes, from, to, framing, maxLineBytes)
      if (packet !== null) onPacket(packet)
      else onError?.(`a line is longer than ${maxLineBytes} bytes: its packet was left out`)
    },
  })
  return {
    feed,
    keepAll: (on) => {
      isKeepingAll = on
    },
  }
}
