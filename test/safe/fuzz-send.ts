import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { FuzzRequest } from './fuzz-requests.ts'
import type { OddBytes } from './fuzz-wire.ts'

/** What became of a request. `lost`: the connection ended without an answer. */
export interface Outcome {
  readonly status: number | 'lost' | 'hang'
  readonly ms: number
  readonly detail: string
}

export interface Sender {
  /** `isFresh`: on a connection of its own. */
  send(asked: FuzzRequest, isFresh?: boolean): Promise<Outcome>
  close(): void
}

/** Longer than this is a hang (SAFE-3). */
export const HANG_MS = 2000

/** Sends requests over connections that stay open, as browsers and programs do. */
export function createSender(url: string, hangMs: number): Sender {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true })
  const past = createPast()
  const start = performance.now()
  const send: Sender['send'] = (asked, isFresh = false) =>
    new Promise((resolve) => {
      const begin = performance.now()
      const settle = (status: Outcome['status'], detail = ''): void => {
        clearTimeout(timer)
        const { socket } = sent
        const when = `${((begin - start) / 1000).toFixed()} s after the first request`
        const history = typeof status === 'number' ? '' : `, ${when}${past.of(socket, begin)}`
        past.note(socket, `${asked.method} ${asked.path.slice(0, 60)}: ${status}`)
        resolve({ status, ms: performance.now() - begin, detail: detail + history })
      }
      const timer = setTimeout(() => {
        settle('hang', `no whole answer within ${hangMs} ms`)
        sent.destroy()
      }, hangMs)
      const { method, path, headers, body } = asked
      const length = body === null ? {} : { 'content-length': String(body.length) }
      const sent = request(
        {
          agent: isFresh ? false : agent,
          hostname,
          port,
          method,
          path,
          headers: { ...headers, ...length },
        },
        (response) => {
          // A stream goes on for ever: its head is its answer.
          if (/event-stream/.test(response.headers['content-type'] ?? '')) {
            settle(response.statusCode ?? 0)
            sent.destroy()
          } else void drain(response).then((text) => settle(response.statusCode ?? 0, text))
        },
      )
      sent.on('error', (error) => settle('lost', error.message))
      sent.end(body ?? undefined)
    })
  return { send, close: () => agent.destroy() }
}

/** What was asked last on each connection: that may be why the next answer is lost. */
function createPast() {
  const last = new WeakMap<Socket, { readonly what: string; readonly at: number }>()
  return {
    of(socket: Socket | null, now: number): string {
      const found = socket === null ? undefined : last.get(socket)
      if (found === undefined) return ''
      return `, ${(now - found.at).toFixed()} ms after ${found.what} on the same connection`
    },
    note(socket: Socket | null, what: string): void {
      if (socket !== null) last.set(socket, { what, at: performance.now() })
    },
  }
}

/** The beginning of an answer, once all of it is there. */
async function drain(response: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of response) if (text.length < 500) text += String(chunk)
  } catch {
    // An answer to a request that was too large may break off: its status counts.
  }
  return text.slice(0, 500)
}

/** How long nothing comes before the client of a raw connection says that it is done. */
const QUIET_MS = 60

/**
 * Writes bytes in pieces on a connection of its own; gives the statuses that came back. Once all
 * answers that must come are there, and nothing more comes, the client ends its side, so that a server
 * that waits for more has an end to see.
 */
export function sendRaw(
  port: number,
  { pieces, isBroken, answers }: OddBytes,
  hangMs: number,
): Promise<{ readonly statuses: readonly number[]; readonly isHang: boolean }> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let text = ''
    const statuses = (): number[] =>
      [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, code]) => Number(code))
    const settle = (isHang: boolean): void => {
      clearTimeout(late)
      clearTimeout(quiet)
      socket.destroy()
      resolve({ statuses: statuses(), isHang })
    }
    const leave = (): void => {
      if (isBroken) socket.resetAndDestroy()
      else if (statuses().length < answers) quiet.refresh()
      else socket.end()
    }
    const late = setTimeout(() => settle(true), hangMs)
    const quiet = setTimeout(leave, QUIET_MS)
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      quiet.refresh()
    })
    // The server may answer, and close, before everything was sent.
    socket.on('error', () => settle(false)).on('close', () => settle(false))
    socket.on('end', () => settle(false))
    for (const piece of pieces) socket.write(piece)
  })
}

/** The request as a command for a shell: what was found can be tried again by hand. */
export function asCurl(url: string, { method, path, headers, body }: FuzzRequest): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
  const parts = ['curl -sv --path-as-is -X', quote(method), quote(`${url}${path}`)]
  for (const [name, value] of Object.entries(headers)) {
    // Nobody's token is printed: whoever tries again has one of an own server.
    const shown = name === 'authorization' ? 'Bearer $TOKEN' : value
    const header = `${name}: ${shown}`
    parts.push('-H', name === 'authorization' ? `"${header}"` : quote(header))
  }
  if (body === null) return parts.join(' ')
  const isText = body.length < 4000 && !/[^\x20-\x7e\n]/.test(body.toString('latin1'))
  if (isText) return [...parts, '--data-binary', quote(body.toString())].join(' ')
  const bytes = body.subarray(0, 6000).toString('base64')
  const cut = body.length > 6000 ? ` # the first 6000 of ${body.length} bytes` : ''
  return `echo ${bytes} | base64 -d | ${parts.join(' ')} --data-binary @-${cut}`
}
