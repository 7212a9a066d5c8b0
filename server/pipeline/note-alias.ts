import type { CallEvent } from '../calls/call.ts'
import type { Alias } from '../setup/connection.ts'
import { flowsOf } from './call-flows.ts'
import type { Unit } from './unit.ts'

/**
 * Which events of the dialplan have been received so far, anywhere and in which of the call flows
 * (ADMIN-3). `call`: all events of its call, where it has one.
 */
export function noteAlias(unit: Unit, event: CallEvent, call: readonly CallEvent[] = []): void {
  const alias = aliasOf(event)
  if (alias === null) return
  const inCall = call.map(aliasOf).filter((each) => each !== null)
  const seen = [{ flow: 'any', alias }, ...flowsOf(inCall)]
  const { connectionId } = event
  for (const each of seen) {
    const key = `${connectionId} ${each.flow} ${each.alias}`
    if (unit.seenBefore.has(key) || unit.seen.has(key)) continue
    unit.seen.add(key)
    unit.work.news.seen.push({ connectionId, ...each, firstAt: unit.now })
  }
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
