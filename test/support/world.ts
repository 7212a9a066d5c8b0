import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../../db/database.ts'
import { readConfig } from '../../server/config.ts'
import { type Context, createContext } from '../../server/context.ts'
import type { Pbx } from '../../server/control/pbx.ts'
import { createApp } from '../../server/http/app.ts'
import { createFront } from '../../server/http/front.ts'
import { signJwt } from '../../server/http/jwt.ts'
import type { CallView, CaseSummaryView, CaseView } from '../../server/http/schemas.ts'
import { createLog, type Log } from '../../server/log.ts'

export const ADMIN_KEY = 'test-admin-key-test-admin-key'
export const EMBED_SECRET = 'test-embed-secret-test-embed-secret'

/** An answer of the API: its status, and its JSON where it has some. */
export interface Answer<T = any> {
  readonly status: number
  readonly body: T
}

/**
 * A real server on a real port, over the given database, with a clock that the test moves. Agents
 * anna (101), boris (102) and clara (103); supervisor susan (104); one connection in Russia, UTC.
 */
export interface World {
  readonly context: Context
  readonly url: string
  readonly connectionId: string
  readonly webhookUrl: string
  readonly agents: Readonly<Record<'anna' | 'boris' | 'clara' | 'susan', string>>
  now(): Date
  /** Moves the clock on. */
  tick(seconds: number): void
  /** Asks the API as an agent (`anna`), or as the admin. */
  api<T = any>(
    method: string,
    path: string,
    body?: unknown,
    as?: string,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
  /** A bearer token of an agent. */
  token(agent: string): string
  /** Posts a dialplan webhook; `datetime` is the clock's unless given. Gives the status. */
  hook(fields: Record<string, string>): Promise<number>
  /** Uploads a recording as `curl -F` does. */
  record(uniqueId: string, bytes: Uint8Array, name?: string): Promise<number>
  /** Everything that was accepted has been applied. */
  settled(): Promise<void>
  call(uniqueId: string): Promise<CallView>
  caseOf(uniqueId: string): Promise<CaseView>
  cases(query?: string): Promise<CaseSummaryView[]>
  user(user: Record<string, unknown>): Promise<any>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function createWorld(
  open: () => Promise<Database>,
  env: Record<string, string> = {},
  /** Stands in for the PBXs. */
  pbx?: Pbx,
  log?: Log,
  /** What time it is, for a test that says every instant itself: `tick` does nothing then. */
  told?: () => Date,
): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringside-test-'))
  let offsetMs = 0
  const clock = told ?? ((): Date => new Date(Date.now() + offsetMs))
  const config = readConfig({
    DATA_DIR: dataDir,
    ADMIN_API_KEY: ADMIN_KEY,
    EMBED_SECRET,
    LOG_LEVEL: 'error',
    ...env,
  })
  // The database is the test file's, which closes it.
  const context = await createContext(
    config,
    log ?? createLog(config.logLevel),
    clock,
    async () => ({ ...(await open()), close: async () => undefined }),
    pbx === undefined ? undefined : () => pbx,
  )
  const app = await createApp(context)
  const server = createFront({ ...context, fetch: app.fetch })
  const port = await listen(server)
  server.on('upgrade', context.pbxSockets.handleUpgrade)
  const url = `http://127.0.0.1:${port}`
  const token = (agent: string): string =>
    signJwt(
      {
        sub: agent,
        name: agent,
        aud: 'ringside',
        exp: Math.floor(clock().getTime() / 1000) + 3600,
      },
      Buffer.from(EMBED_SECRET),
    )

  const api: World['api'] = async (method, path, body, as = 'admin', headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as === 'admin' ? ADMIN_KEY : token(as)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const isJson = /json/.test(answer.headers.get('content-type') ?? '')
    return { status: answer.status, body: isJson ? JSON.parse(text) : text }
  }

  const connection = await must(
    api('POST', '/api/connections', {
      name: `PBX ${randomUUID()}`,
      timeZone: 'UTC',
      country: 'RU',
    }),
  )
  const agents: Record<string, string> = {}
  for (const [externalId, role] of [
    ['anna', 'agent'],
    ['boris', 'agent'],
    ['clara', 'agent'],
    ['susan', 'supervisor'],
  ] as const) {
    const found = await api('POST', '/api/agents', { externalId, name: externalId, role })
    agents[externalId] = found.status === 201 ? found.body.id : await agentId(api, externalId)
  }
  const extensions = Object.entries({ 101: 'anna', 102: 'boris', 103: 'clara', 104: 'susan' })
  await must(
    api('PUT', `/api/connections/${connection.id}/extensions`, {
      items: extensions.map(([extension, agent]) => ({ extension, agentId: agents[agent] })),
    }),
  )
  const webhookUrl = `${url}/webhooks/asterisk/${connection.webhookToken}`

  const settled = (): Promise<void> => context.pipeline.drain()
  const call = async (uniqueId: string): Promise<CallView> => {
    await settled()
    const { items } = (await must(api('GET', '/api/calls?limit=200'))) as { items: CallView[] }
    const found = items.find(
      (each) => each.uniqueId === uniqueId && each.connectionId === connection.id,
    )
    if (found === undefined) throw new Error(`no call ${uniqueId}`)
    return found
  }
  const close = async (): Promise<void> => {
    server.close()
    await context.close()
    server.closeAllConnections()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return {
    context,
    url,
    connectionId: connection.id,
    webhookUrl,
    agents: agents as World['agents'],
    now: clock,
    tick: (seconds) => {
      offsetMs += seconds * 1000
    },
    api,
    token,
    hook: async (fields) => {
      const answer = await fetch(webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ datetime: dialplanTime(clock()), ...fields }).toString(),
      })
      await answer.text()
      return answer.status
    },
    record: async (uniqueId, bytes, name = 'record.mp3') => {
      const form = new FormData()
      form.set('status', 'record')
      form.set('unique_id', uniqueId)
      form.set('record', new Blob([new Uint8Array(bytes)]), name)
      const answer = await fetch(webhookUrl, { method: 'POST', body: form })
      await answer.text()
      return answer.status
    },
    settled,
    call,
    caseOf: async (uniqueId) => {
      const { caseId } = await call(uniqueId)
      return must(api('GET', `/api/cases/${caseId}`))
    },
    cases: async (query = '') => {
      await settled()
      return (await must(api('GET', `/api/cases?limit=200${query}`))).items
    },
    user: (user) => must(api('POST', '/api/users', user)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** `21.11.2026-02:19:19`, as a dialplan in UTC writes it. */
export function dialplanTime(at: Date): string {
  const [, year, month, day, time] =
    /^(\d+)-(\d+)-(\d+)T(\d\d:\d\d:\d\d)/.exec(at.toISOString()) ?? []
  return `${day}.${month}.${year}-${time}`
}

async function must(asked: Promise<Answer>): Promise<any> {
  const { status, body } = await asked
  if (status >= 400) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

async function agentId(api: World['api'], externalId: string): Promise<string> {
  const { items } = await must(api('GET', '/api/agents?limit=200'))
  return items.find((agent: { externalId: string }) => agent.externalId === externalId).id
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
