import { noteSeen } from '../../db/connection-seen.ts'
import type { CallEvent } from '../calls/call.ts'
import type { Alias } from '../setup/connection.ts'
import type { Unit } from './unit.ts'

/** Which events of the dialplan have been received so far (ADMIN-3). */
export async function noteAlias(unit: Unit, event: CallEvent): Promise<void> {
  const alias = aliasOf(event)
  if (alias === null) return
  await noteSeen(unit.tx, { connectionId: event.connectionId, alias, firstAt: unit.now })
}

/** By what name a dialplan sends such an event (CALL-4). */
function aliasOf(event: CallEvent): Alias | null {
  if (event.source !== 'webhook') return null
  const isIncoming = 'direction' in event && event.direction === 'incoming'
  switch (event.type) {
    case 'started':
      return isIncoming ? 'incoming_start' : 'outgoing_start'
    case 'ringing':
      return event.queue === null ? 'incoming_ring' : 'incoming_queue'
    case 'answered':
      return isIncoming ? 'incoming_answer' : 'outgoing_answer'
    case 'ended':
      return isIncoming ? 'incoming_end' : 'outgoing_end'
    case 'recorded':
      return 'record'
    default:
      return null
  }
}
