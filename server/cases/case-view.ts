import type { Phone } from '../calls/call.ts'
import { toIso } from '../calls/call-view.ts'
import type { CallView, CaseSummaryView, MessageView } from '../http/schemas.ts'
import type { CaseStatus, Handset } from './case.ts'

/** A case as it is kept. */
export interface Case {
  readonly id: string
  readonly number: number
  readonly subject: string
  readonly status: CaseStatus
  readonly handset: Handset
  readonly userId: string | null
  readonly personKey: string | null
  readonly phone: Phone | null
  readonly assigneeId: string | null
  readonly externalId: string | null
  readonly version: number
  readonly waitingSince: Date | null
  readonly lastMissedAt: Date | null
  readonly missedCalls: number
  readonly claimedAt: Date | null
  readonly withdrawnTo: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly closedAt: Date | null
}

export interface Message {
  readonly id: string
  readonly caseId: string
  readonly kind: 'call' | 'note'
  readonly callId: string | null
  readonly authorId: string | null
  readonly text: string
  readonly createdAt: Date
}

export function toCaseSummary(each: Case): CaseSummaryView {
  return {
    id: each.id,
    number: each.number,
    subject: each.subject,
    status: each.status,
    channel: 'telephony',
    handset: each.handset,
    userId: each.userId,
    phone: each.phone,
    assigneeId: each.assigneeId,
    externalId: each.externalId,
    version: each.version,
    waitingSince: toIso(each.waitingSince),
    lastMissedAt: toIso(each.lastMissedAt),
    missedCalls: each.missedCalls,
    claimedAt: toIso(each.claimedAt),
    createdAt: each.createdAt.toISOString(),
    updatedAt: each.updatedAt.toISOString(),
    closedAt: toIso(each.closedAt),
  }
}

export function toMessageView(message: Message, call: CallView | null): MessageView {
  return {
    id: message.id,
    kind: message.kind,
    authorId: message.authorId,
    text: message.text,
    createdAt: message.createdAt.toISOString(),
    call,
    inProgress: call !== null && call.state !== 'ended',
  }
}
