import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { signJwt } from '../../server/http/jwt.ts'
import type { CallView, CaseSummaryView, CaseView } from '../../server/http/schemas.ts'
import { CACHE } from '../support/cache.ts'
import { newDataFolder } from '../support/migrated.ts'

/** A Ringside server in a process of its own, used as an admin over HTTP. */
export interface Ringside {
  readonly url: string
  request<T>(method: string, path: string, body?: unknown): Promise<T>
  /** What the API answers as text. */
  text(path: string): Promise<string>
  /** As an agent, by the external id, as the widget asks. */
  requestAs<T>(externalId: string, method: string, path: string, body: unknown): Promise<T>
  /** A recording's bytes from the first one on, as a player asks for them. */
  audio(recordingId: string, range: string): Promise<{ status: number; bytes: Buffer }>
  /** Settles when these accounts of the connection (`ami`, `ari`) are up. */
  linksUp(connectionId: string, kinds: readonly string[], signal: AbortSignal): Promise<void>
  /** Settles when everything accepted has been applied. */
  atRest(signal: AbortSignal): Promise<void>
  readonly pid: () => number
  /** The Bearer token of an agent, by the external id. */
  tokenOf(externalId: string): string
  /** Ends the process without a word (SIGKILL). */
  kill(): Promise<void>
  /** Starts it again after that, on the same port and data folder; settles when it is ready. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** Several servers over one PostgreSQL have the keys in common. */
export interface SharedDatabase {
  readonly databaseUrl: string
  readonly ringsideSecret: string
  readonly embedSecret: string
  readonly adminKey: string
}

export interface List<T> {
  readonly items: readonly T[]
  readonly next: string | null
}
interface ConnectionStatus {
  readonly status: Readonly<Record<string, { readonly state?: string; readonly error?: string }>>
}

export type { CallView, CaseSummaryView, CaseView }

const START_MS = 120_000
const REST_MS = 20_000
const LINK_MS = 15_000
const POLL_MS = 100

/** Starts `server/main.ts` on a free port with a data folder of its own. */
export async function startRingside(shared?: SharedDatabase): Promise<Ringside> {
  const dataDir = await newDataFolder('ringside-asterisk-')
  const adminKey = shared?.adminKey ?? randomBytes(24).toString('hex')
  const embedSecret = shared?.embedSecret ?? randomBytes(24).toString('hex')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    PATH: process.env.PATH,
    // The code of nine servers is compiled once.
    NODE_COMPILE_CACHE: join(CACHE, 'compiled'),
    PORT: String(port),
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    ADMIN_API_KEY: adminKey,
    EMBED_SECRET: embedSecret,
    LOG_LEVEL: process.env.LOG_LEVEL || 'error',
    ...(shared === undefined
      ? {}
      : { DATABASE_URL: shared.databaseUrl, RINGSIDE_SECRET: shared.ringsideSecret }),
  }
  let server = startServer(env)
  const stop = async (): Promise<void> => {
    await server.end()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await server.ready
  } catch (error) {
    await stop()
    throw error
  }
  const authorization = `Bearer ${adminKey}`
  const ask = async <T>(token: string, method: string, path: string, body: unknown): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }
  const tokenOf = (externalId: string): string => {
    const exp = Math.floor(Date.now() / 1000) + 600
    return signJwt({ sub: externalId, aud: 'ringside', exp }, Buffer.from(embedSecret))
  }
  const request = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    ask(authorization, method, path, body)
  return {
    url,
    request,
    tokenOf,
    async text(path) {
      const response = await fetch(`${url}${path}`, { headers: { authorization } })
      const text = await response.text()
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`)
      return text
    },
    requestAs: (externalId, method, path, body) =>
      ask(`Bearer ${tokenOf(externalId)}`, method, path, body),
    pid: () => server.pid,
    kill: () => server.kill(),
    startAgain: async () => {
      server = startServer(env)
      await server.ready
    },
    async linksUp(connectionId, kinds, signal) {
      const until = Date.now() + LINK_MS
      for (;;) {
        const { status } = await request<ConnectionStatus>(
          'GET',
          `/api/connections/${connectionId}`,
        )
        const down = kinds.filter((kind) => status[kind]?.state !== 'up')
        if (down.length === 0) return
        if (Date.now() > until) {
          const why = down.map((kind) => `${kind} is ${JSON.stringify(status[kind])}`)
          throw new Error(`the accounts did not come up: ${why.join(', ')}`)
        }
        await wait(POLL_MS, undefined, { signal })
      }
    },
    async audio(recordingId, range) {
      const response = await fetch(`${url}/api/recordings/${recordingId}/audio`, {
        headers: { authorization, range },
      })
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
    },
    async atRest(signal) {
      const until = Date.now() + REST_MS
      while (Date.now() < until) {
        const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization } })).text()
        const pending = /^ringside_events_pending(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1]
        if (pending === '0') return
        await wait(POLL_MS, undefined, { signal })
      }
      throw new Error('ringside_events_pending did not become 0')
    },
    stop,
  }
}

interface Server {
  readonly pid: number
  readonly ready: Promise<void>
  end(): Promise<void>
  kill(): Promise<void>
}

function startServer(env: NodeJS.ProcessEnv): Server {
  const main = join(import.meta.dirname, '../../server/main.ts')
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const gone = exited.then(() => Promise.reject(new Error('the server ended while starting')))
  const limit = timeLimit(START_MS, 'the server did not start')
  return {
    pid: child.pid ?? 0,
    ready: Promise.race([saysItIsReady(child.stdout), gone, limit]),
    end: async () => {
      child.kill('SIGTERM')
      const killed = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(killed)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function saysItIsReady(stdout: NodeJS.ReadableStream): Promise<void> {
  let said = ''
  const { promise, resolve } = Promise.withResolvers<void>()
  stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (/^Ringside: http/m.test(said)) resolve()
  })
  await promise
}

async function timeLimit(ms: number, message: string): Promise<never> {
  await wait(ms, undefined, { ref: false })
  throw new Error(`${message} within ${ms / 1000} s`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
