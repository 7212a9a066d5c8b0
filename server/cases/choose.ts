import { type FoldedCall, isAnswered, isEnded } from '../calls/call.ts'
import type { CaseCommand, CaseFacts, Facts, OwnCase, Refusal } from './case.ts'
import { correct, reopen, settle, takeConversation } from './decide.ts'
import { defaultSubject } from './place.ts'

/** What an agent asks for when creating a case from a call or fixing the call in an earlier one. */
export interface Choice {
  readonly agentId: string | null
  readonly subject?: string
  readonly essence?: string
}

export type Decision = { readonly commands: readonly CaseCommand[] } | Refusal

/** CASE-1, and after the end CASE-19: a case of its own for the call. */
export function decideCreate(call: FoldedCall, facts: Facts, choice: Choice): Decision {
  const refusal = refuse(call, facts)
  if (refusal !== null) return refusal
  const { own } = facts
  const subject = choice.subject?.trim() || facts.draft?.subject.trim() || defaultSubject(call)
  const text = choice.essence ?? facts.draft?.essence ?? ''
  const assigneeId = choice.agentId ?? own?.assigneeId ?? call.agentId
  if (own !== null && own.otherMessages === 0) {
    const changes = { subject, assigneeId, status: 'pending' } as const
    return {
      commands: [
        { type: 'rewriteMessage', rule: 'CASE-19', text, origin: 'created' },
        { type: 'changeCase', rule: 'CASE-19', caseId: own.id, changes },
      ],
    }
  }
  const rule = own === null ? 'CASE-1' : 'CASE-19'
  const status = own === null ? 'open' : 'pending'
  const handset = 'green'
  return {
    commands: [
      {
        type: 'openCase',
        rule,
        case: { subject, status, handset, assigneeId },
        text,
        origin: 'created',
      },
      ...(isAnswered(call) ? settle(call, facts, null) : []),
    ],
  }
}

/** CASE-2, and after the end CASE-19: the call goes into an earlier case of the same person. */
export function decideFix(
  call: FoldedCall,
  target: CaseFacts,
  facts: Facts,
  choice: Choice,
): Decision {
  const refusal = refuse(call, facts)
  if (refusal !== null) return refusal
  const { own } = facts
  const text = choice.essence ?? facts.draft?.essence ?? ''
  const rule = own === null ? 'CASE-2' : 'CASE-19'
  const commands: CaseCommand[] = []
  if (own?.id === target.id) {
    commands.push({ type: 'rewriteMessage', rule, text, origin: 'fixed' })
  } else {
    commands.push({ type: 'putCall', rule, caseId: target.id, text, origin: 'fixed' })
    if (own !== null) commands.push(...leave(own))
  }
  if (target.assigneeId === null && choice.agentId !== null) {
    const changes = { assigneeId: choice.agentId }
    commands.push({ type: 'changeCase', rule: 'CASE-2', caseId: target.id, changes })
  }
  if (isAnswered(call)) {
    commands.push(...takeConversation(call, target, facts), ...reopen(target))
    if (isEnded(call)) {
      const changes = { status: 'pending' } as const
      commands.push({ type: 'changeCase', rule: 'CASE-5', caseId: target.id, changes })
    }
  }
  return { commands }
}

/** CASE-3: until 60 s after the end a draft still updates the automatic case. */
export function decideLateDraft(call: FoldedCall, facts: Facts): Decision {
  const { own } = facts
  // A call that went on after its time had run out is one that goes on.
  if (own === null || call.endedAt === null) return { commands: [] }
  if (own.origin !== 'auto' || isTouchedSince(own)) return inCase(own)
  if (facts.now.getTime() - call.endedAt.getTime() > 60_000) {
    return {
      refusal: 'call-ended',
      detail: 'the call ended more than 60 seconds ago, and its case has been made',
      caseId: own.id,
    }
  }
  // What was missed since the end is no matter of this call.
  const openMissed = facts.openMissed.filter((each) => each.id === own.id)
  return { commands: correct(call, { ...own, touchedAt: null }, { ...facts, openMissed }) }
}

function refuse(call: FoldedCall, facts: Facts): Refusal | null {
  if (call.direction === 'internal' && !facts.internalCalls) {
    return { refusal: 'internal-call', detail: 'internal calls get no case', caseId: null }
  }
  if (call.direction === 'incoming' && !isAnswered(call)) {
    const detail = 'nobody has answered this call'
    return { refusal: 'not-answered', detail, caseId: facts.own?.id ?? null }
  }
  const { own } = facts
  return own !== null && (own.origin !== 'auto' || isTouchedSince(own)) ? inCase(own) : null
}

function inCase(own: OwnCase): Refusal {
  return { refusal: 'already-in-case', detail: 'the call is in a case already', caseId: own.id }
}

function isTouchedSince(own: OwnCase): boolean {
  return own.touchedAt !== null && own.touchedAt > own.messageAt
}

/** The message has left its automatic case: alone it took the case with it. */
function leave(own: OwnCase): readonly CaseCommand[] {
  return own.otherMessages === 0 ? [{ type: 'withdrawCase', rule: 'CASE-19', caseId: own.id }] : []
}
