import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The least that a pop-up can be: a request, an event stream, an element with the number. */
export interface PopupFloor {
  readonly url: string
  close(): void
}

const PAGE = `<!doctype html><title>Floor</title><script type="module">
  new EventSource('/stream').onmessage = ({ data }) => {
    const popup = document.createElement('p')
    popup.className = 'floor'
    popup.textContent = data
    document.body.replaceChildren(popup)
  }
</script>`

/** Tells each request's body to the page, which shows it. */
export async function startPopupFloor(): Promise<PopupFloor> {
  const streams = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    if (request.url === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
      streams.add(response)
    } else if (request.method === 'POST') {
      request.on('data', (body) => {
        for (const stream of streams) stream.write(`data: ${String(body)}\n\n`)
      })
      request.on('end', () => response.end())
    } else response.setHeader('content-type', 'text/html').end(PAGE)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
