import type { IncomingMessage, ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'

const MAX_DRAIN_MS = 60_000
const STALL_MS = 5_000

/** One line of text, which the dialplan keeps in a variable (CALL-6). */
export function plainAnswer(
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(line, { status, headers: { ...plainHeaders(), ...headers } })
}

/**
 * Answers while the request is still coming in: the whole answer is written at once, and what the
 * client goes on sending is thrown away, within bounds. Closing the connection instead would reset
 * it, and curl would never see the answer.
 */
export async function answerEarly(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  line: string,
): Promise<Response> {
  const body = Buffer.from(line)
  outgoing.writeHead(status, { ...plainHeaders(), 'content-length': body.length })
  outgoing.write(body)
  const isRead = await drain(incoming)
  outgoing.end()
  if (!isRead) incoming.socket.destroySoon()
  return RESPONSE_ALREADY_SENT
}

function plainHeaders(): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
}

/** Throws the rest of a request away; false where it did not end in time. */
function drain(incoming: IncomingMessage): Promise<boolean> {
  if (incoming.readableEnded || incoming.destroyed) return Promise.resolve(true)
  return new Promise((resolve) => {
    const done = (isRead: boolean): void => {
      clearTimeout(total)
      clearTimeout(stall)
      incoming.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd)
      // An error of a connection that nobody waits for any more.
      incoming.on('error', () => undefined)
      resolve(isRead)
    }
    const onEnd = (): void => done(true)
    const onData = (): unknown => stall.refresh()
    const total = setTimeout(() => done(false), MAX_DRAIN_MS)
    const stall = setTimeout(() => done(false), STALL_MS)
    incoming.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd)
    incoming.resume()
  })
}
