import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { createPostgresDatabase } from '../support/database.ts'
import { startServer } from '../support/process.ts'
import { CONNECTIONS, EXTENSIONS } from './intake-stories.ts'

/** A server that takes webhooks, on a database of its own. */
export interface Taking {
  readonly url: string
  readonly databaseUrl: string
  readonly paths: readonly string[]
  readonly pid: number | undefined
  /** How many events the database holds. */
  kept(): Promise<number>
  /** Ends the server; its database is gone. */
  stop(): Promise<void>
}

export interface Ringside extends Taking {
  /** Of one who hears everything. */
  readonly token: string
  /** Accepted and not applied, as the server says. */
  pending(): Promise<number>
  /** Whether somebody who would apply an event waits to be let go. */
  isHeld(): Promise<boolean>
  /** Nothing is applied from now on, until it is let go. */
  holdBack(): Promise<() => Promise<void>>
}

const ADMIN_KEY = 'bench-admin-key-bench-admin-key'

/** Starts a bare server: `group` commits rows together, `whole` into the server's own table, `single` each by itself. */
export async function startBare(
  kind: 'group' | 'whole' | 'single',
  server: string,
): Promise<Taking> {
  const table = kind === 'whole' ? 'call_events' : 'bare_events'
  const { database, url: databaseUrl, drop } = await createPostgresDatabase(server)
  await database.close()
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  await sql`create table bare_events (
    id bigint generated always as identity primary key, unique_id text not null,
    status text not null, fields jsonb not null, arrived_at timestamptz not null default now())`
  const child = fork(fileURLToPath(new URL('./intake-bare.ts', import.meta.url)), [
    kind,
    databaseUrl,
  ])
  const port = await portOf(child)
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl,
    paths: Array.from({ length: CONNECTIONS }, (_, index) => `/webhooks/asterisk/${index}`),
    pid: child.pid,
    kept: async () => Number((await sql`select count(*) from ${sql(table)}`)[0]?.count),
    stop: async () => {
      await sql.end()
      child.kill()
      await once(child, 'exit')
      await drop()
    },
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the bare server did not start'))),
  ])
  return Number(port)
}

/** Starts the server as people start it, with some PBXs and twenty agents. */
export async function startRingside(
  server: string,
  env: Record<string, string> = {},
): Promise<Ringside> {
  const { database, url: databaseUrl, drop } = await createPostgresDatabase(server)
  await database.close()
  const dataDir = mkdtempSync(join(tmpdir(), 'ringside-bench-'))
  const started = await startServer({
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    ADMIN_API_KEY: ADMIN_KEY,
    ...env,
  })
  const { url, child } = started
  const paths = await setUp(url)
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })
  return {
    url,
    databaseUrl,
    paths,
    token: ADMIN_KEY,
    pid: child.pid,
    kept: async () => Number((await sql`select count(*) from call_events`)[0]?.count),
    pending: () => pendingOf(url),
    isHeld: async () => {
      const waits =
        await sql`select from pg_locks where relation = 'calls'::regclass and not granted
        and database = (select oid from pg_database where datname = current_database())`
      return waits.length > 0
    },
    holdBack: async () => {
      // Whatever applies an event reads its call; what accepts events does not.
      const held = await sql.reserve()
      await held`begin`
      await held`lock table calls in access exclusive mode`
      return async () => {
        await held`rollback`
        held.release()
      }
    },
    stop: async () => {
      // At once: whatever is still held back is let go, or the server could not end.
      await sql.end({ timeout: 0 })
      await started.stop()
      await drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function pendingOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^ringside_events_pending (\S+)$/m.exec(text)?.[1] ?? Number.NaN)
}

async function setUp(url: string): Promise<string[]> {
  const ask = async (method: string, path: string, body: unknown): Promise<any> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const agents: { extension: string; agentId: string }[] = []
  for (const extension of EXTENSIONS) {
    const agent = { externalId: extension, name: `Agent ${extension}`, role: 'agent' }
    agents.push({ extension, agentId: (await ask('POST', '/api/agents', agent)).id })
  }
  const paths: string[] = []
  for (let index = 1; index <= CONNECTIONS; index += 1) {
    const pbx = { name: `PBX ${index}`, timeZone: 'UTC', country: 'RU' }
    const { id, webhookUrl } = await ask('POST', '/api/connections', pbx)
    await ask('PUT', `/api/connections/${id}/extensions`, { items: agents })
    paths.push(new URL(webhookUrl).pathname)
  }
  return paths
}
