import type { CaseStatus } from '../server/cases/case.ts'
import type { ReportFact } from '../server/cases/report-facts.ts'

/** What of a case reports ask about. */
export interface Reported {
  readonly status: CaseStatus
  readonly assigneeId: string | null
}

/** A case as it is opened; one that is created closed is closed at once. */
export function factsOfOpening(
  { status, assigneeId }: Reported,
  { at, callId }: { readonly at: Date; readonly callId: string },
): readonly ReportFact[] {
  const opened = { kind: 'opened', at, agentId: assigneeId, callId } as const
  if (status !== 'closed') return [opened]
  return [opened, { kind: 'closed', at, agentId: assigneeId, callId: null }]
}

/** A change of a case; only people handle. What nobody closed by hand was its assignee's. */
export function factsOfChange(
  before: Reported,
  after: Reported,
  { at, agentId }: { readonly at: Date; readonly agentId: string | null },
): readonly ReportFact[] {
  const { status, assigneeId } = after
  const facts: ReportFact[] = []
  const add = (kind: ReportFact['kind'], whose: string | null): void => {
    facts.push({ kind, at, agentId: whose, callId: null })
  }
  if (agentId !== null) add('handled', agentId)
  if (assigneeId !== before.assigneeId) add('assigned', assigneeId)
  if (status !== before.status && before.status === 'closed') add('reopened', assigneeId)
  if (status !== before.status && status === 'closed') add('closed', agentId ?? assigneeId)
  return facts
}
