import type { CallEvent, CallState, FoldedCall, Leg, Outcome, Source } from './call.ts'
import { type JoinedFacts, join } from './join.ts'
import { type HeardEvent, hasPbxClock, inOrder } from './order.ts'
import { personKey, toPhone } from './phone.ts'
import { foldSource, type SourceFacts } from './source-facts.ts'

export interface FoldOptions {
  /** The connection's country, for national number formats. */
  readonly country: string
  /** Added to the times of the PBX's clock; fixed at the call's first event (CALL-17). */
  readonly clockShiftMs: number
}

/**
 * A call is a fold over the set of its events: late, doubled and shuffled events come out right by
 * construction (CALL-11). Null where the events tell of no call, such as a recording alone.
 */
export function fold(heard: readonly HeardEvent[], options: FoldOptions): FoldedCall | null {
  const events = heard.map(({ event }) => shift(event, options.clockShiftMs))
  const facts = join(foldSources(events))
  if (facts === null) return null
  const closed = facts.endedAt === null && isClosed(events)
  const endedAt = closed ? facts.lastAt : facts.endedAt
  const ringingAt = facts.ringingAt ?? (facts.direction === 'outgoing' ? facts.startedAt : null)
  const agentOf = agentsIn(heard)
  const legs = facts.legs.map((leg) => toLeg(leg, endedAt, agentOf))
  const from = toPhone(facts.from, options.country)
  const to = toPhone(facts.to, options.country)
  const state = stateOf(facts, ringingAt, endedAt)
  return {
    direction: facts.direction,
    state,
    outcome: state === 'ended' ? outcomeOf(facts) : null,
    from,
    to,
    queue: facts.queue,
    startedAt: facts.startedAt,
    ringingAt,
    answeredAt: facts.answeredAt,
    endedAt,
    ringSeconds: seconds(ringingAt, facts.answeredAt ?? endedAt),
    talkSeconds: closed ? null : seconds(facts.answeredAt, endedAt),
    holdSeconds: facts.holds.reduce((sum, hold) => sum + (seconds(hold.from, hold.to) ?? 0), 0),
    agentId: agentOfCall(facts, legs, agentOf),
    legs,
    endNotReported: closed,
    extra: facts.extra,
    personKey: personKey(facts.direction === 'incoming' ? from : to),
  }
}

function shift(event: CallEvent, clockShiftMs: number): CallEvent {
  if (clockShiftMs === 0 || !hasPbxClock(event)) return event
  return { ...event, at: new Date(event.at.getTime() + clockShiftMs) }
}

function foldSources(events: readonly CallEvent[]): Map<Source, SourceFacts> {
  const bySource = new Map<Source, SourceFacts>()
  for (const [source, own] of Map.groupBy(events, (event) => event.source)) {
    const facts = foldSource(own)
    if (facts !== null) bySource.set(source, facts)
  }
  return bySource
}

/**
 * Closed without an end, and nothing was heard of the call since (CALL-12). The time of a closing is
 * until when it knows: what came in after that, even if it was stored later, says that the call goes on.
 */
function isClosed(events: readonly CallEvent[]): boolean {
  const closings = events.filter((event) => event.type === 'closed')
  if (closings.length === 0) return false
  const closedAt = Math.max(...closings.map((event) => event.at.getTime()))
  return inOrder(
    events.filter((event) => event.type !== 'closed' && event.type !== 'recorded'),
  ).every((event) => event.arrivedAt.getTime() <= closedAt)
}

function agentsIn(heard: readonly HeardEvent[]): (extension: string) => string | null {
  const agents = new Map<string, string | null>()
  for (const { agents: named } of heard) {
    for (const [extension, agentId] of Object.entries(named)) {
      if (agents.get(extension) == null) agents.set(extension, agentId)
    }
  }
  return (extension) => agents.get(extension) ?? null
}

/** What the source of a leg has not heard, another source or the closing of the call tells. */
function toLeg(
  leg: JoinedFacts['legs'][number],
  callEndedAt: Date | null,
  agentOf: (extension: string) => string | null,
): Leg {
  const isOpen = callEndedAt !== null && leg.endedAt === null
  return {
    extension: leg.extension,
    agentId: agentOf(leg.extension),
    rangAt: leg.rangAt,
    answeredAt: leg.answeredAt,
    endedAt: isOpen ? callEndedAt : leg.endedAt,
    result: isOpen && leg.result === 'ringing' ? 'cancelled' : leg.result,
  }
}

function stateOf(facts: JoinedFacts, ringingAt: Date | null, endedAt: Date | null): CallState {
  if (endedAt !== null) return 'ended'
  if (facts.holds.at(-1)?.to === null) return 'held'
  if (facts.answeredAt !== null) return 'answered'
  return ringingAt === null ? 'started' : 'ringing'
}

function outcomeOf(facts: JoinedFacts): Outcome {
  if (facts.answeredAt !== null) return 'answered'
  if (facts.direction === 'incoming') return 'missed'
  return facts.failed ? 'failed' : 'unanswered'
}

/** Between two extensions there is no customer to talk with: the call is of who dialled. */
function agentOfCall(
  { direction, from }: JoinedFacts,
  legs: readonly Leg[],
  agentOf: (extension: string) => string | null,
): string | null {
  const dialler = direction === 'incoming' ? null : agentOf(from)
  const talked = agentWhoTalked(legs)
  return direction === 'internal' ? (dialler ?? talked) : (talked ?? dialler)
}

function agentWhoTalked(legs: readonly Leg[]): string | null {
  const talked = legs.filter((leg) => leg.answeredAt !== null && leg.agentId !== null)
  talked.sort((a, b) => a.answeredAt!.getTime() - b.answeredAt!.getTime())
  return talked.at(-1)?.agentId ?? null
}

/** Whole seconds between two instants; never negative, null where one is not known. */
function seconds(from: Date | null, to: Date | null): number | null {
  if (from === null || to === null) return null
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000))
}
