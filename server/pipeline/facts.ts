import {
  caseFactsOf,
  draftOf,
  lastConversationAt,
  openMissedOf,
  ownCaseOf,
  type Person,
} from '../../db/case-facts.ts'
import type { Db } from '../../db/database.ts'
import { keysOfPerson } from '../../db/locks.ts'
import type { Call } from '../calls/call.ts'
import type { CaseFacts, Facts } from '../cases/case.ts'

/** Reads what the rules need to know about a call whose people are locked. */
export async function loadFacts(
  tx: Db,
  call: Call,
  given: { now: Date; internalCalls: boolean },
): Promise<Facts> {
  const person: Person = { userId: call.userId, personKey: call.personKey }
  return {
    ...given,
    draft: await draftOf(tx, call.id),
    own: await ownCaseOf(tx, call.id),
    openMissed: await openMissedOf(tx, person, call.id),
    lastConversationAt: await lastConversationAt(tx, person, call.id),
  }
}

export function loadTarget(tx: Db, caseId: string, call: Call): Promise<CaseFacts | null> {
  return caseFactsOf(tx, caseId, call.id)
}

export function peopleKeys(calls: readonly Pick<Call, 'personKey' | 'userId'>[]): string[] {
  return calls.flatMap(keysOfPerson)
}
