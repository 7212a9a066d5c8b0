import { v7 as newId } from 'uuid'
import { moveEvents } from '../../db/call-journal.ts'
import { loadCallsForUpdate, unnameCall } from '../../db/calls.ts'
import { hasChannel, idsToldBy } from '../../db/merge-calls.ts'
import type { CallEvent } from '../calls/call.ts'
import { isLink } from './join-sources.ts'
import type { Unit } from './unit.ts'

/** The new call that an event turns out to be of, though its id was one of another call's. */
export async function splitIfOwn(
  unit: Unit,
  event: CallEvent,
  callId: string,
): Promise<string | null> {
  const kept = (await loadCallsForUpdate(unit.tx, [callId])).get(callId)
  if (kept === undefined || event.uniqueId === kept.call.uniqueId) return null
  if (isLink(event.source)) return splitTold(unit, event, callId)
  const isOwn = event.type === 'started' || event.type === 'ringing'
  return event.source === 'webhook' && isOwn ? splitJoined(unit, event, callId) : null
}

/**
 * An id that joined another call by its caller turns out to be a call of its own: it takes its
 * events with it.
 */
async function splitJoined(unit: Unit, event: CallEvent, callId: string): Promise<string | null> {
  // The PBX itself says whose it is.
  if (await hasChannel(unit.tx, callId, event.uniqueId)) return null
  const ownId = newId()
  await moveEvents(unit.tx, { from: callId, to: ownId, uniqueId: event.uniqueId })
  await unname(unit, event, callId)
  return ownId
}

/**
 * Another source named the id as one of this call's channels, as it does when a consultation became
 * part of it; this event's source knows this call by another id: what it tells of is a call beside it.
 */
async function splitTold(unit: Unit, event: CallEvent, callId: string): Promise<string | null> {
  const ids = await idsToldBy(unit.tx, callId, event.source)
  if (ids.size === 0 || ids.has(event.uniqueId)) return null
  await unname(unit, event, callId)
  return newId()
}

function unname(unit: Unit, { connectionId, uniqueId }: CallEvent, callId: string): Promise<void> {
  return unnameCall(unit.tx, { connectionId, uniqueId, callId })
}
