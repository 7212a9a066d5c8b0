import { type Kysely, sql } from 'kysely'

/** Who made an API key and when it was last used: by these an admin knows which ones may go. */
export async function up(db: Kysely<any>): Promise<void> {
  await sql
    .raw('alter table api_keys add column created_by text, add column last_used_at timestamptz')
    .execute(db)
}
