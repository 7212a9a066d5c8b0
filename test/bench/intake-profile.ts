/**
 * Where the time of an event goes: CPU profiles of the server while it accepts and while it applies, the statements
 * of an applied event, and what each kind of event costs by itself. Needs a PostgreSQL with pg_stat_statements
 * preloaded and `pg_stat_statements.track_planning` on.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { describe, type Size, takeAll, tellAll, toCalls } from './intake-measure.ts'
import { type Ringside, startRingside } from './intake-servers.ts'
import { createDialplanClock, createStories, type Story } from './intake-stories.ts'

type Sql = ReturnType<typeof postgres>

const SHOWN = 80
/** Calls of which each kind of event is applied by itself. */
const CALLS_BY_KIND = 400
const POLL_MS = 20

/** Prints it all, and names the folder of the CPU profiles. */
export async function profile(size: Size): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-profile-'))
  await profileAccepting(size, folder)
  await onServer(size, `${folder}/told`, (ringside, sql) => profileTold(size, ringside, sql))
  await onServer(size, `${folder}/kinds`, (ringside, sql) => profileKinds(size, ringside, sql))
  size.print(`\nCPU profiles: ${folder}`)
}

async function profileAccepting(size: Size, folder: string): Promise<void> {
  await onServer(size, `${folder}/accepted`, async (ringside) => {
    size.print('Accepted, applying held back')
    const letGo = await ringside.holdBack()
    const calls = toCalls(size.requests)
    describe(size.print, 'Ringside', [await takeAll({ ...size, calls }, ringside)])
    await letGo()
  })
}

async function onServer(
  { server }: Size,
  folder: string,
  work: (ringside: Ringside, sql: Sql) => Promise<void>,
): Promise<void> {
  const env = { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }
  const ringside = await startRingside(server, env)
  const sql = postgres(ringside.databaseUrl, { max: 1, onnotice: () => undefined })
  try {
    await sql`create extension pg_stat_statements`
    await work(ringside, sql)
  } finally {
    await sql.end()
    await ringside.stop()
  }
}

async function profileTold(size: Size, ringside: Ringside, sql: Sql): Promise<void> {
  const { print } = size
  print('\nAccepted, applied and told')
  const turn = await tellAll(size, ringside, async () => {
    await sql`select pg_stat_statements_reset()`
  })
  const rows = await readStatements(sql)
  describe(print, 'Ringside', [turn])
  printTotals(print, '  all statements', rows, turn.requests)
  print('  calls per event | ms executed | ms planned | rows per call | statement')
  for (const row of rows.slice(0, SHOWN)) {
    const text = row.query.replaceAll(/\s+/g, ' ').slice(0, 200)
    const each = [row.calls, row.ms, row.planned].map((sum) => (sum / turn.requests).toFixed(3))
    print(`  ${each.join(' | ')} | ${(row.rows / row.calls).toFixed(1)} | ${text}`)
  }
}

/** All events of one kind come while applying is held back, and are then applied: kind after kind. */
async function profileKinds(size: Size, ringside: Ringside, sql: Sql): Promise<void> {
  const { print, seed } = size
  print('\nEach kind of event by itself, applied only')
  const tell = createStories(seed, CALLS_BY_KIND)
  const stories = Array.from({ length: CALLS_BY_KIND }, tell)
  // Steps of all calls in their order: a call's start comes before anybody's ring.
  for (const [kind, posts] of kindsOf(stories)) {
    const letGo = await ringside.holdBack()
    await Promise.all(posts.map((post) => postEvent(ringside, post)))
    await sql`select pg_stat_statements_reset()`
    const begin = performance.now()
    await letGo()
    while (await isPending(sql)) await sleep(POLL_MS)
    const ms = (performance.now() - begin) / posts.length
    const rows = await readStatements(sql)
    printTotals(print, `  ${kind} (${posts.length}), ${ms.toFixed(2)} ms each`, rows, posts.length)
  }
}

interface Post {
  readonly connection: number
  readonly fields: string
}

function kindsOf(stories: readonly Story[]): ReadonlyMap<string, readonly Post[]> {
  const kinds = new Map<string, Post[]>()
  const last = Math.max(...stories.map(({ steps }) => steps.length))
  for (let step = 0; step < last; step += 1) {
    for (const { steps, connection } of stories) {
      const fields = steps[step]?.fields
      if (fields === undefined) continue
      const status = new URLSearchParams(fields).get('status') ?? ''
      const isMissed = status === 'incoming_end' && steps.length === 3
      const kind = isMissed ? 'incoming_end, missed' : status
      kinds.set(kind, [...(kinds.get(kind) ?? []), { connection, fields }])
    }
  }
  return kinds
}

const now = createDialplanClock()

async function postEvent({ url, paths }: Ringside, { connection, fields }: Post): Promise<void> {
  const answer = await fetch(`${url}${paths[connection]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `datetime=${now()}&${fields}`,
  })
  if (answer.status !== 200) throw new Error(`${fields}: ${answer.status} ${await answer.text()}`)
  await answer.text()
}

async function isPending(sql: Sql): Promise<boolean> {
  const [found] = await sql`select 1 from call_events where applied_at is null limit 1`
  return found !== undefined
}

interface Statement {
  readonly calls: number
  readonly ms: number
  readonly planned: number
  readonly rows: number
  readonly query: string
}

/** All but our own, the most frequent first. */
async function readStatements(sql: Sql): Promise<readonly Statement[]> {
  return sql<Statement[]>`
    select calls::float8 as calls, total_exec_time as ms, total_plan_time as planned,
      rows::float8 as rows, query
    from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and query !~ 'pg_stat_statements|^select 1 from call_events'
    order by pg_stat_statements.calls desc`
}

function printTotals(
  print: Size['print'],
  what: string,
  rows: readonly Statement[],
  events: number,
): void {
  const of = (value: (row: Statement) => number): number =>
    rows.reduce((sum, row) => sum + value(row), 0) / events
  const [calls, ms, planned] = [
    of((row) => row.calls),
    of((row) => row.ms),
    of((row) => row.planned),
  ]
  print(
    `${what}: ${calls.toFixed(1)} statements, ${ms.toFixed(2)} ms executed, ${planned.toFixed(2)} ms planned per event`,
  )
}
