import type { NewEvent } from '../sources/new-event.ts'

/**
 * While the PBX itself tells who rings, a webhook's list makes no legs: a paused member of a queue is
 * listed and does not ring (CALL-1).
 */
export function withoutRingingSets(
  events: readonly NewEvent[],
  tellsWhoRings: (connectionId: string) => boolean,
): readonly NewEvent[] {
  return events.map((each) =>
    each.event.type === 'ringing' &&
    each.event.source === 'webhook' &&
    tellsWhoRings(each.event.connectionId)
      ? { ...each, event: { ...each.event, makesLegs: false } }
      : each,
  )
}
