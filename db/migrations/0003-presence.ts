import { type Kysely, sql } from 'kysely'

/** What agents do to calls by the PBX, and what is known of whether they can take one. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const STATEMENTS = [
  'alter table agent_extensions add column can_answer boolean not null default false',

  `create table call_actions (
    id bigint generated always as identity primary key,
    call_id ${ID} not null references calls on delete cascade,
    at timestamptz not null,
    agent_id ${ID},
    action text not null,
    details jsonb not null,
    result text not null,
    message text not null
  )`,
  'create index call_actions_call on call_actions (call_id, id)',

  `create table device_states (
    connection_id ${ID} not null references connections on delete cascade,
    extension text not null,
    state text not null,
    primary key (connection_id, extension)
  )`,

  `create table queue_states (
    connection_id ${ID} not null references connections on delete cascade,
    name text not null,
    state jsonb not null,
    primary key (connection_id, name)
  )`,

  `create table agent_presence (
    agent_id ${ID} primary key references agents on delete cascade,
    chosen text not null check (chosen in ('free', 'away', 'offline')),
    chosen_reason text,
    chosen_at timestamptz,
    talk_ended_at timestamptz,
    gone_since timestamptz,
    state text not null,
    reason text,
    since timestamptz not null
  )`,
]
