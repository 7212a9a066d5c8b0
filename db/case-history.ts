import { sql } from 'kysely'
import type { Db } from './database.ts'
import { rowsAs } from './table-rows.ts'

/** Who changed what in a case, and when: a person, or a rule by its id. */
export interface HistoryRow {
  readonly caseId: string
  readonly at: Date
  readonly agentId: string | null
  readonly kind: string
  readonly from: unknown
  readonly to: unknown
  readonly rule: string | null
}

/** Writes what changed in cases, in the order in which it did. */
export async function appendHistory(tx: Db, rows: readonly HistoryRow[]): Promise<void> {
  if (rows.length === 0) return
  // What is not there is kept as JSON's null.
  await sql`
    insert into case_history (case_id, at, agent_id, kind, "from", "to", rule)
    select case_id, at, agent_id, kind, coalesce("from", 'null'), coalesce("to", 'null'), rule
    from ${rowsAs('new', COLUMNS, rows)}
  `.execute(tx)
}

const COLUMNS = {
  caseId: 'text',
  at: 'timestamptz',
  agentId: 'text',
  kind: 'text',
  from: 'jsonb',
  to: 'jsonb',
  rule: 'text',
} as const
