import { type Db, toJson } from './database.ts'

/** Who did what, when, and what came of it. No values: neither secrets nor personal data. */
export interface AuditEntry {
  readonly at: Date
  readonly agentId: string | null
  readonly keyId: string | null
  /** Method and pattern of the route: `PATCH /api/agents/:id`. */
  readonly action: string
  readonly target: Readonly<Record<string, string>>
  /** The names of the fields that the request held. */
  readonly fields: readonly string[]
  readonly status: number
  readonly address: string
}

export interface KeptAuditEntry extends AuditEntry {
  readonly id: number
}

export async function appendAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('auditLog')
    .values({ ...entry, target: toJson(entry.target), fields: toJson(entry.fields) })
    .execute()
}

export interface AuditFilter {
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly agentId?: string | undefined
  /** A part of the action. */
  readonly action?: string | undefined
  /** The last id of the page before. */
  readonly before: number | null
  readonly limit: number
}

/** The audit log, newest first. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<readonly KeptAuditEntry[]> {
  let query = db.selectFrom('auditLog').selectAll()
  if (filter.before !== null) query = query.where('id', '<', filter.before)
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from)
  if (filter.to !== undefined) query = query.where('at', '<', filter.to)
  if (filter.agentId !== undefined) query = query.where('agentId', '=', filter.agentId)
  if (filter.action !== undefined) {
    query = query.where('action', 'like', `%${filter.action.replaceAll(/[\\%_]/g, '\\$&')}%`)
  }
  return query.orderBy('id', 'desc').limit(filter.limit).execute()
}

/** Removes the oldest entries from before an instant, so many at most; gives how many. */
export async function trimAudit(db: Db, before: Date, limit: number): Promise<number> {
  const done = await db
    .deleteFrom('auditLog')
    .where('id', 'in', (eb) =>
      eb.selectFrom('auditLog').select('id').where('at', '<', before).orderBy('id').limit(limit),
    )
    .executeTakeFirst()
  return Number(done.numDeletedRows)
}
