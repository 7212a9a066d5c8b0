import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { EVERY_CONNECTION } from '../../db/agents.ts'
import type { Db } from '../../db/database.ts'
import { saveProcess } from '../../db/open-pages.ts'
import { signJwt } from '../../server/http/jwt.ts'
import { ADMIN_KEY, ask, settled } from '../faults/server.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { freePort } from '../support/proxy.ts'
import { now } from './stream-client.ts'
import { createRinging, extensionOf, FIRST_EXTENSION, type Ring } from './stream-ring.ts'

/** A server of streams that can be killed and started again. */
export interface StormStage extends AsyncDisposable {
  readonly port: number
  /** Of the agents. */
  readonly tokens: readonly string[]
  start(): Promise<void>
  kill(): Promise<void>
  /** Resolves when everything that was accepted is applied. */
  settled(): Promise<void>
  /** A call rings at one agent. */
  ring(client: number): Promise<Ring>
  /** A user changes, which everybody is told: numbers from 1 on. `padding`: so many more bytes. */
  tellAll(padding?: number): Promise<ToldAll>
}

/** Ringside with a PBX, and agents each of whom has an extension and a token made by the embed secret, as a helpdesk does it. */
export interface StreamStage extends StormStage {
  /** Of the server's process. */
  pid(): number
  /** Resident memory of the server, in KiB. */
  rssKib(): number
}

export interface ToldAll {
  readonly sequence: number
  readonly at: number
  /** As it stands on the wire, but for its id. */
  readonly text: string
}

const EMBED_SECRET = 'stream-embed-secret-0123456789-0123456789'
const COMING_MS = 120_000
const SIX_HOURS = 6 * 60 * 60

/** `postgresUrl`: of a PostgreSQL server on which a database is made. */
export async function createStreamStage(
  postgresUrl: string,
  clients: number,
): Promise<StreamStage> {
  const { database, url: databaseUrl, drop } = await createPostgresDatabase(postgresUrl)
  await fillAgents(database.db, clients)
  await database.close()
  const folder = await mkdtemp(join(tmpdir(), 'ringside-stream-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let server: ServerProcess | null = null
  let sequence = 0

  const start = async (): Promise<void> => {
    server = await startServer({
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      DATA_DIR: folder,
      ADMIN_API_KEY: ADMIN_KEY,
      EMBED_SECRET,
    })
  }
  await start()
  const pbx = await ask(url, 'POST', '/api/connections', {
    name: 'PBX',
    timeZone: 'UTC',
    country: 'RU',
  })
  const hook = new URL(pbx.webhookUrl).pathname
  const user = await ask(url, 'POST', '/api/users', { name: 'Seq 0' })
  return {
    port,
    tokens: Array.from({ length: clients }, (_, index) => tokenOf(index)),
    start,
    kill: async () => void (await server?.stop('SIGKILL')),
    pid: () => server?.child.pid ?? 0,
    rssKib: () => rssKibOf(server?.child.pid ?? 0),
    settled: () => settled(url),
    ring: createRinging(url + hook),
    tellAll: async (padding = 0) => {
      sequence += 1
      const at = now()
      const note = 'x'.repeat(padding)
      const own = sequence
      const told = await ask(url, 'PATCH', `/api/users/${user.id}`, { name: `Seq ${own}`, note })
      return { sequence: own, at, text: onTheWire(own, told) }
    },
    [Symbol.asyncDispose]: async () => {
      await server?.stop('SIGKILL')
      await drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Agents with an extension each, as they are after their first page: what is measured is how they come back. */
async function fillAgents(db: Db, count: number): Promise<void> {
  await sql`
    insert into agents (id, external_id, name, role, created_at, updated_at)
    select gen_random_uuid()::text, 'agent-' || n, 'Agent ' || n, 'agent', now(), now()
    from generate_series(0, ${count - 1}::int) as n
  `.execute(db)
  await sql`
    insert into agent_extensions (connection_id, extension, agent_id, can_answer)
    select ${EVERY_CONNECTION}::text, (${FIRST_EXTENSION}::int + substr(external_id, 7)::int)::text, id, false
    from agents where external_id like 'agent-%'
  `.execute(db)
  await sql`
    insert into agent_presence (agent_id, chosen, state, since)
    select id, 'free', 'free', now() from agents where external_id like 'agent-%'
  `.execute(db)
  // At another process, from which they come over to this one; it stays until they all have, however slow the machine is.
  await saveProcess(db, 'another', new Date(Date.now() + COMING_MS))
  await sql`
    insert into open_pages (process_id, agent_id, pages)
    select 'another', id, 1 from agents where external_id like 'agent-%'
  `.execute(db)
}

function tokenOf(index: number): string {
  const exp = Math.floor(Date.now() / 1000) + SIX_HOURS
  const extensions = [extensionOf(index)]
  const claims = { sub: `agent-${index}`, name: `Agent ${index}`, aud: 'ringside', exp, extensions }
  return signJwt(claims, Buffer.from(EMBED_SECRET))
}

/** A chunk of HTTP with one event, as long as the server's. */
function onTheWire(sequence: number, data: unknown): string {
  const id = `1700000000${String(sequence).padStart(16, '0')}`
  const event = `event: user\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
  return `${event.length.toString(16)}\r\n${event}\r\n`
}

function rssKibOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1] ?? Number.NaN)
}
