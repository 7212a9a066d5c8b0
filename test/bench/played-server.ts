import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AGENTS, ME } from '../widget/fake-server.ts'
import type { PlayedCalls } from './played-calls.ts'

/** Speaks to the built widget as the server does: its files, what it asks for, and an event stream. */
export interface PlayedServer {
  readonly url: string
  /** Sends an event to everybody who listens. */
  push(event: string, data: unknown): void
  /** Ends every stream, as the real server does from time to time: all come back. */
  endStreams(): void
  close(): void
}

/** As the real one: the client keeps all text of a stream that it ever received. */
const STREAM_BYTES = 1024 * 1024
const KEPT_EVENTS = 1_000
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': '*',
  'access-control-max-age': '7200',
}

interface Listener {
  readonly response: ServerResponse
  bytes: number
}

/** `folder`: the built widget; `pages`: what else lies there, by path. */
export async function startPlayedServer(
  folder: string,
  calls: PlayedCalls,
  pages: Readonly<Record<string, { readonly type: string; readonly text: string }>>,
): Promise<PlayedServer> {
  const listeners = new Set<Listener>()
  const sent: { readonly id: number; readonly text: string }[] = []
  let lastId = 0

  function listen(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { ...CORS, 'content-type': 'text/event-stream' })
    const from = request.headers['last-event-id'] ?? null
    const hello = {
      now: new Date().toISOString(),
      resumedFrom: from,
      epoch: '1',
      calls: from === null ? calls.live() : [],
      drafts: {},
      dismissed: [],
      controls: {},
    }
    const missed = from === null ? [] : sent.filter(({ id }) => id > Number(from))
    response.write(`event: hello\nid: ${lastId}\ndata: ${JSON.stringify(hello)}\n\n`)
    for (const { text } of missed) response.write(text)
    const listener = { response, bytes: 0 }
    listeners.add(listener)
    response.once('close', () => listeners.delete(listener))
  }

  function end(listener: Listener): void {
    listeners.delete(listener)
    listener.response.end()
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server')
    const page = pages[pathname]
    if (request.method === 'OPTIONS') response.writeHead(204, CORS).end()
    else if (pathname === '/api/stream') listen(request, response)
    else if (page !== undefined) response.setHeader('content-type', page.type).end(page.text)
    else if (pathname.startsWith('/api/')) {
      const answer = JSON.stringify(answerTo(pathname, searchParams, calls))
      response.writeHead(200, { ...CORS, 'content-type': 'application/json' }).end(answer)
    } else if (pathname.endsWith('.js')) {
      response.writeHead(200, { ...CORS, 'content-type': 'text/javascript' })
      response.end(readFileSync(join(folder, pathname)))
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    push(event, data) {
      lastId += 1
      const text = `event: ${event}\nid: ${lastId}\ndata: ${JSON.stringify(data)}\n\n`
      sent.push({ id: lastId, text })
      if (sent.length > KEPT_EVENTS) sent.shift()
      for (const listener of listeners) {
        listener.response.write(text)
        listener.bytes += text.length
        if (listener.bytes > STREAM_BYTES) end(listener)
      }
    },
    endStreams: () => listeners.forEach(end),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answerTo(path: string, query: URLSearchParams, calls: PlayedCalls): unknown {
  const [, , kind, id = ''] = path.split('/')
  if (kind === 'me') return ME
  if (kind === 'agents') return { items: AGENTS, next: null }
  if (kind === 'users') return calls.user(id)
  if (kind === 'calls') return calls.call(id)
  if (kind === 'cases' && id !== '') return calls.case(id)
  if (kind === 'cases') return { items: calls.casesOf(query.get('userId')), next: null }
  return { items: [], next: null }
}
