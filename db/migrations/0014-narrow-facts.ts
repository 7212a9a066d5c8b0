import { type Kysely, sql } from 'kysely'

/**
 * Facts as reports read them, millions at a time (PERF-6): what is always there and of fixed length comes first, kinds
 * are numbers with names, and what only lists need is at the end.
 */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const CASE_FACTS = `kind, at, opened_at, direction, has_record, previous_at, previous_own_at, next_at,
  outcome, agent_id, case_id, call_id, queue`
const CALL_FACTS = `at, ended_at, direction, outcome, ring_seconds, wait_seconds, talk_seconds,
  hold_seconds, called_back_at, agent_id, call_id, queue`

const STATEMENTS = [
  `create type case_fact_kind as enum
    ('opened', 'reopened', 'handled', 'responded', 'closed', 'assigned')`,
  `create type fact_direction as enum ('incoming', 'outgoing', 'internal')`,
  `create type fact_outcome as enum ('answered', 'missed', 'unanswered')`,

  'create temporary table kept as table case_facts',
  'drop table case_facts',
  `create table case_facts (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    opened_at timestamptz not null,
    kind case_fact_kind not null,
    direction fact_direction not null,
    has_record boolean not null default false,
    previous_at timestamptz,
    previous_own_at timestamptz,
    next_at timestamptz,
    outcome fact_outcome,
    agent_id ${ID},
    case_id ${ID} not null references cases on delete cascade,
    call_id ${ID} references calls on delete cascade,
    queue text
  )`,
  `insert into case_facts (${CASE_FACTS})
    select ${CASE_FACTS.replace('kind', 'kind::case_fact_kind')
      .replace('queue', 'left(queue, 150)')
      .replace('direction', 'direction::fact_direction')
      .replace('outcome', 'outcome::fact_outcome')}
    from kept order by id`,
  'drop table kept',
  'create index case_facts_at on case_facts (at)',
  // What was closed in a year is read from here, without the other facts.
  `create index case_facts_closed on case_facts (at)
    include (opened_at, next_at, has_record, direction, outcome, agent_id, queue) where kind = 'closed'`,
  // So few that a page of them would be looked for among all others.
  `create index case_facts_reopened on case_facts (at) where kind = 'reopened'`,
  // Each thing once; also by which a case's facts are found.
  `create unique index case_facts_once on case_facts (case_id, kind, at, coalesce(agent_id, ''), coalesce(call_id, ''))`,
  'create index case_facts_call on case_facts (call_id) where call_id is not null',

  'create temporary table kept as table call_facts',
  'drop table call_facts',
  `create table call_facts (
    at timestamptz not null,
    ended_at timestamptz not null,
    direction fact_direction not null check (direction <> 'internal'),
    outcome fact_outcome not null,
    ring_seconds integer,
    wait_seconds integer,
    talk_seconds integer,
    hold_seconds integer,
    called_back_at timestamptz,
    agent_id ${ID},
    call_id ${ID} primary key references calls on delete cascade,
    queue text
  )`,
  `insert into call_facts (${CALL_FACTS})
    select ${CALL_FACTS.replace('direction', 'direction::fact_direction').replace(
      'outcome',
      'outcome::fact_outcome',
    )}
    from kept order by at`,
  'drop table kept',
  'create index call_facts_at on call_facts (at)',
]
