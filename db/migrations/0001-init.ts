import { type Kysely, sql } from 'kysely'

/**
 * Ids are made by the application and compared as bytes (`collate "C"`), so that locks taken in
 * ascending order have the same order here and there.
 */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const STATEMENTS = [
  'create extension if not exists pg_trgm',

  'create table settings (key text primary key, value jsonb not null)',

  `create table connections (
    id ${ID} primary key,
    name text not null,
    time_zone text not null,
    country text not null,
    ari jsonb,
    ari_sealed text,
    ami jsonb,
    ami_sealed text,
    internal_calls boolean not null,
    recordings boolean not null,
    phrases jsonb not null,
    timeouts jsonb not null,
    options jsonb not null,
    token_hash text not null constraint connections_token_hash_unique unique,
    token_sealed text not null,
    old_token_hash text,
    old_works_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,

  `create table connection_seen (
    connection_id ${ID} not null references connections on delete cascade,
    alias text not null,
    first_at timestamptz not null,
    primary key (connection_id, alias)
  )`,

  `create table connection_log (
    id bigint generated always as identity primary key,
    connection_id ${ID} not null references connections on delete cascade,
    at timestamptz not null,
    kind text not null check (kind in ('refused', 'unmatched')),
    reason text not null,
    hint text not null,
    source text not null,
    fields jsonb not null
  )`,
  'create index connection_log_newest on connection_log (connection_id, id desc)',

  `create table agents (
    id ${ID} primary key,
    external_id text not null constraint agents_external_id_unique unique,
    name text not null,
    email text,
    role text not null check (role in ('agent', 'supervisor', 'admin')),
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,

  `create table agent_extensions (
    connection_id ${ID} not null,
    extension text not null,
    agent_id ${ID} references agents on delete cascade,
    primary key (connection_id, extension)
  )`,
  'create index agent_extensions_agent on agent_extensions (agent_id)',

  `create table users (
    id ${ID} primary key,
    external_id text constraint users_external_id_unique unique,
    name text not null,
    email text,
    company text,
    note text not null,
    fields jsonb not null,
    auto_key text,
    search text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,
  'create index users_search on users using gin (search gin_trgm_ops)',

  `create table user_phones (
    user_id ${ID} not null references users on delete cascade,
    position integer not null,
    raw text not null,
    e164 text,
    display text not null,
    key text not null,
    primary key (user_id, key)
  )`,
  'create index user_phones_key on user_phones (key, user_id)',

  `create table calls (
    id ${ID} primary key,
    connection_id ${ID} not null references connections,
    unique_id text not null,
    direction text not null check (direction in ('incoming', 'outgoing', 'internal')),
    state text not null check (state in ('started', 'ringing', 'answered', 'held', 'ended')),
    outcome text check (outcome in ('answered', 'missed', 'unanswered', 'failed')),
    from_raw text not null,
    from_e164 text,
    from_display text not null,
    to_raw text not null,
    to_e164 text,
    to_display text not null,
    queue text,
    started_at timestamptz not null,
    ringing_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    ring_seconds integer,
    talk_seconds integer,
    hold_seconds integer not null,
    agent_id ${ID} references agents,
    legs jsonb not null,
    end_not_reported boolean not null,
    extra jsonb not null,
    person_key text,
    user_id ${ID} references users,
    candidate_user_ids jsonb not null,
    clock_shift_ms integer not null,
    closes_at timestamptz,
    first_event_at timestamptz not null,
    last_event_at timestamptz not null
  )`,
  'create index calls_newest on calls (started_at desc, id desc)',
  'create index calls_active on calls (closes_at) where ended_at is null',
  'create index calls_person on calls (person_key, answered_at) where answered_at is not null',
  'create index calls_user on calls (user_id, started_at desc)',
  'create index calls_agent on calls (agent_id, started_at desc)',
  'create index calls_legs on calls using gin (legs jsonb_path_ops)',

  `create table call_ids (
    connection_id ${ID} not null,
    unique_id text not null,
    call_id ${ID} not null references calls on delete cascade,
    primary key (connection_id, unique_id, call_id)
  )`,

  `create table call_events (
    id bigint generated always as identity primary key,
    receipt text not null constraint call_events_receipt_unique unique,
    connection_id ${ID} not null,
    unique_id text not null,
    call_id ${ID},
    source text not null,
    type text not null,
    at timestamptz not null,
    at_known boolean not null,
    arrived_at timestamptz not null,
    event jsonb not null,
    raw jsonb not null,
    agents jsonb,
    trace jsonb,
    applied_at timestamptz,
    failures integer not null default 0
  )`,
  'create index call_events_pending on call_events (id) where applied_at is null',
  'create index call_events_call on call_events (call_id, id)',
  'create index call_events_connection on call_events (connection_id, id desc)',
  "create index call_events_clock on call_events (connection_id, id desc) where at_known and source in ('webhook', 'ari')",

  `create table cases (
    id ${ID} primary key,
    number integer generated always as identity constraint cases_number_unique unique,
    subject text not null,
    status text not null check (status in ('open', 'pending', 'closed')),
    handset text not null check (handset in ('red', 'green')),
    user_id ${ID} references users,
    person_key text,
    phone_raw text,
    phone_e164 text,
    phone_display text,
    assignee_id ${ID} references agents,
    external_id text,
    version integer not null,
    touched_at timestamptz,
    status_set_at timestamptz,
    claimed_at timestamptz,
    waiting_since timestamptz,
    last_missed_at timestamptz,
    withdrawn_to ${ID},
    created_at timestamptz not null,
    updated_at timestamptz not null,
    closed_at timestamptz
  )`,
  'create index cases_newest on cases (updated_at desc, id desc) where withdrawn_to is null',
  'create index cases_user on cases (user_id, updated_at desc) where withdrawn_to is null',
  'create index cases_person on cases (person_key) where withdrawn_to is null',
  'create index cases_assignee on cases (assignee_id, updated_at desc, id desc) where withdrawn_to is null',
  "create index cases_missed on cases (waiting_since, id) where handset = 'red' and status <> 'closed' and withdrawn_to is null",
  'create index cases_claimed on cases (claimed_at) where claimed_at is not null',
  'create index cases_search on cases using gin (subject gin_trgm_ops)',

  `create table messages (
    id ${ID} primary key,
    case_id ${ID} not null references cases,
    kind text not null check (kind in ('call', 'note')),
    call_id ${ID} references calls constraint messages_call_unique unique,
    author_id ${ID} references agents,
    text text not null,
    origin text check (origin in ('created', 'fixed', 'auto')),
    chosen_at timestamptz,
    created_at timestamptz not null
  )`,
  'create index messages_case on messages (case_id, created_at)',

  `create table case_history (
    id bigint generated always as identity primary key,
    case_id ${ID} not null references cases,
    at timestamptz not null,
    agent_id ${ID},
    kind text not null,
    "from" jsonb,
    "to" jsonb,
    rule text
  )`,
  'create index case_history_case on case_history (case_id, id)',

  `create table drafts (
    call_id ${ID} primary key references calls on delete cascade,
    subject text not null,
    essence text not null,
    updated_at timestamptz not null,
    updated_by ${ID}
  )`,

  `create table dismissals (
    call_id ${ID} not null references calls on delete cascade,
    agent_id ${ID} not null references agents on delete cascade,
    primary key (call_id, agent_id)
  )`,

  `create table recordings (
    id ${ID} primary key,
    connection_id ${ID} not null references connections,
    unique_id text not null,
    call_id ${ID} references calls,
    storage_key text not null,
    sha256 text not null,
    mime text not null,
    bytes bigint not null,
    seconds integer,
    created_at timestamptz not null,
    constraint recordings_content_unique unique (connection_id, unique_id, sha256)
  )`,
  'create index recordings_call on recordings (call_id)',

  `create table outbox (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    type text not null,
    audience jsonb,
    data jsonb not null
  )`,
  'create index outbox_at on outbox (at)',

  `create table api_keys (
    id ${ID} primary key,
    name text not null,
    scopes jsonb not null,
    key_hash text not null constraint api_keys_key_hash_unique unique,
    created_at timestamptz not null
  )`,

  `create table sign_in_links (
    token_hash text primary key,
    agent_id ${ID} not null references agents on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
  )`,

  `create table browser_keys (
    id ${ID} primary key,
    agent_id ${ID} not null references agents on delete cascade,
    public_key jsonb not null,
    created_at timestamptz not null,
    revoked_at timestamptz
  )`,
  'create index browser_keys_agent on browser_keys (agent_id)',

  `create table open_pages (
    process_id text not null,
    agent_id ${ID} not null,
    pages integer not null,
    seen_at timestamptz not null,
    primary key (process_id, agent_id)
  )`,
]
