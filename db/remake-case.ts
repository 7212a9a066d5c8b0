import type { CaseChanges } from '../server/cases/case.ts'
import { type Author, alter, changeCase, noteFacts, rowOf, writeChanges } from './case-changes.ts'
import { factsOfOpening } from './facts-of-case.ts'
import { removeFactsBut } from './report-facts.ts'
import type { WorkingSet } from './working/working-set.ts'

/**
 * CASE-16: the case becomes what it would be had its call been known so in the first place: opened at the
 * call's end, never closed and opened again. False where nothing is different.
 */
export async function remakeCase(
  work: WorkingSet,
  caseId: string,
  changes: CaseChanges,
  call: { readonly id: string; readonly endedAt: Date | null },
  author: Author,
): Promise<boolean> {
  const before = await rowOf(work, caseId)
  // What a person has touched stays as it was opened.
  if (before.touchedAt !== null) return changeCase(work, caseId, changes, author)
  const isChanged = (await writeChanges(work, caseId, changes, author, 'status')) !== null
  const createdAt = call.endedAt ?? before.createdAt
  const after = await rowOf(work, caseId)
  await alter(work, caseId, {
    createdAt,
    closedAt: after.status === 'closed' ? createdAt : null,
  })
  await work.flush()
  await removeFactsBut(work.tx, caseId, ['handled', 'responded'])
  noteFacts(work, caseId, factsOfOpening(after, { at: createdAt, callId: call.id }), call.id)
  return isChanged || createdAt.getTime() !== before.createdAt.getTime()
}
