import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { signJwt } from '../../server/http/jwt.ts'
import { startServer } from '../support/process.ts'
import type { Seat } from './partition-network.ts'
import { ADMIN_KEY } from './server.ts'

const SECRET = 'one-secret-for-both-servers-0123456789'
const POLL_MS = 50
const ASK_MS = 2000

/** One of the servers over the same PostgreSQL. */
export interface PlacedServer {
  readonly seat: Seat
  readonly url: string
  readonly child: () => ChildProcess
  /** Its log, over all its lives. */
  readonly errors: () => readonly string[]
  /** Ends it without a word. */
  kill(): Promise<void>
  startAgain(): Promise<void>
  stop(): Promise<void>
}

export async function placeServer(
  seat: Seat,
  port: number,
  folder: string,
  databaseUrl: string,
): Promise<PlacedServer> {
  const start = () =>
    startServer(
      {
        DATABASE_URL: databaseUrl,
        DATA_DIR: folder,
        RINGSIDE_SECRET: SECRET,
        EMBED_SECRET: SECRET,
        ADMIN_API_KEY: ADMIN_KEY,
        HOST: seat.host,
        PORT: String(port),
      },
      undefined,
      seat.within,
    )
  const errors: string[] = []
  let server = await start()
  return {
    seat,
    url: `http://${seat.host}:${port}`,
    child: () => server.child,
    errors: () => [...errors, ...server.errors],
    kill: async () => {
      await server.stop('SIGKILL')
    },
    startAgain: async () => {
      errors.push(...server.errors)
      server = await start()
    },
    stop: async () => {
      server.child.kill('SIGCONT')
      await server.stop('SIGKILL')
    },
  }
}

/** True where the process has a connection to this port that is established, for what it knows. */
export function isConnected(pid: number, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  try {
    const inodes = readFileSync(`/proc/${pid}/net/tcp`, 'latin1')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[2]?.endsWith(`:${hex}`) === true && row[3] === '01')
      .map((row) => `socket:[${row[9]}]`)
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = linkOf(join('/proc', String(pid), 'fd', fd))
      return target !== null && inodes.includes(target)
    })
  } catch {
    // It has just gone.
    return false
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

interface AmiStatus {
  readonly state: string
  readonly since: string | null
}

/** The connection's status as this server tells it; null where it does not answer. */
export async function amiStatus({ url }: PlacedServer, id: string): Promise<AmiStatus | null> {
  try {
    const answer = await fetch(`${url}/api/connections/${id}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      signal: AbortSignal.timeout(ASK_MS),
    })
    return ((await answer.json()) as { status: { ami: AmiStatus } }).status.ami
  } catch {
    return null
  }
}

/** Asks as an agent to be paused in a queue: an action at the PBX, by whoever holds it. */
export async function pauseInQueue({ url }: PlacedServer, paused: boolean): Promise<number> {
  const exp = Math.floor(Date.now() / 1000) + 600
  const token = signJwt({ sub: '101', aud: 'ringside', exp }, Buffer.from(SECRET))
  const answer = await fetch(`${url}/api/me/queues`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'support', paused }),
  })
  return answer.status
}

/** Looks again until it is so; rejects with these words where it is not in time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
  words: string,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${words} within ${withinMs / 1000} s`)
    await pause(POLL_MS)
  }
}
