import type { FoldedCall } from '../calls/call.ts'

/** What happened in a case, as reports count it. */
export interface ReportFact {
  readonly kind: 'opened' | 'reopened' | 'handled' | 'responded' | 'closed' | 'assigned'
  readonly at: Date
  readonly agentId: string | null
  /** The call that opened the case, was answered, or was recorded; null: it was no call. */
  readonly callId: string | null
}

/**
 * What a call means for the case that it is in: who talked handled it, and there was a response.
 * `responded` counts where the conversation has a record, which only the database knows.
 */
export function factsOfCall(call: FoldedCall & { readonly id: string }): readonly ReportFact[] {
  const { id: callId, answeredAt, agentId } = call
  if (answeredAt === null) return []
  const talked = call.legs.flatMap((leg) =>
    leg.agentId === null || leg.answeredAt === null
      ? []
      : [{ agentId: leg.agentId, at: leg.answeredAt }],
  )
  // Whoever dials out has no leg that rang.
  const hasNoLeg = agentId !== null && talked.every((each) => each.agentId !== agentId)
  if (hasNoLeg) talked.push({ agentId, at: answeredAt })
  return [
    ...talked.map((each) => ({ kind: 'handled', callId, ...each }) as const),
    { kind: 'responded', at: answeredAt, agentId, callId },
  ]
}

/** Whether reports count anything of a call otherwise than before. */
export function isReportedOtherwise(before: FoldedCall | null, after: FoldedCall): boolean {
  if (before === null) return true
  const [was, is] = [reported(before), reported(after)]
  return was.length !== is.length || was.some((value, index) => value !== is[index])
}

type Value = string | number | null

/** In an order of its own, instants as numbers. */
function reported(call: FoldedCall): readonly Value[] {
  const { direction, outcome, queue, agentId, legs, startedAt, answeredAt, endedAt } = call
  const { ringSeconds, talkSeconds, holdSeconds, personKey } = call
  const facts: Value[] = [direction, outcome, queue, agentId, personKey]
  facts.push(startedAt.getTime(), answeredAt?.getTime() ?? null, endedAt?.getTime() ?? null)
  if (endedAt !== null) facts.push(ringSeconds, talkSeconds, holdSeconds)
  for (const leg of legs) {
    if (leg.answeredAt !== null) facts.push(leg.agentId, leg.answeredAt.getTime())
  }
  return facts
}
