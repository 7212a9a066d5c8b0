import { type Kysely, sql } from 'kysely'

/** How loud a recording is where, for the player's picture of it; by itself, for it is asked for by itself. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const ID = 'text collate "C"'

const STATEMENTS = [
  `create table recording_peaks (
    recording_id ${ID} primary key references recordings on delete cascade,
    channels smallint not null,
    points bytea not null,
    measured_at timestamptz not null
  )`,
]
