import { type Kysely, sql } from 'kysely'

/** Whoever leaves keeps their name in old cases and can sign in no more. */
export async function up(db: Kysely<any>): Promise<void> {
  await sql.raw('alter table agents add column left_at timestamptz').execute(db)
}
