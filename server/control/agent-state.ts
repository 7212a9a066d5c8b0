import type { AgentState, PresenceFacts } from '../../db/agent-states.ts'
import { AUTO_PAUSE_REASON } from '../sources/pbx.ts'

/** What colleagues see of an agent (CTL-6). */
export interface AgentPresence {
  readonly state: AgentState
  readonly reason: string | null
  /** When it ends by itself. */
  readonly until: Date | null
}

/** A page that is gone comes back with the next page of the helpdesk: only then the agent is offline. */
export const GONE_MS = 10_000

/**
 * In a conversation counts most, then the time after it, then whether somebody is there, then what
 * they chose, then whether every queue of theirs is paused. A phone that only rings changes nothing:
 * whole queues ring at once.
 */
export function deriveState(
  facts: PresenceFacts,
  options: { readonly now: Date; readonly wrapUpSeconds: number },
): AgentPresence {
  const { now, wrapUpSeconds } = options
  const isInUse = facts.devices.some((device) => device === 'in-use' || device === 'on-hold')
  if (facts.isOnCall || isInUse) return plain('busy')
  if (facts.chosen === 'offline' || !isPresent(facts, now)) return plain('offline')
  const until = wrapUpEnd(facts, wrapUpSeconds)
  if (until !== null && until > now) return { state: 'wrap-up', reason: null, until }
  if (facts.chosen === 'away') return plain('away', facts.chosenReason)
  const { queues } = facts
  if (queues.length > 0 && queues.every(isAway)) {
    return plain('away', queues.find(({ reason }) => reason !== '')?.reason ?? null)
  }
  return plain('free')
}

/** The state at this moment, and since when, as far as colleagues were told. */
export function showPresence(
  facts: PresenceFacts,
  options: { readonly now: Date; readonly wrapUpSeconds: number },
): AgentPresence & { readonly since: Date | null } {
  const presence = deriveState(facts, options)
  return { ...presence, since: presence.state === facts.state ? facts.since : null }
}

/** What the conversation paused it also unpauses: that is nobody's absence. */
function isAway({ paused, reason }: PresenceFacts['queues'][number]): boolean {
  return paused && reason !== AUTO_PAUSE_REASON
}

function plain(state: AgentState, reason: string | null = null): AgentPresence {
  return { state, reason, until: null }
}

/** Who has chosen a state since the conversation needs no more time. */
function wrapUpEnd({ talkEndedAt, chosenAt }: PresenceFacts, seconds: number): Date | null {
  if (talkEndedAt === null || seconds === 0) return null
  if (chosenAt !== null && chosenAt >= talkEndedAt) return null
  return new Date(talkEndedAt.getTime() + seconds * 1000)
}

/** A page is open, or was a moment ago, and the phone, where the PBX tells of it, is connected. */
function isPresent({ hasPage, goneSince, state, devices }: PresenceFacts, now: Date): boolean {
  if (devices.length > 0 && devices.every((device) => device === 'unavailable')) return false
  if (hasPage) return true
  if (state === null || state === 'offline') return false
  return goneSince === null || now.getTime() - goneSince.getTime() < GONE_MS
}
