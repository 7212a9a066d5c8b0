import { sql } from 'kysely'
import type { CaseChanges } from '../server/cases/case.ts'
import { type Author, changeCase, writeChanges } from './case-changes.ts'
import type { Db } from './database.ts'
import { factsOfOpening } from './facts-of-case.ts'
import { addFacts } from './report-facts.ts'

/**
 * CASE-16: the case becomes what it would be had its call been known so in the first place: opened at the
 * call's end, never closed and opened again. False where nothing is different.
 */
export async function remakeCase(
  tx: Db,
  caseId: string,
  changes: CaseChanges,
  call: { readonly id: string; readonly endedAt: Date | null },
  author: Author,
): Promise<boolean> {
  const before = await tx
    .selectFrom('cases')
    .select(['touchedAt', 'createdAt', 'closedAt'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
  // What a person has touched stays as it was opened.
  if (before.touchedAt !== null) return changeCase(tx, caseId, changes, author)
  const isChanged = (await writeChanges(tx, caseId, changes, author, 'status')) !== null
  const createdAt = call.endedAt ?? before.createdAt
  const after = await tx
    .updateTable('cases')
    .set({
      createdAt,
      closedAt: sql`case when status = 'closed' then ${createdAt}::timestamptz end`,
    })
    .where('id', '=', caseId)
    .returning(['status', 'assigneeId'])
    .executeTakeFirstOrThrow()
  await tx
    .deleteFrom('caseFacts')
    .where('caseId', '=', caseId)
    .where('kind', 'not in', ['handled', 'responded'])
    .execute()
  await addFacts(tx, caseId, factsOfOpening(after, { at: createdAt, callId: call.id }), call.id)
  return isChanged || createdAt.getTime() !== before.createdAt.getTime()
}
