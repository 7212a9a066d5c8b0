import type { CallEvent } from '../calls/call.ts'
import type { Unit } from './unit.ts'

/** Extensions that ring or dial and belong to nobody (CALL-7). */
export function logUnmapped(
  unit: Unit,
  event: CallEvent,
  agents: Readonly<Record<string, string | null>>,
): void {
  const nobody = Object.keys(agents).filter(
    (extension) => agents[extension] === null && extension !== '',
  )
  if (nobody.length > 0) logUnmatched(unit, event, `${nobody.join(', ')} is mapped to nobody`)
}

/** Keeps for admins what could not be matched, and what to do about it (CALL-7). */
export function logUnmatched(unit: Unit, event: CallEvent, reason: string): void {
  unit.work.news.log.push({
    connectionId: event.connectionId,
    at: unit.now,
    kind: 'unmatched',
    reason,
    hint: hintFor(event),
    source: event.source,
    fields: { unique_id: event.uniqueId, type: event.type },
  })
}

function hintFor(event: CallEvent): string {
  switch (event.type) {
    case 'recorded':
      return 'Send the same unique_id with the recording as with the call; it is attached when the call shows up.'
    case 'ringing':
    case 'started':
      return 'Assign the extension to an agent in the settings of the connection.'
    default:
      return 'Send the unique_id of the first channel of the call, and assign the extension to an agent.'
  }
}
