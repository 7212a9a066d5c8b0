import { type Kysely, sql } from 'kysely'

/**
 * What reports count, written when it happens. A fact knows its neighbours of the same kind in its case, so that
 * "cases, each once in a period" is a count of rows: of a case's facts in the period, one has no earlier in it.
 */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const STATEMENTS = [
  `create table case_facts (
    id bigint generated always as identity primary key,
    case_id ${ID} not null references cases on delete cascade,
    kind text not null check (kind in ('opened', 'reopened', 'handled', 'responded', 'closed', 'assigned')),
    at timestamptz not null,
    agent_id ${ID},
    call_id ${ID} references calls on delete cascade,
    direction text not null check (direction in ('incoming', 'outgoing', 'internal')),
    outcome text check (outcome in ('answered', 'missed', 'unanswered')),
    queue text,
    opened_at timestamptz not null,
    previous_at timestamptz,
    previous_own_at timestamptz,
    next_at timestamptz,
    has_record boolean not null default false
  )`,
  'create index case_facts_at on case_facts (at)',
  // Each thing once; also by which a case's facts are found.
  `create unique index case_facts_once on case_facts (case_id, kind, at, coalesce(agent_id, ''), coalesce(call_id, ''))`,
  'create index case_facts_call on case_facts (call_id) where call_id is not null',

  `create table call_facts (
    call_id ${ID} primary key references calls on delete cascade,
    at timestamptz not null,
    ended_at timestamptz not null,
    direction text not null check (direction in ('incoming', 'outgoing')),
    outcome text not null check (outcome in ('answered', 'missed', 'unanswered')),
    queue text,
    agent_id ${ID},
    ring_seconds integer,
    wait_seconds integer,
    talk_seconds integer,
    hold_seconds integer,
    called_back_at timestamptz
  )`,
  'create index call_facts_at on call_facts (at)',
  // Who is called back, and by which call.
  'create index calls_person_started on calls (person_key, started_at) where person_key is not null',
]
