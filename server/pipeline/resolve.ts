import { callsByUniqueId, ringingCalls } from '../../db/calls.ts'
import type { Db } from '../../db/database.ts'
import type { CallEvent } from '../calls/call.ts'
import { personKey, toPhone } from '../calls/phone.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Which call an event belongs to. */
export type Resolution =
  | { readonly to: 'call'; readonly callId: string; readonly note: string | null }
  | { readonly to: 'new'; readonly note: string | null }
  /** A recording of a call that is not known: kept until the call shows up (CALL-8). */
  | { readonly to: 'nothing'; readonly note: string }

/**
 * The key of a call is connection, unique id and a window of time: the id comes again after a
 * restart of the PBX. An id more than 24 h away from what is known of it is another call (CALL-12).
 */
export async function resolve(tx: Db, event: CallEvent, country: string): Promise<Resolution> {
  const known = await callsByUniqueId(tx, event.connectionId, event.uniqueId)
  const newest = known.at(-1)
  if (event.type === 'closed') return { to: 'call', callId: event.callId, note: null }
  if (event.type === 'recorded') {
    if (newest !== undefined) return { to: 'call', callId: newest.id, note: null }
    return { to: 'nothing', note: `no call has the unique id ${event.uniqueId} yet` }
  }
  const at = event.at.getTime()
  const inWindow = known.filter(
    (call) =>
      at >= call.firstEventAt.getTime() - DAY_MS && at <= call.lastEventAt.getTime() + DAY_MS,
  )
  const own = inWindow.at(-1)
  if (own !== undefined) return { to: 'call', callId: own.id, note: null }
  return event.source === 'webhook' ? joinByCaller(tx, event, country) : { to: 'new', note: null }
}

/**
 * Some dialplans send the called leg's id with the answer or the end: it joins the one ringing call
 * from the same number whose ringing set holds the extension (CALL-3).
 */
async function joinByCaller(tx: Db, event: CallEvent, country: string): Promise<Resolution> {
  if (event.type !== 'answered' && event.type !== 'ended') return { to: 'new', note: null }
  if (event.direction !== 'incoming') return { to: 'new', note: null }
  const extension = event.type === 'answered' ? event.extension : event.to
  if (extension === null || extension === '') return { to: 'new', note: null }
  const caller = personKey(toPhone(event.from, country))
  const ringing = await ringingCalls(tx, {
    connectionId: event.connectionId,
    personKey: caller,
    extension,
  })
  const [only] = ringing
  if (only !== undefined && ringing.length === 1) return { to: 'call', callId: only, note: null }
  const found = ringing.length === 0 ? 'no ringing call' : 'several ringing calls'
  const who = event.from === '' ? 'an anonymous number' : event.from
  return {
    to: 'new',
    note: `unique_id ${event.uniqueId} is of no call, and ${found} from ${who} rings ${extension}`,
  }
}
