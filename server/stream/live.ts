import type { Socket } from 'node:net'
import type { HttpBindings } from '@hono/node-server'

type Outgoing = HttpBindings['outgoing']

/** A heartbeat goes to whom nothing was written for so many beats: not to thousands who have just heard something. */
export const BEATS = 2
/** The client keeps all text that it ever received: a stream ends after this, and is resumed. */
const MAX_STREAM_BYTES = 1024 * 1024

const HEARTBEAT = Buffer.from(': still here\n\n')
const CRLF = Buffer.from('\r\n')

/** What one client is written, and when it has been enough. */
export interface Live {
  readonly outgoing: Outgoing
  /** From when the answer has begun. */
  begin(): void
  /** False where the client lags behind, or nothing was written yet. */
  readonly writeNow: (chunk: Buffer) => boolean
  /** Without the snapshot: a large one would end every stream before anything can happen. */
  count(chunk: Buffer): void
  /** So often that whoever is written nothing hears of it in time. */
  beat(): void
}

export function createLive(outgoing: Outgoing, onEnough: () => void): Live {
  let bytes = 0
  let beats = 0
  // At hand: with ten thousand clients, each object more that is looked into has to come from memory.
  let socket: Socket | null = null
  let isChunked = false
  const count = (chunk: Buffer): void => {
    beats = 0
    bytes += chunk.length
    if (bytes > MAX_STREAM_BYTES) onEnough()
  }
  const writeNow = (chunk: Buffer): boolean => {
    if (socket === null || socket.writableNeedDrain) return false
    // Behind everything that the response has written: it hands its own chunks to the socket at once.
    socket.write(isChunked ? toHttpChunk(chunk) : chunk)
    count(chunk)
    return true
  }
  return {
    outgoing,
    begin: () => {
      // None yet where an earlier answer on the same connection is not done.
      socket = outgoing.socket
      isChunked = outgoing.chunkedEncoding
    },
    writeNow,
    count,
    beat: () => {
      socket ??= outgoing.socket
      beats += 1
      if (beats >= BEATS) writeNow(HEARTBEAT)
    },
  }
}

const httpChunks = new WeakMap<Buffer, Buffer>()

/**
 * A chunk of HTTP, made once for all clients: `outgoing.write` makes three parts of it for each of them,
 * which takes the processor longer than to send it.
 */
function toHttpChunk(bytes: Buffer): Buffer {
  let chunk = httpChunks.get(bytes)
  if (chunk === undefined) {
    const length = Buffer.from(`${bytes.length.toString(16)}\r\n`)
    chunk = Buffer.concat([length, bytes, CRLF])
    httpChunks.set(bytes, chunk)
  }
  return chunk
}
