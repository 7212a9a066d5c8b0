import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a receiver of webhooks got. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: any }
}

/** A helpdesk that is told by webhooks: it keeps what it got and answers as the test says. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** Everything that came, refused or not, in the order of arrival. */
  readonly received: readonly Received[]
  /** Answers with a status, or by itself where it returns nothing. */
  answer: (got: Received, response: ServerResponse) => number | undefined
  /** Resolves when what came is enough. */
  until(isEnough: (received: readonly Received[]) => boolean): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const got = {
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: JSON.parse(text),
      }
      received.push(got)
      const status = receiver.answer(got, response)
      if (status !== undefined) response.writeHead(status).end()
      for (const look of waiting) look()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: () => 204,
    until: (isEnough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isEnough(received)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return receiver
}
