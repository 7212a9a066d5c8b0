import type { CallView, RecordingView } from '../http/schemas.ts'
import type { Call } from './call.ts'

/** A call as the API and the stream show it. */
export function toCallView(
  call: Call,
  more: { readonly caseId: string | null; readonly recordings: readonly RecordingView[] },
): CallView {
  return {
    id: call.id,
    connectionId: call.connectionId,
    uniqueId: call.uniqueId,
    direction: call.direction,
    state: call.state,
    outcome: call.outcome,
    from: call.from,
    to: call.to,
    queue: call.queue,
    startedAt: call.startedAt.toISOString(),
    ringingAt: toIso(call.ringingAt),
    answeredAt: toIso(call.answeredAt),
    endedAt: toIso(call.endedAt),
    ringSeconds: call.ringSeconds,
    talkSeconds: call.talkSeconds,
    holdSeconds: call.holdSeconds,
    agentId: call.agentId,
    legs: call.legs.map((leg) => ({
      ...leg,
      rangAt: toIso(leg.rangAt),
      answeredAt: toIso(leg.answeredAt),
      endedAt: toIso(leg.endedAt),
    })),
    userId: call.userId,
    candidateUserIds: [...call.candidateUserIds],
    caseId: more.caseId,
    recordings: [...more.recordings],
    ...(call.recordingsGone == null ? {} : { recordingsGone: call.recordingsGone }),
    extra: { ...call.extra },
    endNotReported: call.endNotReported,
  }
}

/** The agents whom a call concerns: those it rang, who took it, who dialled it. */
export function agentsOn(call: Pick<Call, 'legs' | 'agentId'>): readonly string[] {
  const agents = [call.agentId, ...call.legs.map((leg) => leg.agentId)]
  return [...new Set(agents.filter((agentId) => agentId !== null))]
}

export function toIso(at: Date | null): string | null {
  return at === null ? null : at.toISOString()
}
