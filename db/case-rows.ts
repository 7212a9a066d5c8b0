import { type Selectable, sql } from 'kysely'
import { type Db, isAnyOf, toJson } from './database.ts'
import type { CasesTable } from './schema.ts'
import { insertRows, updateRows } from './table-rows.ts'

/** A case as it is kept; number 0 where it has none yet. */
export type CaseRow = Selectable<CasesTable>

/** Whose calls belong together: a user, or a number that no single user has. */
export interface Person {
  readonly userId: string | null
  /** Null: an anonymous caller, who shares nothing with anybody. */
  readonly personKey: string | null
}

/** Locks the cases, in ascending order, until the transaction ends. */
export function loadCaseRows(tx: Db, ids: readonly string[]): Promise<CaseRow[]> {
  return tx
    .selectFrom('cases')
    .selectAll()
    .where(isAnyOf('id', ids))
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
}

/** The open missed-call cases of these users and of these numbers without one, locked likewise. */
export function loadOpenMissed(
  tx: Db,
  of: { readonly userIds: readonly string[]; readonly personKeys: readonly string[] },
): Promise<CaseRow[]> {
  // Looked up one by one: with "or", and where PostgreSQL knows nothing of the table yet, it reads all open cases.
  const isTheirs = sql<boolean>`id = any(array(
    select own.id from jsonb_array_elements_text(${toJson(of.userIds)}::jsonb) as asked (user_id)
    cross join lateral (
      select id from cases where user_id = asked.user_id and withdrawn_to is null offset 0
    ) as own
    union all
    select own.id from jsonb_array_elements_text(${toJson(of.personKeys)}::jsonb) as asked (person_key)
    cross join lateral (
      select id, user_id from cases
      where person_key = asked.person_key and withdrawn_to is null offset 0
    ) as own where own.user_id is null
  ))`
  return tx
    .selectFrom('cases')
    .selectAll()
    .where('handset', '=', 'red')
    .where('status', '<>', 'closed')
    .where('withdrawnTo', 'is', null)
    .where(isTheirs)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
}

/** Writes cases that are opened, in their order; gives each its number. */
export async function insertCases(
  tx: Db,
  cases: readonly CaseRow[],
): Promise<ReadonlyMap<string, number>> {
  const made = await insertRows(
    tx,
    'cases',
    COLUMNS,
    cases,
    sql<{ id: string; number: number }>`returning id, number`,
  )
  return new Map(made.map(({ id, number }) => [id, number]))
}

/** Writes cases that were changed. */
export function updateCases(tx: Db, cases: readonly CaseRow[]): Promise<void> {
  return updateRows(tx, 'cases', COLUMNS, cases)
}

const COLUMNS = {
  id: 'text',
  subject: 'text',
  status: 'text',
  handset: 'text',
  userId: 'text',
  personKey: 'text',
  phoneRaw: 'text',
  phoneE164: 'text',
  phoneDisplay: 'text',
  assigneeId: 'text',
  externalId: 'text',
  version: 'integer',
  touchedAt: 'timestamptz',
  statusSetAt: 'timestamptz',
  claimedAt: 'timestamptz',
  waitingSince: 'timestamptz',
  lastMissedAt: 'timestamptz',
  missedCalls: 'integer',
  withdrawnTo: 'text',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
  closedAt: 'timestamptz',
} as const
