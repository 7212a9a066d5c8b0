import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A helpdesk's own page, of another origin than Ringside, with the one script tag. */
export interface HostPage {
  url(token: string): string
  close(): void
}

/** `serverUrl`: where the widget comes from. The page has a strict Content-Security-Policy. */
export async function createHostPage(
  serverUrl: string,
  page: { readonly attributes?: string; readonly body?: string } = {},
): Promise<HostPage> {
  const { attributes = '', body = '' } = page
  const site = await createSite((url) => {
    const token = url.searchParams.get('token') ?? ''
    return {
      csp: `default-src 'none'; script-src ${serverUrl}; connect-src ${serverUrl}; media-src ${serverUrl}`,
      body: `<!doctype html><html lang="en"><title>Tickets</title>
      <h1>Tickets</h1><p>A page of a helpdesk.</p>${body}
      <script type="module" src="${serverUrl}/widget.js" data-token="${encodeURIComponent(token)}" ${attributes}></script>`,
    }
  })
  return {
    url: (token) => `${site.url}/?token=${encodeURIComponent(token)}`,
    close: site.close,
  }
}

/** What a site answers; a null is a 404. */
export interface SiteAnswer {
  readonly body: string | Uint8Array
  readonly type?: string
  readonly csp?: string | undefined
}

export interface Site {
  readonly url: string
  readonly port: number
  close(): void
}

/** A web server of its own origin, whose pages are made by a function. */
export async function createSite(
  answer: (url: URL) => SiteAnswer | null | Promise<SiteAnswer | null>,
): Promise<Site> {
  const server: Server = createServer(async (request, response) => {
    if (request.url === '/favicon.ico') {
      response.writeHead(204).end()
      return
    }
    const found = await answer(new URL(request.url ?? '/', 'http://site'))
    if (found === null) {
      response.writeHead(404).end()
      return
    }
    response.setHeader('content-type', found.type ?? 'text/html; charset=utf-8')
    response.setHeader('access-control-allow-origin', '*')
    if (found.csp !== undefined) response.setHeader('content-security-policy', found.csp)
    response.end(found.body)
  })
  return listening(server)
}

/** The same Ringside under another origin: to a page another server, and another copy of the widget. */
export async function createProxy(
  target: string,
  { port = 0, isGone = (_path: string): boolean => false } = {},
): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const { url = '/', method, headers } = request
    if (isGone(url)) {
      response.writeHead(404, { 'access-control-allow-origin': '*' }).end()
      return
    }
    const passed = ask(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy())
    response.on('close', () => passed.destroy())
    request.pipe(passed)
  })
  return listening(server, port)
}

async function listening(server: Server, wanted = 0): Promise<Site> {
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
