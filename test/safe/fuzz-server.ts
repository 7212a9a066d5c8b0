import { readFileSync, rmSync } from 'node:fs'
import { signJwt } from '../../server/http/jwt.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import type { FuzzWorld } from './fuzz-requests.ts'

const ADMIN_KEY = 'fuzz-admin-key-fuzz-admin-key'
const EMBED_SECRET = 'fuzz-embed-secret-fuzz-embed-secret'

/** What the harness itself asks is answered in this time, also by a server that is flooded. */
const PATIENCE_MS = 60_000
const STOPS_MS = 30_000

/** The server as people start it, with somebody of each kind and something of everything. */
export interface FuzzServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly server: ServerProcess
  readonly dataDir: string
  readonly openapi: unknown
  readonly world: FuzzWorld
  readonly connectionId: string
  readonly webhookUrl: string
  /** Asks as the admin. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>
  /** Lets everybody in again whom a request has locked out, and takes away what was heaped up. */
  renew(): Promise<void>
  /** Starts the process again on the same data. */
  restart(): Promise<void>
  /** Whether the server answers now; how long that took. */
  healthMs(): Promise<number>
}

/** `postgresUrl` null: the embedded database. */
export async function startFuzzServer(
  postgresUrl: string | null,
  env: Record<string, string> = {},
): Promise<FuzzServer> {
  const dataDir = await newDataFolder('ringside-safe-')
  const made = postgresUrl === null ? null : await createPostgresDatabase(postgresUrl)
  await made?.database.close()
  const start = (): Promise<ServerProcess> =>
    startServer({
      DATA_DIR: dataDir,
      ADMIN_API_KEY: ADMIN_KEY,
      EMBED_SECRET,
      ...(made === null ? {} : { DATABASE_URL: made.url }),
      ...env,
    })
  let server = await start()
  const api: FuzzServer['api'] = async (method, path, body) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  const people = await setUp(api)
  const world = { tokens: people.tokens, ids: people.ids, webhookTokens: people.webhookTokens }
  const openapi: unknown = await (await fetch(`${server.url}/openapi.json`)).json()
  return {
    get url() {
      return server.url
    },
    get port() {
      return Number(new URL(server.url).port)
    },
    get server() {
      return server
    },
    dataDir,
    openapi,
    world,
    connectionId: people.connectionId,
    webhookUrl: `/webhooks/asterisk/${people.webhookTokens[0]}`,
    api,
    renew: () => renew(api, people),
    restart: async () => {
      server = await start()
    },
    healthMs: async () => {
      const begin = performance.now()
      const answer = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(2000) })
      await answer.text()
      if (answer.status !== 200) throw new Error(`/healthz answers ${answer.status}`)
      return performance.now() - begin
    },
    async [Symbol.asyncDispose]() {
      // One that does not hear any more would keep its harness for ever.
      let isLate = false
      const late = setTimeout(() => {
        isLate = server.child.kill('SIGKILL')
      }, STOPS_MS)
      await server.stop()
      clearTimeout(late)
      await made?.drop()
      rmSync(dataDir, { recursive: true, force: true })
      if (isLate) throw new Error(`the server did not stop within ${STOPS_MS} ms`)
    },
  }
}

interface People {
  readonly tokens: Record<string, string | null>
  readonly ids: string[]
  readonly webhookTokens: string[]
  readonly connectionId: string
  readonly agentIds: string[]
  readonly keys: Set<string>
}

const HOUR_SECONDS = 3600

async function setUp(api: FuzzServer['api']): Promise<People> {
  const must = async (method: string, path: string, body?: unknown): Promise<any> => {
    const answer = await api(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status}`)
    return answer.body
  }
  const agentIds: string[] = []
  for (const role of ['agent', 'supervisor', 'admin']) {
    const agent = { externalId: `fuzz-${role}`, name: role, role }
    agentIds.push((await must('POST', '/api/agents', agent)).id)
  }
  const keys: Record<string, string> = {}
  const keyIds = new Set<string>()
  for (const scope of ['read', 'users', 'cases', 'calls', 'admin']) {
    const made = await must('POST', '/api/keys', { name: scope, scopes: [scope] })
    keys[`key ${scope}`] = made.key
    keyIds.add(made.id)
  }
  const people: People = {
    tokens: {
      nobody: null,
      expired: jwt('fuzz-agent', EMBED_SECRET, -10),
      forged: jwt('fuzz-admin', 'another-secret-another-secret-anot'),
      ...agentTokens(EMBED_SECRET),
      environment: ADMIN_KEY,
      ...keys,
    },
    ids: [],
    webhookTokens: [],
    connectionId: '',
    agentIds,
    keys: keyIds,
  }
  const ids = await furnish(must, people)
  return { ...people, connectionId: ids.connectionId }
}

/** Something of everything, whose ids the requests may name. */
async function furnish(
  must: (method: string, path: string, body?: unknown) => Promise<any>,
  { ids, webhookTokens, agentIds }: People,
): Promise<{ connectionId: string }> {
  let connectionId = ''
  for (let index = 0; index < 2; index += 1) {
    const pbx = { name: `PBX ${index}`, timeZone: 'UTC', country: 'RU' }
    const made = await must('POST', '/api/connections', pbx)
    const items = agentIds.map((agentId, at) => ({ extension: String(101 + at), agentId }))
    await must('PUT', `/api/connections/${made.id}/extensions`, { items })
    webhookTokens.push(new URL(made.webhookUrl).pathname.split('/').at(-1) ?? '')
    connectionId ||= made.id
    // The first stays as it is: what is played later has to come in by it.
    if (index > 0) ids.push(made.id)
  }
  for (let index = 0; index < 3; index += 1) {
    const agent = { externalId: `spare-${index}`, name: 'Spare', role: 'agent' }
    ids.push((await must('POST', '/api/agents', agent)).id, `spare-${index}`)
    const user = { name: `User ${index}`, phones: [`+7916000000${index}`], externalId: `u${index}` }
    ids.push((await must('POST', '/api/users', user)).id, `u${index}`)
  }
  const hook = { url: 'https://127.0.0.1:1/hook', events: ['call.ended'] }
  ids.push(
    ...[await must('POST', '/api/hooks', hook).catch(() => ({ id: 'none' }))].map((h) => h.id),
  )
  return { connectionId }
}

function agentTokens(secret: string): Record<string, string> {
  return Object.fromEntries(
    ['agent', 'supervisor', 'admin'].map((role) => [role, jwt(`fuzz-${role}`, secret)]),
  )
}

function jwt(sub: string, secret: string, seconds = 20 * HOUR_SECONDS): string {
  const exp = Math.floor(Date.now() / 1000) + seconds
  return signJwt({ sub, name: sub, aud: 'ringside', exp }, Buffer.from(secret))
}

/** More than these of a kind are the fuzzer's. */
const KEPT = { connections: 20, hooks: 20, keys: 20 }

async function renew(api: FuzzServer['api'], people: People): Promise<void> {
  const revealed = await api('POST', '/api/settings/embed-secret/reveal')
  const secret = String(revealed.body.secret ?? revealed.body.embedSecret ?? EMBED_SECRET)
  Object.assign(people.tokens, agentTokens(secret))
  for (const [index, id] of people.agentIds.entries()) {
    const role = ['agent', 'supervisor', 'admin'][index]
    await api('PATCH', `/api/agents/${id}`, { role, left: false })
  }
  for (const [kind, kept] of Object.entries(KEPT)) {
    const { body } = await api('GET', `/api/${kind}?limit=200`)
    for (const { id } of (body.items ?? []).slice(kept)) {
      const isOurs = id === people.connectionId || people.keys.has(id) || people.ids.includes(id)
      if (!isOurs) await api('DELETE', `/api/${kind}/${id}`)
    }
  }
  for (const kind of ['calls', 'cases']) {
    const { body } = await api('GET', `/api/${kind}?limit=20`)
    for (const { id } of body.items ?? []) if (people.ids.length < 200) people.ids.push(id)
  }
}

/** How much memory a process has now, and had at most since `resetPeak`, in MiB (Linux). */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
  return { now: of('VmRSS'), peak: of('VmHWM') }
}
