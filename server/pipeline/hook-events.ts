import type { HookEvent, OutboxEntry } from '../../db/outbox.ts'
import type { Call } from '../calls/call.ts'

/**
 * What a change of a call is for receivers of webhooks. An end is told again where something late
 * changed what became of the call (CALL-11).
 */
export function callEvents(before: Call | null, after: Call): HookEvent[] {
  const events: HookEvent[] = []
  if (before === null) events.push('call.started')
  if (after.answeredAt !== null && (before?.answeredAt ?? null) === null) {
    events.push('call.answered')
  }
  const isOverNow = after.endedAt !== null && (before?.endedAt ?? null) === null
  const becameOther = after.endedAt !== null && before?.outcome !== after.outcome
  if (isOverNow || becameOther) events.push('call.ended')
  return events
}

/** What browsers are not to hear, but receivers of webhooks are. */
export function forHooksOnly(told: readonly OutboxEntry[]): OutboxEntry[] {
  return told
    .filter(({ events = [] }) => events.length > 0)
    .map((entry) => ({ ...entry, type: 'hook', audience: [] }))
}
