import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import postgres from 'postgres'
import { WebSocket } from 'ws'
import { CONNECTIONS, EXTENSIONS } from '../bench/intake-stories.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { newDataFolder } from '../support/migrated.ts'
import { ADMIN_KEY, ask, startReady } from './server.ts'

/** What a server holds at rest, after its garbage was collected. */
export interface Held extends Memory {
  /** Open files and sockets of the process. */
  readonly files: number
  /** Timers, sockets and the like that keep it alive. */
  readonly resources: number
  readonly databaseBytes: number
}

const LOOKS = 5
const LOOK_MS = 500

export interface SoakServer extends AsyncDisposable {
  readonly url: string
  readonly token: string
  readonly paths: readonly string[]
  held(): Promise<Held>
}

/** Starts the server on PostgreSQL or on a folder of its own, with PBXs and agents. */
export async function startSoakServer(postgresUrl: string | null): Promise<SoakServer> {
  const folder = await newDataFolder('ringside-soak-')
  const place = postgresUrl === null ? null : await createPostgresDatabase(postgresUrl)
  await place?.database.close()
  const server = await startReady({
    DATA_DIR: folder,
    NODE_OPTIONS: '--inspect=127.0.0.1:0',
    ...(place === null ? {} : { DATABASE_URL: place.url }),
  })
  const pid = server.child.pid!
  const inspector = await openInspector(server.errors)
  const paths = await setUp(server.url)
  return {
    url: server.url,
    token: ADMIN_KEY,
    paths,
    held: async () => ({
      ...(await leastOf(async () => ({
        heapBytes: await inspector.heapBytes(),
        rssBytes: rssOf(pid),
      }))),
      files: readdirSync(`/proc/${pid}/fd`).length,
      resources: await resourcesAt(server.url),
      databaseBytes: place === null ? bytesIn(folder) : await databaseBytes(place.url),
    }),
    [Symbol.asyncDispose]: async () => {
      inspector.close()
      await server.stop()
      await place?.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Memory {
  readonly heapBytes: number
  readonly rssBytes: number
}

/** Of some looks: what a collection frees goes back to the system when V8 finds the time. */
async function leastOf(look: () => Promise<Memory>): Promise<Memory> {
  const looks: Memory[] = []
  for (let i = 0; i < LOOKS; i += 1) {
    looks.push(await look())
    await pause(LOOK_MS)
  }
  return {
    heapBytes: Math.min(...looks.map(({ heapBytes }) => heapBytes)),
    rssBytes: Math.min(...looks.map(({ rssBytes }) => rssBytes)),
  }
}

/** Some PBXs, and an agent for each extension. */
async function setUp(url: string): Promise<string[]> {
  const items: { extension: string; agentId: string }[] = []
  for (const extension of EXTENSIONS) {
    const agent = { externalId: extension, name: `Agent ${extension}`, role: 'agent' }
    items.push({ extension, agentId: (await ask(url, 'POST', '/api/agents', agent)).id })
  }
  const paths: string[] = []
  for (let index = 1; index <= CONNECTIONS; index += 1) {
    const pbx = { name: `PBX ${index}`, timeZone: 'UTC', country: 'RU' }
    const { id, webhookUrl } = await ask(url, 'POST', '/api/connections', pbx)
    await ask(url, 'PUT', `/api/connections/${id}/extensions`, { items })
    paths.push(new URL(webhookUrl).pathname)
  }
  return paths
}

/** Collects the garbage of the process, and says what is left. */
async function openInspector(
  errors: readonly string[],
): Promise<{ heapBytes(): Promise<number>; close(): void }> {
  const address = errors.map((line) => /ws:\/\/\S+/.exec(line)?.[0]).find(Boolean)
  if (address === undefined) throw new Error(`no inspector: ${errors.join('\n')}`)
  const socket = new WebSocket(address)
  const waits = new Map<number, (result: unknown) => void>()
  socket.on('message', (text) => {
    const { id, result } = JSON.parse(String(text))
    waits.get(id)?.(result)
    waits.delete(id)
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  let last = 0
  const call = (method: string): Promise<unknown> => {
    last += 1
    const id = last
    return new Promise((resolve) => {
      waits.set(id, resolve)
      socket.send(JSON.stringify({ id, method }))
    })
  }
  return {
    heapBytes: async () => {
      await call('HeapProfiler.collectGarbage')
      const usage = (await call('Runtime.getHeapUsage')) as { usedSize: number }
      return usage.usedSize
    },
    close: () => socket.close(),
  }
}

function rssOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

async function resourcesAt(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.matchAll(/^nodejs_active_resources\{[^}]*\} (\d+)$/gm)
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

async function databaseBytes(url: string): Promise<number> {
  const sql = postgres(url, { max: 1 })
  const [row] = await sql`select pg_database_size(current_database())::float8 as bytes`
  await sql.end()
  return Number(row?.bytes)
}
