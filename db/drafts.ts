import { type Db, isAnyOf } from './database.ts'

/** What an agent typed on a call, and when it was saved. */
export interface KeptDraft {
  readonly callId: string
  readonly subject: string
  readonly essence: string
  readonly updatedAt: Date
  readonly updatedBy: string | null
}

export async function saveDraft(tx: Db, draft: KeptDraft): Promise<void> {
  const { callId: _, ...changes } = draft
  await tx
    .insertInto('drafts')
    .values(draft)
    .onConflict((conflict) => conflict.column('callId').doUpdateSet(changes))
    .execute()
}

export async function loadDrafts(db: Db, callIds: readonly string[]): Promise<KeptDraft[]> {
  if (callIds.length === 0) return []
  return db.selectFrom('drafts').selectAll().where(isAnyOf('callId', callIds)).execute()
}

export async function deleteDraft(tx: Db, callId: string): Promise<void> {
  await tx.deleteFrom('drafts').where('callId', '=', callId).execute()
}

/** The agent closed the pop-up of this call, on every page. */
export async function dismiss(tx: Db, callId: string, agentId: string): Promise<boolean> {
  const done = await tx
    .insertInto('dismissals')
    .values({ callId, agentId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(done.numInsertedOrUpdatedRows ?? 0) > 0
}

/** Who closed the pop-ups of these calls. */
export function listDismissals(
  db: Db,
  callIds: readonly string[],
): Promise<{ callId: string; agentId: string }[]> {
  return db
    .selectFrom('dismissals')
    .select(['callId', 'agentId'])
    .where(isAnyOf('callId', callIds))
    .execute()
}
