import { type Kysely, sql } from 'kysely'

/** Outgoing webhooks: where to, how far the outbox has been read for them, and every delivery. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  'alter table outbox add column events jsonb',

  `create table hooks (
    id text collate "C" primary key,
    url text not null,
    events jsonb,
    secret_sealed text not null,
    old_secret_sealed text,
    old_works_until timestamptz,
    state text not null default 'active',
    state_reason text,
    state_at timestamptz,
    delivered_at timestamptz,
    after_outbox bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint hooks_state_check check (state in ('active', 'failing', 'disabled'))
  )`,

  `create table hook_position (
    id integer primary key,
    position bigint not null,
    constraint hook_position_one check (id = 1)
  )`,
  'insert into hook_position (id, position) select 1, coalesce(max(id), 0) from outbox',

  `create table hook_deliveries (
    position bigint generated always as identity primary key,
    id text collate "C" not null,
    hook_id text collate "C" not null,
    event_id text collate "C" not null,
    type text not null,
    body text not null,
    keys text[] not null,
    is_ordered boolean not null,
    state text not null,
    attempts integer not null default 0,
    next_at timestamptz,
    last_at timestamptz,
    last_status integer,
    last_reason text,
    last_ms integer,
    created_at timestamptz not null,
    constraint hook_deliveries_id_unique unique (id),
    constraint hook_deliveries_hook_id_fkey foreign key (hook_id) references hooks (id) on delete cascade,
    constraint hook_deliveries_state_check check (state in ('waiting', 'due', 'delivered', 'failed'))
  )`,
  "create index hook_deliveries_due on hook_deliveries (hook_id, next_at) where state = 'due'",
  'create index hook_deliveries_keys on hook_deliveries using gin (keys)',
  'create index hook_deliveries_of_hook on hook_deliveries (hook_id, position desc)',
  'create index hook_deliveries_created on hook_deliveries (created_at)',
]
