import postgres from 'postgres'
import { type Cell, copyRows } from './bulk-copy.ts'
import type { YearCall, YearCase, YearFact } from './reports-year.ts'
import { AGENTS } from './reports-year.ts'

type Sql = ReturnType<typeof postgres>

/**
 * Writes a year to an empty, migrated PostgreSQL: what reports count, and as much of agents, cases and calls as
 * the lists behind their figures show. `year` begins anew each time; its cases are passed to `see` once.
 */
export async function fillYear(
  url: string,
  year: () => Iterable<YearCase>,
  see: (of: YearCase) => void,
): Promise<void> {
  const db = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    // The rows are right by construction; millions of look-ups of keys say nothing about reports.
    await db`set session_replication_role = replica`
    const indexes = await dropIndexes(db)
    await copyRows(db, `case_facts (${CASE_FACT})`, factRows(year(), see))
    await copyRows(db, `call_facts (${CALL_FACT})`, callRows(year()))
    await db.unsafe(AGENTS_THERE, [[...AGENTS]])
    for (const statement of AROUND) await db.unsafe(statement)
    for (const index of indexes) await db.unsafe(index)
    await db.unsafe('vacuum analyze')
  } finally {
    await db.end()
  }
}

const CASE_FACT = `case_id, kind, at, agent_id, call_id, direction, outcome, queue, opened_at,
  previous_at, previous_own_at, next_at, has_record`
const CALL_FACT = `call_id, at, ended_at, direction, outcome, queue, agent_id,
  ring_seconds, wait_seconds, talk_seconds, hold_seconds, called_back_at`

const AGENTS_THERE = `insert into agents (id, external_id, name, role, created_at, updated_at)
  select id, id, 'Agent ' || right(id, 2), 'agent', now(), now() from unnest($1::text[]) as id`

/** What else there is of the cases and calls of the facts. */
const AROUND = [
  `insert into connections (id, name, time_zone, country, internal_calls, recordings, phrases,
      timeouts, options, token_hash, token_sealed, created_at, updated_at)
    values ('pbx', 'PBX', 'UTC', 'DE', false, true, '{}', '{}', '{}', 'hash', 'sealed', now(), now())`,
  `insert into cases (id, subject, status, handset, version, created_at, updated_at)
    select case_id, 'A call of the generated year', 'closed', 'green', 1, at, at from case_facts where kind = 'opened'`,
  `insert into calls (id, connection_id, unique_id, direction, state, outcome, from_raw, from_display, to_raw, to_display,
      queue, started_at, ended_at, ring_seconds, talk_seconds, hold_seconds, agent_id, legs,
      end_not_reported, extra, candidate_user_ids, clock_shift_ms, first_event_at, last_event_at)
    select call_id, 'pbx', call_id, direction, 'ended', outcome, '', '', '', '',
      queue, at, ended_at, ring_seconds, talk_seconds, coalesce(hold_seconds, 0), agent_id, '[]',
      false, '{}', '[]', 0, at, ended_at from call_facts`,
  `insert into messages (id, case_id, kind, call_id, text, origin, created_at)
    select call_id, case_id, 'call', call_id, '', 'auto', at from case_facts where kind = 'opened'`,
]

/** What no key is; those of cases, calls and messages are not for reports and are not made again. */
async function dropIndexes(db: Sql): Promise<string[]> {
  const found = await db<{ name: string; made: string; of: string }[]>`
    select indexname as name, indexdef as made, tablename as of from pg_indexes
    where schemaname = 'public' and tablename in ('case_facts', 'call_facts', 'cases', 'calls', 'messages')
      and not exists (select from pg_constraint where conname = indexname)`
  for (const { name } of found) await db`drop index ${db(name)}`
  return found.filter(({ of }) => of.endsWith('_facts')).map(({ made }) => made)
}

function* factRows(cases: Iterable<YearCase>, see: (of: YearCase) => void): Generator<Cell[]> {
  for (const of of cases) {
    see(of)
    for (const [index, fact] of of.facts.entries()) yield factCells(of, fact, index)
  }
}

/** A fact with its neighbours, as the server writes it. */
function factCells({ facts, ...of }: YearCase, fact: YearFact, index: number): Cell[] {
  const isKind = ({ kind }: YearFact) => kind === fact.kind
  const before = facts.slice(0, index).filter(isKind)
  const own = before.findLast(({ agentId }) => agentId === fact.agentId)
  const next = facts.slice(index + 1).find(isKind)
  const hasRecord = facts.some(({ kind, at }) => kind === 'responded' && at <= fact.at)
  return [
    ...[of.id, fact.kind, instant(fact.at), fact.agentId, fact.callId],
    ...[of.direction, of.outcome, of.queue, instant(of.openedAt)],
    ...[instant(before.at(-1)?.at), instant(own?.at), instant(next?.at)],
    fact.kind === 'closed' && hasRecord,
  ]
}

function* callRows(cases: Iterable<YearCase>): Generator<Cell[]> {
  for (const { call } of cases) yield callCells(call)
}

function callCells(call: YearCall): Cell[] {
  return [
    ...[call.id, instant(call.at), instant(call.endedAt), call.direction, call.outcome],
    ...[call.queue, call.agentId, call.ringSeconds, call.waitSeconds],
    ...[call.talkSeconds, call.holdSeconds, instant(call.calledBackAt)],
  ]
}

function instant(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString()
}
