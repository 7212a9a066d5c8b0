/**
 * `node test/bench/case-list.ts [cases]`: every filter of the list of cases on a PostgreSQL of its own
 * (CASE-14), in milliseconds: the median and the slowest of ten, warm, first page and a page far down.
 */
import { sql } from 'kysely'
import { type CaseFilter, listCases } from '../../db/case-list.ts'
import type { Db } from '../../db/database.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { startPostgresOrFail } from '../support/postgres.ts'

const RUNS = 10
const DAY = 86_400_000
const count = Number(process.argv[2] ?? 1_000_000)
const users = Math.ceil(count / 5)

const server = await startPostgresOrFail()
const { database, drop } = await createPostgresDatabase(server.url)
try {
  await fill(database.db)
  process.stdout.write(`${count} cases of ${users} users over a year, 2 % not closed\n`)
  for (const [name, filter] of FILTERS()) await measure(database.db, name, filter)
} finally {
  await drop()
  server.stop()
}

function FILTERS(): [string, Partial<CaseFilter>][] {
  const ago = (days: number) => new Date(Date.now() - days * DAY)
  const open = ['open', 'pending'] as const
  return [
    ['everything', {}],
    ['open', { statuses: ['open'] }],
    ['open or pending', { statuses: open }],
    ['closed', { statuses: ['closed'] }],
    ['mine', { assigneeId: 'agent-7' }],
    ['mine, open', { assigneeId: 'agent-7', statuses: ['open'] }],
    ['nobody’s', { assigneeId: null }],
    ['nobody’s, open', { assigneeId: null, statuses: ['open'] }],
    ['one user’s', { userId: 'user-77' }],
    ['missed', { handset: 'red' }],
    ['missed, open', { handset: 'red', statuses: open }],
    ['missed, open, by waiting', { handset: 'red', statuses: open, sort: 'waiting' }],
    ['missed, by waiting', { handset: 'red', sort: 'waiting' }],
    ['missed, mine', { handset: 'red', assigneeId: 'agent-7' }],
    ['last 7 days', { from: ago(7) }],
    ['last 30 days, mine, open', { from: ago(30), assigneeId: 'agent-7', statuses: ['open'] }],
    ['a month half a year ago', { from: ago(210), to: ago(180) }],
    ['a day half a year ago, mine', { from: ago(181), to: ago(180), assigneeId: 'agent-7' }],
    ['text: in every subject', { q: 'call' }],
    ['text: in one subject', { q: 'word777' }],
    ['text: in none', { q: 'zzqqxx' }],
    ['text: a case number', { q: '#4711' }],
    ['text: end of a phone number', { q: '0004711' }],
    ['text: whole phone number', { q: '+7 900 000-47-11' }],
    ['text: a user', { q: 'Person 77 ' }],
    ['text: two letters', { q: 'wo' }],
    ['text: in one subject, mine, open', { q: 'word777', assigneeId: 'agent-7', statuses: open }],
    ['text: in every subject, mine, open', { q: 'call', assigneeId: 'agent-7', statuses: open }],
  ]
}

async function fill(db: Db): Promise<void> {
  await sql`insert into agents (id, external_id, name, role, created_at, updated_at)
    select 'agent-' || n, 'a' || n, 'Agent ' || n, 'agent', now(), now() from generate_series(0, 39) as n`.execute(
    db,
  )
  await sql`insert into users (id, name, note, fields, search, created_at, updated_at)
    select 'user-' || n, 'Person ' || n, '', '{}', 'person ' || n || ' ' || chr(10) || (79000000000 + n)::text, now(), now()
    from generate_series(0, ${users}::int - 1) as n`.execute(db)
  await sql`insert into cases (id, subject, status, handset, user_id, person_key, phone_raw, phone_display, assignee_id,
      version, waiting_since, created_at, updated_at)
    select 'case-' || lpad(n::text, 9, '0'),
      case when n % 3 = 0 then 'Incoming call from +7900' || n else 'A call about word' || (n % 5000) end,
      case when n % 101 = 0 then 'open' when n % 103 = 0 then 'pending' else 'closed' end,
      case when n % 7 = 0 then 'red' else 'green' end,
      'user-' || (n % ${users}::int), '+' || (79000000000 + n % ${users}::int)::text, '', '',
      case when n % 20 = 0 then null else 'agent-' || (n % 40) end,
      1, case when n % 7 = 0 then at end, at, at + interval '3 hours'
    from (select n, now() - interval '1 year' * (1 - n::float8 / ${count}::int) as at
      from generate_series(1, ${count}::int) as n) as numbered`.execute(db)
  await sql`vacuum analyze`.execute(db)
}

async function measure(db: Db, name: string, filter: Partial<CaseFilter>): Promise<void> {
  const first = { sort: 'updated', limit: 51, ...filter } satisfies CaseFilter
  const far = {
    ...first,
    after: { at: new Date(Date.now() - 200 * DAY), id: 'case-5' },
  } satisfies CaseFilter
  const [top, down] = [await times(db, first), await times(db, far)]
  process.stdout.write(
    `${name.padEnd(38)} ${top.found} found ${ms(top)}   after 200 days: ${down.found} found ${ms(down)}\n`,
  )
}

async function times(db: Db, filter: CaseFilter) {
  let found = ''
  const all: number[] = []
  for (let run = 0; run <= RUNS; run += 1) {
    const start = performance.now()
    found = String((await listCases(db, filter)).length).padStart(2)
    if (run > 0) all.push(performance.now() - start)
  }
  all.sort((a, b) => a - b)
  return { found, median: all[RUNS / 2] ?? 0, worst: all.at(-1) ?? 0 }
}

function ms({ median, worst }: { median: number; worst: number }): string {
  return `${median.toFixed(1).padStart(7)} ms (slowest ${worst.toFixed(1)})`
}
