import { type Kysely, sql } from 'kysely'

/** How often somebody called in vain, and what the list of cases is found by. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  'alter table cases add column missed_calls integer not null default 0',
  `update cases set missed_calls = found.missed from (
    select m.case_id, count(*) as missed
    from messages as m join calls as call on call.id = m.call_id
    where call.direction = 'incoming' and call.ended_at is not null and call.answered_at is null
    group by m.case_id
  ) as found where found.case_id = cases.id`,

  "create index cases_open_newest on cases (updated_at desc, id desc) where status <> 'closed' and withdrawn_to is null",
  "create index cases_open on cases (assignee_id, updated_at desc, id desc) where status <> 'closed' and withdrawn_to is null",
  'create index cases_created on cases (created_at) where withdrawn_to is null',
  'create index cases_phone on cases using gin (person_key gin_trgm_ops)',
]
