import { type Kysely, sql } from 'kysely'

/** A PBX's clock is judged by what was read in its present time zone, not in the wrong one of before (CALL-17). */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  // The default is for a server process of before, which goes on while others are started.
  'alter table connections add column zone_since timestamptz not null default now()',
  'update connections set zone_since = created_at',
]
