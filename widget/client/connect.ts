/** A client wired to a server: token, requests, stream. */
import type { MeView } from '../../server/http/schemas.ts'
import { type Api, ApiError, createApi } from './api.ts'
import { type Client, createClient } from './client.ts'
import { createLateStream } from './late-stream.ts'
import { onBlocked } from './page-policy.ts'
import { createPatience } from './patience.ts'
import { createToken, subjectOf } from './token.ts'

export interface ConnectOptions {
  readonly server: string
  readonly token: string | null
  readonly tokenUrl: string | null
  /** Without a token the agent signs in by a personal link (EMBED-7). */
  readonly signIn?: boolean
  readonly onError: (error: unknown) => void
  /** The page is another agent's, or nobody's, all at once: this connection is over. */
  readonly onOtherAgent?: () => void
}

export interface Connection {
  readonly client: Client
  /** Takes a new token of the same agent; false where it is another agent's. */
  readonly renew: (token: string | null, tokenUrl: string | null) => boolean
}

/** Wires a client; nothing goes out before its `start()`. */
export function connect(options: ConnectOptions): Connection {
  const { server } = options
  const { fetch, giveUp } = createPatience()
  let subject: string | null = null
  const signsIn = options.signIn === true && options.token === null && options.tokenUrl === null
  let current = signsIn ? bySignIn(server) : createToken({ ...options, fetch })
  /** Of this agent only: the page may have become somebody else's meanwhile. */
  const getToken = async (again: boolean) => {
    if (isBlocked) return null
    const token = await current(again)
    const named = token === null ? null : subjectOf(token)
    subject ??= named
    const isGone = signsIn && token === null && subject !== null
    if (!isGone && (named === null || named === subject)) return token
    options.onOtherAgent?.()
    return null
  }
  let isBlocked = false
  const api = createApi({ server, getToken, signsIn, fetch })
  /** Streams are shared by server and agent, and by nobody else. */
  const name = async () => {
    const token = await getToken(false)
    if (token === null) return null
    const agent = subjectOf(token) ?? (await idOf(api))
    return agent === null ? null : `ringside 1 ${server} ${agent}`
  }
  const client = createClient({
    api,
    openStream: (rest) => {
      const stream = createLateStream({
        ...rest,
        url: `${server}/api/stream`,
        getToken,
        name,
        onWake(isLate) {
          if (isLate) giveUp()
          rest.onWake(isLate)
        },
      })
      const addresses = [server, new URL(options.tokenUrl || server, document.baseURI).href]
      const stopPolicy = onBlocked(addresses, () => {
        isBlocked = true
        stream.close()
        rest.onState('blocked', null)
      })
      // Somebody signed in or out, perhaps in another tab: whose page it is shows at once.
      const stopSignIn = signsIn
        ? onSignIn(server, () => getToken(false).then(() => stream.wake(), ignore))
        : ignore
      return {
        wake: stream.wake,
        close() {
          stopPolicy()
          stopSignIn()
          stream.close()
        },
      }
    },
    onError: options.onError,
  })
  return {
    client,
    renew(token, tokenUrl) {
      const next = token === null ? null : subjectOf(token)
      if (next !== null && subject !== null && next !== subject) return false
      subject = next ?? subject
      current = createToken({ token, tokenUrl, fetch })
      client.wake()
      return true
    },
  }
}

/** Loaded only where it is used. */
const loadSignIn = (server: string) => import('./sign-in.ts').then((part) => part.signInAt(server))
const ignore = () => undefined

function bySignIn(server: string): (again: boolean) => Promise<string | null> {
  return async (again) => (await loadSignIn(server)).getToken(again)
}

function onSignIn(server: string, listener: () => void): () => void {
  let isOver = false
  let stop = () => {
    isOver = true
  }
  loadSignIn(server).then((signIn) => {
    if (!isOver) stop = signIn.subscribe(listener)
  }, ignore)
  return () => stop()
}

/** The agent's id where the token names nobody; a token that is refused has none. */
async function idOf(api: Api): Promise<string | null> {
  try {
    return (await api.get<MeView>('/api/me')).id
  } catch (error) {
    if (error instanceof ApiError && error.status > 0 && error.status < 500) return null
    throw error
  }
}
