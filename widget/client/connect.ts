/** A client wired to a server: token, requests, stream. */
import { createApi } from './api.ts'
import { type Client, createClient } from './client.ts'
import { createStream } from './stream.ts'
import { createToken, subjectOf } from './token.ts'

export interface ConnectOptions {
  readonly server: string
  readonly token: string | null
  readonly tokenUrl: string | null
  readonly onError: (error: unknown) => void
}

export interface Connection {
  readonly client: Client
  /** Takes a new token of the same agent; false where it is another agent's. */
  readonly renew: (token: string | null, tokenUrl: string | null) => boolean
}

/** Wires a client; nothing goes out before its `start()`. */
export function connect(options: ConnectOptions): Connection {
  const { server } = options
  let subject = options.token === null ? null : subjectOf(options.token)
  let current = createToken({ token: options.token, tokenUrl: options.tokenUrl })
  const getToken = (again: boolean) => current(again)
  const client = createClient({
    api: createApi({ server, getToken }),
    openStream: (rest) => createStream({ url: `${server}/api/stream`, getToken, ...rest }),
    onError: options.onError,
  })
  return {
    client,
    renew(token, tokenUrl) {
      const next = token === null ? null : subjectOf(token)
      if (next !== null && subject !== null && next !== subject) return false
      subject = next ?? subject
      current = createToken({ token, tokenUrl })
      client.wake()
      return true
    },
  }
}
