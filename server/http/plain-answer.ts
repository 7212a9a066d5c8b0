import type { IncomingMessage, ServerResponse } from 'node:http'

const MAX_DRAIN_MS = 60_000
const STALL_MS = 5_000

/** What an answer in plain text says besides its text. */
const PLAIN = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const

/** The same as node:http takes it fastest, by names and values in turn. */
const PLAIN_LIST: readonly string[] = Object.entries(PLAIN).flat()

const OK = 'OK'
const OK_LIST = [...PLAIN_LIST, 'content-length', String(OK.length)]

type Headers = Readonly<Record<string, string>>

/** One line of text as the answer of a route. */
export function plainAnswer(status: number, line: string): Response {
  return new Response(line, { status, headers: PLAIN })
}

/** Writes one line of text, which the dialplan keeps in a variable (CALL-6), as the whole answer. */
export function writePlain(
  outgoing: ServerResponse,
  status: number,
  line: string,
  headers: Headers = {},
): void {
  outgoing.writeHead(status, listOf(line, headers)).end(line)
}

/** The answer that nearly all events get. */
export function writeOk(outgoing: ServerResponse): void {
  outgoing.writeHead(200, OK_LIST).end(OK, 'latin1')
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
  headers: Headers = {},
): Promise<void> {
  outgoing.writeHead(status, listOf(line, headers))
  outgoing.write(line)
  const isRead = await drain(incoming)
  outgoing.end()
  if (!isRead) incoming.socket.destroySoon()
}

function listOf(line: string, headers: Headers): string[] {
  const list = [...PLAIN_LIST, 'content-length', String(Buffer.byteLength(line))]
  for (const name in headers) list.push(name, headers[name]!)
  return list
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
