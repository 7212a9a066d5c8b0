import type { NewEvent } from '../sources/new-event.ts'

/**
 * While the PBX itself tells who rings, a webhook's list makes no legs: a paused member of a queue is
 * listed and does not ring (CALL-1).
 */
export function withoutRingingSets(
  events: readonly NewEvent[],
  tellsWhoRings: (connectionId: string) => boolean,
): readonly NewEvent[] {
  const isMeant = ({ event }: NewEvent): boolean =>
    event.type === 'ringing' && event.source === 'webhook' && tellsWhoRings(event.connectionId)
  if (!events.some(isMeant)) return events
  return events.map((each) =>
    isMeant(each) ? { ...each, event: { ...each.event, makesLegs: false } } : each,
  )
}
