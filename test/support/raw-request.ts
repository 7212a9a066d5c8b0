import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface RawAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A request of bytes as they are: `fetch` would encode some, and set headers that a PBX does not. */
export async function rawRequest(
  url: string,
  options: {
    method?: string
    /** As it is sent, where an address would be tidied up. */
    path?: string
    headers?: Record<string, string>
    body?: string | Uint8Array | Readable
  } = {},
): Promise<RawAnswer> {
  const { body } = options
  const sent = request(url, {
    method: options.method ?? 'POST',
    headers: options.headers ?? {},
    ...(options.path === undefined ? {} : { path: options.path }),
  })
  // The server may answer, and close, before everything was sent.
  sent.on('error', () => undefined)
  const answered = once(sent, 'response')
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) sent.end(body)
  else body.pipe(sent)
  const [response] = await answered
  return { status: response.statusCode, body: await text(response), headers: response.headers }
}

/** Sends bytes on a connection of its own, and resolves with what came back when it was closed. */
export async function rawConnection(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

/** A multipart body as curl writes it. */
export function multipart(
  parts: readonly {
    name: string
    value: string | Uint8Array
    fileName?: string
    type?: string
  }[],
  boundary = '------------------------7c62d12996079ec5',
): { body: Buffer; headers: Record<string, string> } {
  const chunks = parts.flatMap(({ name, value, fileName, type }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`
    const kind = type === undefined ? '' : `Content-Type: ${type}\r\n`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${kind}\r\n`
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]
  })
  return {
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}
