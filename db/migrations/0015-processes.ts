import { type Kysely, sql } from 'kysely'

/** A server process says for all its pages at once that it goes on: not again for each of thousands (PERF-3). */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  'create table processes (id text primary key, seen_at timestamptz not null)',
  // Of processes that are gone: none runs while this does.
  'delete from open_pages',
  `alter table open_pages
    drop column seen_at,
    add foreign key (process_id) references processes on delete cascade`,
  // Whoever is called is looked for among the pages of all.
  'create index open_pages_agent on open_pages (agent_id)',
]
