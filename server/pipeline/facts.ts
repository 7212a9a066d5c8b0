import {
  caseFactsOf,
  draftOf,
  lastConversationAt,
  openMissedOf,
  ownCaseOf,
} from '../../db/case-facts.ts'
import { keysOfPerson } from '../../db/locks.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import { type Call, isEnded } from '../calls/call.ts'
import type { CaseFacts, Facts } from '../cases/case.ts'

interface Given {
  readonly now: Date
  readonly internalCalls: boolean
}

/** Reads what the rules need to know about a call whose people are locked. */
export async function loadFacts(work: WorkingSet, call: Call, given: Given): Promise<Facts> {
  const openMissed = await openMissedOf(work, call, call.id)
  return {
    ...given,
    draft: await draftOf(work, call.id),
    own: await ownCaseOf(work, call.id),
    openMissed,
    // It matters to those alone.
    lastConversationAt:
      openMissed.length === 0 ? null : await lastConversationAt(work, call, call.id),
  }
}

/** The same after an event: a call that goes on, and is in no case, changes none. */
export async function loadFactsOfEvent(work: WorkingSet, call: Call, given: Given): Promise<Facts> {
  if (isEnded(call) || (await ownCaseOf(work, call.id)) !== null) {
    return loadFacts(work, call, given)
  }
  return { ...given, draft: null, own: null, openMissed: [], lastConversationAt: null }
}

export function loadTarget(
  work: WorkingSet,
  caseId: string,
  call: Call,
): Promise<CaseFacts | null> {
  return caseFactsOf(work, caseId, call.id)
}

export function peopleKeys(calls: readonly Pick<Call, 'personKey' | 'userId'>[]): string[] {
  return calls.flatMap(keysOfPerson)
}
