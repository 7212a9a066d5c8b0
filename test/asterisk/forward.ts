import { once } from 'node:events'
import { createServer } from 'node:http'

/** Where Asterisk posts to: every request goes on to each of the addresses, as it came. */
export interface Forwarder {
  readonly url: string
  close(): Promise<void>
}

export async function startForwarder(targets: readonly string[], onPort = 0): Promise<Forwarder> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      const headers = { 'content-type': request.headers['content-type'] ?? '' }
      Promise.all(targets.map((url) => fetch(url, { method: 'POST', headers, body })))
        .then(async (answers) => {
          const worst = answers.find(({ ok }) => !ok) ?? answers[0]
          response.writeHead(worst?.status ?? 500).end(await worst?.text())
        })
        .catch((error: unknown) => response.writeHead(502).end(String(error)))
    })
  })
  server.listen(onPort, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
