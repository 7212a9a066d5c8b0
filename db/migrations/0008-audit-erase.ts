import { type Kysely, sql } from 'kysely'

/** Who did what as an admin, whose data is to be erased, and what is gone of a call. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const STATEMENTS = [
  `create table audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    agent_id ${ID},
    key_id ${ID},
    action text not null,
    target jsonb not null,
    fields jsonb not null,
    status integer not null,
    address text not null
  )`,
  'create index audit_log_agent on audit_log (agent_id, id desc)',

  `create table erasures (
    id ${ID} primary key,
    user_id ${ID},
    requested_at timestamptz not null,
    finished_at timestamptz,
    plan jsonb,
    counts jsonb not null,
    taken_until timestamptz
  )`,
  'create index erasures_waiting on erasures (id) where finished_at is null',

  `alter table calls
    add column recordings_gone text check (recordings_gone in ('over-age', 'erased')),
    add column erased_at timestamptz`,
  'create index calls_erased on calls (id) where erased_at is not null',
  'create index recordings_created on recordings (created_at)',
  'create index connection_log_at on connection_log (at)',
]
