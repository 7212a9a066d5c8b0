import { type FoldedCall, isAnswered, isEnded } from '../calls/call.ts'
import type { CaseCommand, CaseFacts, Facts, Handset, OwnCase } from './case.ts'
import { type Placement, place } from './place.ts'

/**
 * What becomes of a call's case when the call changed: `before` is the call as it was last decided
 * on. The rules of page 2; nothing else creates or changes a case because of a call.
 */
export function decide(
  before: FoldedCall | null,
  after: FoldedCall,
  facts: Facts,
): readonly CaseCommand[] {
  if (after.direction === 'internal' && !facts.internalCalls) return []
  const { own } = facts
  if (own === null) {
    return isEnded(after) ? [...putWhere(place(after, facts)), ...settleAtEnd(after, facts)] : []
  }
  if (own.origin !== 'auto') return followChosen(before, after, own, facts)
  return isOtherThanDecided(before, after) ? correct(after, own, facts) : []
}

/** A call in a case that an agent created or chose (CASE-5, CASE-7, CASE-8, CASE-9, CASE-12). */
function followChosen(
  before: FoldedCall | null,
  after: FoldedCall,
  own: OwnCase,
  facts: Facts,
): readonly CaseCommand[] {
  const commands: CaseCommand[] = []
  const wasAnswered = before !== null && isAnswered(before)
  const isStatusFree = !isStatusSetByPerson(own)
  if (isAnswered(after) && !wasAnswered) {
    commands.push(...takeConversation(after, own, facts))
    if (isStatusFree) commands.push(...reopen(own))
  }
  const wasOver = wasAnswered && isEnded(before)
  if (isAnswered(after) && isEnded(after) && !wasOver && isStatusFree) {
    commands.push({
      type: 'changeCase',
      rule: 'CASE-5',
      caseId: own.id,
      changes: { status: 'pending' },
    })
  }
  return commands
}

/** CASE-5: a status that a person set after creating or fixing stays. */
function isStatusSetByPerson(own: OwnCase): boolean {
  return own.statusSetAt !== null && own.chosenAt !== null && own.statusSetAt > own.chosenAt
}

/** An answered call is in this case: it turns green, and the person's others settle. */
export function takeConversation(
  call: FoldedCall,
  own: CaseFacts,
  facts: Facts,
): readonly CaseCommand[] {
  const commands: CaseCommand[] = []
  const handset = handsetWith(call, own)
  if (own.handset !== handset) {
    commands.push({ type: 'changeCase', rule: 'CASE-7', caseId: own.id, changes: { handset } })
  }
  return [...commands, ...settle(call, facts, own.id)]
}

/** CASE-12: a closed case that an answered call is fixed in opens again. */
export function reopen(own: CaseFacts): readonly CaseCommand[] {
  if (own.status !== 'closed') return []
  return [{ type: 'changeCase', rule: 'CASE-12', caseId: own.id, changes: { status: 'open' } }]
}

/**
 * CASE-8: every open missed-call case of the person but the call's own is closed. A call that is
 * corrected late settles nothing that was missed after it.
 */
export function settle(
  call: FoldedCall,
  facts: Facts,
  ownCaseId: string | null,
): readonly CaseCommand[] {
  const until = call.endedAt ?? facts.now
  return facts.openMissed
    .filter((each) => each.id !== ownCaseId)
    .filter((each) => each.lastMissedAt === null || each.lastMissedAt <= until)
    .map((each) => ({
      type: 'changeCase',
      rule: 'CASE-8',
      caseId: each.id,
      changes: { status: 'closed' },
    }))
}

function settleAtEnd(call: FoldedCall, facts: Facts): readonly CaseCommand[] {
  return isAnswered(call) ? settle(call, facts, facts.own?.id ?? null) : []
}

function putWhere(placement: Placement): readonly CaseCommand[] {
  const { rule, text } = placement
  if (placement.to === 'new') {
    return [{ type: 'openCase', rule, case: placement.case, text, origin: 'auto' }]
  }
  const { caseId, changes } = placement
  return [
    { type: 'putCall', rule, caseId, text, origin: 'auto' },
    { type: 'changeCase', rule, caseId, changes },
  ]
}

/** Whether what the automatic decision rested on has changed (CASE-16). */
function isOtherThanDecided(before: FoldedCall | null, after: FoldedCall): boolean {
  if (before === null) return true
  return (
    before.direction !== after.direction ||
    before.personKey !== after.personKey ||
    isAnswered(before) !== isAnswered(after) ||
    isEnded(before) !== isEnded(after) ||
    (isEnded(after) && before.agentId !== after.agentId)
  )
}

/** CASE-16: an automatic decision is made again with what is known now. */
export function correct(after: FoldedCall, own: OwnCase, facts: Facts): readonly CaseCommand[] {
  if (own.touchedAt !== null) return correctHandset(after, own)
  const placement = place(after, facts)
  if (own.otherMessages === 0) return correctAlone(placement, own, settleAtEnd(after, facts))
  if (placement.to === 'existing' && placement.caseId === own.id) {
    return [{ type: 'rewriteMessage', rule: placement.rule, text: placement.text, origin: 'auto' }]
  }
  const left = { ...own, handset: handsetOf(own.otherMissedCalls, own.otherAnsweredCalls) }
  return [
    ...putWhere(placement),
    ...(left.handset === own.handset
      ? []
      : [
          {
            type: 'changeCase',
            rule: 'CASE-16',
            caseId: own.id,
            changes: { handset: left.handset },
          } as const,
        ]),
    ...settleAtEnd(after, { ...facts, own: null }),
  ]
}

function correctAlone(
  placement: Placement,
  own: OwnCase,
  settling: readonly CaseCommand[],
): readonly CaseCommand[] {
  if (placement.to === 'existing' && placement.caseId !== own.id) {
    return [
      ...putWhere(placement),
      { type: 'withdrawCase', rule: 'CASE-16', caseId: own.id },
      ...settling,
    ]
  }
  const { rule, text } = placement
  const changes = placement.to === 'new' ? placement.case : placement.changes
  return [
    { type: 'adoptPerson', rule: 'CASE-16', caseId: own.id },
    { type: 'rewriteMessage', rule, text, origin: 'auto' },
    { type: 'changeCase', rule: 'CASE-16', caseId: own.id, changes, isRemade: true },
    ...settling,
  ]
}

function correctHandset(after: FoldedCall, own: OwnCase): readonly CaseCommand[] {
  const handset = handsetWith(after, own)
  if (handset === own.handset) return []
  return [{ type: 'changeCase', rule: 'CASE-16', caseId: own.id, changes: { handset } }]
}

/** Red from a missed call until an answered call is in the same case. */
export function handsetOf(missedCalls: number, answeredCalls: number): Handset {
  return missedCalls > 0 && answeredCalls === 0 ? 'red' : 'green'
}

function handsetWith(call: FoldedCall, own: CaseFacts): Handset {
  const isMissed = call.direction === 'incoming' && isEnded(call) && !isAnswered(call)
  return handsetOf(
    own.otherMissedCalls + (isMissed ? 1 : 0),
    own.otherAnsweredCalls + (isAnswered(call) ? 1 : 0),
  )
}
