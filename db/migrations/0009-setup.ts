import { type Kysely, sql } from 'kysely'

/** In which of the call flows an event of the dialplan has been seen; 'any': wherever (ADMIN-3). */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of [
    `alter table connection_seen add column flow text not null default 'any'`,
    'alter table connection_seen drop constraint connection_seen_pkey',
    'alter table connection_seen add primary key (connection_id, flow, alias)',
    'alter table connection_seen alter column flow drop default',
  ]) {
    await sql.raw(statement).execute(db)
  }
}
