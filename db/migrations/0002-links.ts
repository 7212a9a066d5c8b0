import { type Kysely, sql } from 'kysely'

/** What each process says of the PBXs that it holds a link to, and what others ask of it. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const STATEMENTS = [
  `create table connection_links (
    connection_id ${ID} not null references connections on delete cascade,
    kind text not null check (kind in ('ari', 'ami')),
    owner text not null,
    state text not null,
    since timestamptz,
    error text,
    version text,
    events boolean not null,
    controls jsonb not null,
    endpoints jsonb not null,
    updated_at timestamptz not null,
    primary key (connection_id, kind)
  )`,

  `create table pbx_commands (
    id ${ID} primary key,
    connection_id ${ID} not null references connections on delete cascade,
    kind text not null check (kind in ('ari', 'ami')),
    command jsonb not null,
    deadline timestamptz not null,
    taken_by text,
    answer jsonb
  )`,
  'create index pbx_commands_waiting on pbx_commands (connection_id) where taken_by is null',
]
