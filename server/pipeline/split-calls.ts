import { moveEvents } from '../../db/call-journal.ts'
import { unnameCall } from '../../db/calls.ts'
import { newId } from '../../db/new-id.ts'
import type { CallEvent } from '../calls/call.ts'
import { isLink } from './join-sources.ts'
import type { Unit } from './unit.ts'

/** The new call that an event turns out to be of, though its id was one of another call's. */
export async function splitIfOwn(
  unit: Unit,
  event: CallEvent,
  callId: string,
): Promise<string | null> {
  const kept = await unit.work.calls.find(callId)
  if (kept === null || event.uniqueId === kept.call.uniqueId) return null
  if (isLink(event.source)) return splitTold(unit, event, callId)
  const isOwn = event.type === 'started' || event.type === 'ringing'
  return event.source === 'webhook' && isOwn ? splitJoined(unit, event, callId) : null
}

/**
 * An id that joined another call by its caller turns out to be a call of its own: it takes its
 * events with it.
 */
async function splitJoined(
  { work }: Unit,
  { connectionId, uniqueId }: CallEvent,
  callId: string,
): Promise<string | null> {
  const told = (await work.journals.find(callId)) ?? []
  // The PBX itself says whose it is.
  if (told.some(({ event }) => event.channelIds?.includes(uniqueId))) return null
  const ownId = newId()
  await work.directly(async (tx) => {
    await moveEvents(tx, { from: callId, to: ownId, uniqueId })
    await unnameCall(tx, { connectionId, uniqueId, callId })
  })
  return ownId
}

/**
 * Another source named the id as one of this call's channels, as it does when a consultation became
 * part of it; this event's source knows this call by another id: what it tells of is a call beside it.
 */
async function splitTold(
  { work }: Unit,
  { connectionId, uniqueId, source }: CallEvent,
  callId: string,
): Promise<string | null> {
  const told = ((await work.journals.find(callId)) ?? []).filter(
    ({ event }) => event.source === source,
  )
  if (told.length === 0 || told.some(({ event }) => event.uniqueId === uniqueId)) return null
  await work.directly((tx) => unnameCall(tx, { connectionId, uniqueId, callId }))
  return newId()
}
