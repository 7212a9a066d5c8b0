import { customerOf, type FoldedCall, isAnswered } from '../calls/call.ts'
import {
  type CaseChanges,
  type CaseFacts,
  type Draft,
  type Facts,
  hasText,
  type NewCase,
  type Rule,
} from './case.ts'

/** Where an ended call goes when nobody made or chose a case for it. */
export type Placement =
  | { readonly to: 'new'; readonly rule: Rule; readonly case: NewCase; readonly text: string }
  | {
      readonly to: 'existing'
      readonly rule: Rule
      readonly caseId: string
      readonly text: string
      readonly changes: CaseChanges
    }

/** CASE-4, CASE-6, CASE-10, CASE-11 and CASE-18: a row for each kind of ended call. */
export function place(call: FoldedCall, facts: Facts): Placement {
  const draft = hasText(facts.draft) ? facts.draft : null
  if (call.direction === 'incoming') {
    return isAnswered(call) ? conversation(call, draft, 'open') : missed(call, draft, facts)
  }
  return isAnswered(call) ? conversation(call, draft, 'closed') : unanswered(call, draft, facts)
}

/** The subject of a case that nobody gave one. */
export function defaultSubject(call: FoldedCall): string {
  const words =
    call.direction === 'outgoing'
      ? 'Outgoing call to'
      : call.direction === 'internal'
        ? 'Internal call to'
        : isAnswered(call)
          ? 'Incoming call from'
          : 'Missed call from'
  return `${words} ${call.personKey === null ? 'an anonymous number' : customerOf(call).display}`
}

function conversation(
  call: FoldedCall,
  draft: Draft | null,
  withoutDraft: 'open' | 'closed',
): Placement {
  return {
    to: 'new',
    rule: 'CASE-4',
    case: {
      subject: draft?.subject.trim() || defaultSubject(call),
      status: draft === null ? withoutDraft : 'pending',
      handset: 'green',
      assigneeId: call.agentId,
    },
    text: draft?.essence ?? '',
  }
}

function missed(call: FoldedCall, draft: Draft | null, facts: Facts): Placement {
  const text = draft === null ? '' : wholeText(draft)
  const open = facts.openMissed.find((each) => !talkedSince(each, facts.lastConversationAt))
  if (open !== undefined && call.personKey !== null) {
    const changes: CaseChanges = { status: 'open', handset: 'red' }
    return { to: 'existing', rule: 'CASE-6', caseId: open.id, text, changes }
  }
  const subject = defaultSubject(call)
  const rule = call.personKey === null ? 'CASE-18' : 'CASE-4'
  return {
    to: 'new',
    rule,
    case: { subject, status: 'open', handset: 'red', assigneeId: null },
    text,
  }
}

function unanswered(call: FoldedCall, draft: Draft | null, facts: Facts): Placement {
  const open = facts.openMissed[0]
  if (open !== undefined && call.personKey !== null) {
    const text = draft === null ? '' : wholeText(draft)
    return { to: 'existing', rule: 'CASE-10', caseId: open.id, text, changes: {} }
  }
  return {
    to: 'new',
    rule: 'CASE-4',
    case: {
      subject: draft?.subject.trim() || defaultSubject(call),
      status: draft === null ? 'closed' : 'open',
      handset: 'green',
      assigneeId: call.agentId,
    },
    text: draft?.essence ?? '',
  }
}

/** Where the draft's subject cannot become the case's, it stays readable in the message. */
function wholeText(draft: Draft): string {
  return [draft.subject, draft.essence].filter((part) => part.trim() !== '').join('\n')
}

function talkedSince(missedCase: CaseFacts, lastConversationAt: Date | null): boolean {
  if (lastConversationAt === null || missedCase.lastMissedAt === null) return false
  return lastConversationAt >= missedCase.lastMissedAt
}
