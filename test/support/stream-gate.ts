import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * `asleep`: nothing arrives and nothing is closed. When it is open again the streams of before stay dead, as
 * behind a router that has forgotten them; other requests fail, as browsers let them when a machine suspends.
 * `away`: connections are cut.
 */
export type GateMode = 'open' | 'asleep' | 'away'

/** Stands before a server, as the network does, and counts the event streams that browsers hold open. */
export interface StreamGate {
  readonly url: string
  become(mode: GateMode): void
  /** Who holds a stream now: the agents by their tokens' subjects, one entry for each stream. */
  streams(): readonly string[]
  /** How many streams were asked for in all. */
  asked(): number
  /** Requests of other kinds since the last time, as `GET /api/me`. */
  takeRequests(): readonly string[]
  close(): void
}

interface Passage {
  readonly response: ServerResponse
  readonly agent: string | null
  isDead: boolean
}

export async function startStreamGate(target: string): Promise<StreamGate> {
  const passages = new Set<Passage>()
  let mode: GateMode = 'open'
  let asked = 0
  let requests: string[] = []

  const server = createServer((incoming, response) => {
    if (mode === 'away') return void incoming.socket.destroy()
    const path = (incoming.url ?? '').replace(/\?.*/, '')
    const isStream = path === '/api/stream' && incoming.method === 'GET'
    if (isStream) asked += 1
    else if (incoming.method !== 'OPTIONS') requests.push(`${incoming.method} ${path}`)
    const agent = isStream ? subjectOf(incoming) : null
    const passage: Passage = { response, agent, isDead: mode === 'asleep' }
    passages.add(passage)
    response.once('close', () => passages.delete(passage))
    if (!passage.isDead) pass(target, incoming, passage)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    become(next) {
      mode = next
      for (const passage of passages) {
        if (next === 'asleep') passage.isDead = true
        // Chromium does not even cancel a preflight, and has six connections for all tabs.
        if (next === 'open' && passage.isDead && passage.agent === null) {
          passage.response.socket?.destroy()
        }
        if (next === 'away') passage.response.socket?.destroy()
      }
    },
    streams: () => [...passages].flatMap(({ agent }) => agent ?? []),
    asked: () => asked,
    takeRequests() {
      const taken = requests
      requests = []
      return taken
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function pass(target: string, incoming: IncomingMessage, passage: Passage): void {
  const { response } = passage
  const { method, headers } = incoming
  const onward = request(`${target}${incoming.url}`, { method, headers, agent: false })
  const isOpen = () => !passage.isDead && !response.destroyed
  onward.once('response', (answer) => {
    if (!isOpen()) return
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    response.flushHeaders()
    answer.on('data', (bytes) => isOpen() && response.write(bytes))
    answer.once('end', () => isOpen() && response.end())
    answer.once('error', () => isOpen() && response.destroy())
  })
  onward.once('error', () => isOpen() && response.socket?.destroy())
  response.once('close', () => onward.destroy())
  incoming.pipe(onward)
}

function subjectOf({ headers }: IncomingMessage): string {
  const claims = headers.authorization?.split('.')[1] ?? ''
  const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}')
  return String(sub)
}
