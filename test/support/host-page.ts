import { createServer } from 'node:http'
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
  const server = createServer((request, response) => {
    const token = new URL(request.url ?? '/', 'http://page').searchParams.get('token') ?? ''
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src ${serverUrl}; connect-src ${serverUrl}; media-src ${serverUrl}`,
    )
    response.end(`<!doctype html><html lang="en"><title>Tickets</title>
      <h1>Tickets</h1><p>A page of a helpdesk.</p>${body}
      <script type="module" src="${serverUrl}/widget.js" data-token="${encodeURIComponent(token)}" ${attributes}></script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (token) => `http://127.0.0.1:${port}/?token=${encodeURIComponent(token)}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
