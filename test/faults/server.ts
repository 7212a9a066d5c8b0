import { setTimeout as pause } from 'node:timers/promises'
import { type ServerProcess, startServer } from '../support/process.ts'
import { EXTENSIONS } from './people.ts'

export const ADMIN_KEY = 'fault-admin-key-fault-admin-key'
const POLL_MS = 20
/** On a connection of its own: the server ends idle ones, and a harness that was busy meanwhile learns of it late. */
const FRESH = { connection: 'close' }

export interface SetUp {
  /** The path of the PBX's webhook. */
  readonly path: string
  readonly connectionId: string
  readonly agentOf: (extension: string) => string
}

/** Starts the server; `readySeconds` until it says that it is ready. */
export async function startReady(
  env: Record<string, string>,
): Promise<ServerProcess & { readonly readySeconds: number }> {
  const from = performance.now()
  const server = await startServer({ ADMIN_API_KEY: ADMIN_KEY, ...env })
  while ((await statusOf(`${server.url}/readyz`)) !== 200) await pause(POLL_MS)
  return { ...server, readySeconds: (performance.now() - from) / 1000 }
}

function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  )
}

/** Asks the API as an administrator. */
export async function ask(url: string, method: string, path: string, body?: unknown): Promise<any> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...FRESH,
      authorization: `Bearer ${ADMIN_KEY}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** A PBX, and an agent for each extension. */
export async function setUp(url: string): Promise<SetUp> {
  const agents = new Map<string, string>()
  for (const extension of EXTENSIONS) {
    const agent = { externalId: extension, name: `Agent ${extension}`, role: 'agent' }
    agents.set(extension, (await ask(url, 'POST', '/api/agents', agent)).id)
  }
  const pbx = { name: 'PBX', timeZone: 'UTC', country: 'RU' }
  const { id, webhookUrl } = await ask(url, 'POST', '/api/connections', pbx)
  const items = [...agents].map(([extension, agentId]) => ({ extension, agentId }))
  await ask(url, 'PUT', `/api/connections/${id}/extensions`, { items })
  const agentOf = (extension: string): string => agents.get(extension)!
  return { path: new URL(webhookUrl).pathname, connectionId: id, agentOf }
}

/** Waits until everything that was accepted is applied; rejects after `patienceSeconds`. */
export async function settled(url: string, patienceSeconds = 60): Promise<void> {
  const until = performance.now() + patienceSeconds * 1000
  let last = ''
  while (performance.now() < until) {
    const text = await fetch(`${url}/metrics`).then((answer) => answer.text(), String)
    last = /^ringside_events_pending .*$/m.exec(text)?.[0] ?? text.slice(0, 200)
    if (last === 'ringside_events_pending 0') return
    await pause(POLL_MS)
  }
  throw new Error(`after ${patienceSeconds} s there is still ${last}`)
}

/** How many acknowledged events wait in the spool. */
export async function spooledAt(url: string): Promise<number> {
  const text = await fetch(`${url}/metrics`).then((answer) => answer.text(), String)
  return Number(/^ringside_events_spooled (\d+)$/m.exec(text)?.[1] ?? 0)
}
