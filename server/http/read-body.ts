import type { IncomingMessage } from 'node:http'
import { collectYoungGarbage } from '../collect-garbage.ts'

/** After so much of one body the pieces that have passed are given back. */
const COLLECT_BYTES = 8 * 1024 * 1024

/** The client went away, or sent nothing for too long: there is nobody to answer. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

export interface ReadOptions {
  /** More than this is too large, whatever the headers say. */
  readonly maxBytes: number
  /** How long to wait for the next byte. */
  readonly stallMs: number
}

/** How the receiver of a body says what it can take. */
export interface BodyFlow {
  pause(): void
  resume(): void
  /** Ends reading: the rest of the body is left where it is. */
  stop(): void
}

/**
 * Feeds the body of a request to `onChunk` as it arrives. Resolves with `end` when all of it was
 * there, `too-large` as soon as it is, and `stopped` when the receiver wants no more.
 */
export function readBody(
  incoming: IncomingMessage,
  { maxBytes, stallMs }: ReadOptions,
  onChunk: (chunk: Buffer, flow: BodyFlow) => void,
): Promise<'end' | 'too-large' | 'stopped'> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.resolve('too-large')
  }
  if (incoming.readableEnded) return Promise.resolve('end')
  return new Promise((resolve, reject) => {
    let size = 0
    let uncollected = 0
    let isDone = false
    const finish = (settle: () => void): void => {
      if (isDone) return
      isDone = true
      clearTimeout(stall)
      // Of one that was read to its end nothing is left to come.
      if (!incoming.readableEnded) {
        incoming.off('data', onData).off('end', onEnd).off('close', onLost).off('error', onLost)
        incoming.pause()
      }
      settle()
    }
    const flow: BodyFlow = {
      pause: () => incoming.pause(),
      resume: () => {
        if (isDone) return
        stall?.refresh()
        incoming.resume()
      },
      stop: () => finish(() => resolve('stopped')),
    }
    const onData = (chunk: Buffer): void => {
      stall?.refresh()
      size += chunk.length
      uncollected += chunk.length
      if (uncollected > COLLECT_BYTES) {
        collectYoungGarbage()
        uncollected = 0
      }
      if (size > maxBytes) finish(() => resolve('too-large'))
      else onChunk(chunk, flow)
    }
    const onEnd = (): void => finish(() => resolve('end'))
    const onLost = (): void =>
      finish(() => reject(new ConnectionLost('the request broke off before its end')))
    const onStall = (): void => {
      // While we do not read, the silence is ours.
      if (incoming.isPaused()) stall?.refresh()
      else finish(() => reject(new ConnectionLost(`nothing came for ${stallMs} ms`)))
    }
    let stall: NodeJS.Timeout | undefined
    // Most requests are one packet: by then all of it is here, and there is nothing to wait for.
    process.nextTick(() => {
      if (!isDone && !incoming.complete) stall = setTimeout(onStall, stallMs)
    })
    incoming.on('data', onData).on('end', onEnd).on('close', onLost).on('error', onLost)
  })
}

/** The whole of a small body; null where it is over `maxBytes`. */
export function readSmallBody(
  incoming: IncomingMessage,
  options: ReadOptions,
): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  return readBody(incoming, options, (chunk) => chunks.push(chunk)).then((how) => {
    if (how !== 'end') return null
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  })
}
