/**
 * `npm run bench:users`: a million users on a PostgreSQL of its own (PERF-5), one question in flight, warm: by phone,
 * and by what people type with one mistake; each at the function of `db/` and through the HTTP API of a running
 * server, beside a bare look-up by the same driver. Whether what was meant is among the first ten is counted too.
 * `--users`, `--numbers` and `--questions` (of each kind), `--seed`; `--filled`: a database that was filled before
 * with the same seed and as many users.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { type Db, openDatabase } from '../../db/database.ts'
import { listHolders } from '../../db/people.ts'
import { searchUsers, toSearchText } from '../../db/user-search.ts'
import { loadUsers } from '../../db/users.ts'
import { personKey, toPhone } from '../../server/calls/phone.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'
import { startServer } from '../support/process.ts'
import { quantileOf } from '../support/quantile.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { fillUsers } from './users-fill.ts'
import { personAt } from './users-people.ts'
import { createQuestions, type Question } from './users-questions.ts'

const PHONE_MS = 2
const SEARCH_MS = 50
/** What was meant is among the first so many, for so many of a hundred questions. */
const FIRST = 10
const RECALL = 95
const ADMIN_KEY = 'bench-admin-key-bench-admin-key'
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    numbers: { type: 'string', default: '2000' },
    questions: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(pickSeed()) },
    filled: { type: 'string' },
  },
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const seed = wholeNumber('seed', values.seed, 0)
const users = wholeNumber('users', values.users)
const own = values.filled === undefined ? await startPostgres() : null
if (own !== null && 'missing' in own) throw new Error(own.missing)
try {
  process.exitCode = (await bench(values.filled ?? (await filled(own!.url)))) ? 0 : 1
} finally {
  own?.stop()
}

async function filled(server: string): Promise<string> {
  const { database, url } = await createPostgresDatabase(server)
  await database.close()
  const begin = performance.now()
  await fillUsers(url, seed, users)
  print(`filled in ${((performance.now() - begin) / 1000).toFixed(0)} s`)
  return url
}

async function bench(url: string): Promise<boolean> {
  print(`node ${process.version}, ${users} users, seed ${seed}, one in flight, warm`)
  const folder = mkdtempSync(join(tmpdir(), 'ringside-users-'))
  const database = await openDatabase({ url })
  const bare = postgres(url, { max: 1 })
  const env = { DATABASE_URL: url, DATA_DIR: folder, ADMIN_API_KEY: ADMIN_KEY }
  const server = await startServer(env)
  try {
    const ask = async (query: string): Promise<string[]> => {
      const headers = { authorization: `Bearer ${ADMIN_KEY}` }
      const answer = await fetch(`${server.url}/api/users?limit=${FIRST}&${query}`, { headers })
      if (!answer.ok) throw new Error(`${query}: ${answer.status} ${await answer.text()}`)
      return ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id)
    }
    const results = [
      await byPhone(database.db, bare, ask, server.url),
      await byText(database.db, ask),
    ]
    return results.every(Boolean)
  } finally {
    await server.stop()
    await bare.end()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Ask = (query: string) => Promise<string[]>

async function byPhone(
  db: Db,
  bare: ReturnType<typeof postgres>,
  ask: Ask,
  url: string,
): Promise<boolean> {
  const random = createRandom(seed)
  const wanted = Array.from({ length: wholeNumber('numbers', values.numbers) }, () =>
    personAt(seed, Math.floor(random() * users)),
  )
  const keys = wanted.map(({ facts }) => facts.phones[0]!.key)
  const floor = await timed(keys, (key) => bare`select user_id from user_phones where key = ${key}`)
  const http = await timed(keys, async () => (await fetch(`${url}/healthz`)).text())
  let missed = 0
  const own = await timed(keys, async (key, at) => {
    if (!(await listHolders(db, [key])).get(key)?.includes(wanted[at]!.id)) missed += 1
  })
  const api = await timed(keys, async (key, at) => {
    if (!(await ask(`phone=${encodeURIComponent(key)}`)).includes(wanted[at]!.id)) missed += 1
  })
  print(`\nby phone, ${keys.length} numbers, ${missed} not found`)
  print(`  bare postgres.js     ${spread(floor)}`)
  print(
    `  the server's look-up ${spread(own)}; ${(quantileOf(own, 0.5) / quantileOf(floor, 0.5)).toFixed(1)} × bare`,
  )
  print(`  bare request         ${spread(http)}`)
  print(
    `  through the API      ${spread(api)}; ${(quantileOf(api, 0.5) / quantileOf(http, 0.5)).toFixed(1)} × bare`,
  )
  const isFast = check('the server’s look-up, p99', quantileOf(own, 0.99), PHONE_MS, 'ms')
  return missed === 0 && isFast
}

async function byText(db: Db, ask: Ask): Promise<boolean> {
  const questions = createQuestions(seed, users, wholeNumber('questions', values.questions))
  print('\nwith one typing mistake')
  const own: number[] = []
  const api: number[] = []
  let found = 0
  for (const [kind, ofKind] of Map.groupBy(questions, (question) => question.kind)) {
    const times = await timed(ofKind, ({ text }) => searchUsers(db, searchOf(text)))
    const told: boolean[] = []
    const throughApi = await timed(
      ofKind,
      async (question) => {
        const ids = await ask(`q=${encodeURIComponent(question.text)}`)
        told.push(await isFound(db, question, ids))
      },
      true,
    )
    // The check is not part of what is measured: once more, by themselves.
    const alone = await timed(ofKind, ({ text }) => ask(`q=${encodeURIComponent(text)}`))
    const right = told.filter(Boolean).length
    const example = `${ofKind[0]!.text} → ${ofKind[0]!.meant}`
    print(
      `  ${kind.padEnd(20)} ${spread(times)}; API ${spread(alone)}; ${right} of ${throughApi.length} found (${example})`,
    )
    own.push(...times)
    api.push(...alone)
    found += right
  }
  print(`  all                  ${spread(own)}; API ${spread(api)}`)
  const recall = (found / questions.length) * 100
  const met = [
    check('search, p95', quantileOf(own, 0.95), SEARCH_MS, 'ms'),
    check('search through the API, p95', quantileOf(api, 0.95), SEARCH_MS, 'ms'),
    check(`not among the first ${FIRST}`, 100 - recall, 100 - RECALL, '%'),
  ]
  return met.every(Boolean)
}

function searchOf(text: string) {
  const phoneKey = /\d{3}/.test(text.replaceAll(/\D/g, '')) ? personKey(toPhone(text, 'US')) : null
  return { text, phoneKey, onlyPhoneKey: null }
}

async function isFound(db: Db, question: Question, ids: readonly string[]): Promise<boolean> {
  return (await loadUsers(db, ids)).some((user) => question.isFound(toSearchText(user)))
}

/** One after the other, each asked once before: it is warm. */
async function timed<T>(
  items: readonly T[],
  ask: (item: T, at: number) => Promise<unknown>,
  isOnce = false,
): Promise<number[]> {
  const times: number[] = []
  for (const [at, item] of items.entries()) {
    if (!isOnce) await ask(item, at)
    const begin = performance.now()
    await ask(item, at)
    times.push(performance.now() - begin)
  }
  return times
}

function spread(times: readonly number[]): string {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantileOf(times, share).toFixed(2))
  return `p50 ${p50}, p95 ${p95}, p99 ${p99} ms`
}

function check(what: string, value: number, most: number, unit: string): boolean {
  const isMet = value <= most
  print(
    `  ${isMet ? 'pass' : 'FAIL'}  ${what} ${value.toFixed(2)} ${unit}, at most ${most} ${unit}`,
  )
  return isMet
}
