import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createPostgresDatabase } from '../support/database.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { type Received, startReceiver } from '../support/receiver.ts'

const KEY = 'test-admin-key-test-admin-key'
const CASES = 8
const CHANGES = 6

const skip = process.env.TEST_DATABASE_URL
  ? false
  : 'TEST_DATABASE_URL is not set: `npm test` sets it to a PostgreSQL of its own'

test('ADMIN-7 two servers, each killed in the middle: at least once, in order per case, nothing blocked', {
  skip,
}, async () => {
  const { url, drop } = await createPostgresDatabase(String(process.env.TEST_DATABASE_URL))
  const folder = mkdtempSync(join(tmpdir(), 'ringside-hooks-'))
  const env = {
    DATABASE_URL: url,
    DATA_DIR: folder,
    RINGSIDE_SECRET: 'one-secret-for-both-servers-0123456789',
    ADMIN_API_KEY: KEY,
    HOOKS_ALLOW_PRIVATE: 'true',
    LOG_LEVEL: 'fatal',
  }
  const servers: ServerProcess[] = [await startServer(env), await startServer(env)]
  await using receiver = await startReceiver()
  try {
    const api = createApi(() => servers[servers.length - 1]!.url)
    await api('POST', '/api/hooks', { url: receiver.url, events: ['case.created', 'case.updated'] })
    const caseIds = await openCases(api, servers[1]!.url)
    await receiver.until((all) => new Set(all.map(caseOf)).size === CASES)
    // One in ten is answered with 500, and comes again.
    let count = 0
    receiver.answer = () => {
      count += 1
      return count % 10 === 0 ? 500 : 200
    }
    const killer = (async () => {
      for (const after of [12, 6]) {
        const from = receiver.received.length
        await receiver.until((all) => all.length >= from + after)
        await servers.shift()!.stop('SIGKILL')
        servers.push(await startServer(env))
      }
      receiver.answer = () => 200
    })()
    for (let change = 1; change <= CHANGES; change += 1) {
      for (const id of caseIds) {
        await retried(() => api('PATCH', `/api/cases/${id}`, { subject: `Change ${change}` }))
      }
    }
    await killer
    const isDone = (all: readonly Received[]): boolean =>
      caseIds.every((id) => all.some((got) => caseOf(got) === id && changeOf(got) === CHANGES))
    await receiver.until(isDone)
    for (const id of caseIds) {
      const firsts = new Map<string, Received>()
      for (const got of receiver.received.filter((each) => caseOf(each) === id)) {
        const key = String(got.headers['webhook-id'])
        if (!firsts.has(key)) firsts.set(key, got)
      }
      const versions = [...firsts.values()].map(({ body }) => body.data.version as number)
      assert.deepEqual(
        versions,
        versions.toSorted((a, b) => a - b),
        'in order',
      )
      assert.ok(
        firsts.size >= CHANGES + 1,
        `${firsts.size} events of a case changed ${CHANGES} times`,
      )
    }
  } finally {
    for (const server of servers) await server.stop('SIGKILL')
    await drop()
    rmSync(folder, { recursive: true, force: true })
  }
})

type Api = (method: string, path: string, body?: unknown) => Promise<any>

function createApi(urlOf: () => string): Api {
  return async (method, path, body) => {
    const answer = await fetch(`${urlOf()}${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.status < 400, `${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
}

/** The server that was asked may be the one that was killed. */
async function retried(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
}

/** Each missed call of an unknown number is a case. */
async function openCases(api: Api, base: string): Promise<string[]> {
  const { webhookUrl } = await api('POST', '/api/connections', {
    name: 'PBX',
    timeZone: 'UTC',
    country: 'RU',
  })
  const path = new URL(webhookUrl).pathname
  for (let index = 0; index < CASES; index += 1) {
    for (const status of ['incoming_start', 'incoming_end']) {
      const query = new URLSearchParams({
        status,
        unique_id: `9.${index}`,
        from_user: `+7916000${1000 + index}`,
        to_user: '74951112233',
      })
      const answer = await fetch(`${base}${path}?${query}`)
      assert.equal(answer.status, 200, await answer.text())
    }
  }
  for (;;) {
    const { items } = await api('GET', '/api/cases?limit=200')
    if (items.length === CASES) return items.map(({ id }: { id: string }) => id)
  }
}

const caseOf = ({ body }: Received): string => body.data.id
const changeOf = ({ body }: Received): number =>
  Number(/^Change (\d+)$/.exec(body.data.subject)?.[1])
