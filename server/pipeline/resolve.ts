import { ringingCalls } from '../../db/calls.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import type { Call, CallEvent } from '../calls/call.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import { callsNamed } from './named-calls.ts'

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
export async function resolve(
  work: WorkingSet,
  event: CallEvent,
  country: string,
): Promise<Resolution> {
  const named = await callsNamed(work, event.connectionId, [event.uniqueId])
  const known = named
    .map(({ kept: { call, firstEventAt, lastEventAt } }) => ({
      id: call.id,
      firstEventAt,
      lastEventAt,
    }))
    .sort((a, b) => a.firstEventAt.getTime() - b.firstEventAt.getTime())
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
  return event.source === 'webhook' ? joinByCaller(work, event, country) : { to: 'new', note: null }
}

/**
 * Some dialplans send the called leg's id with the answer or the end: it joins the one ringing call
 * from the same number whose ringing set holds the extension (CALL-3).
 */
async function joinByCaller(
  work: WorkingSet,
  event: CallEvent,
  country: string,
): Promise<Resolution> {
  if (event.type !== 'answered' && event.type !== 'ended') return { to: 'new', note: null }
  if (event.direction !== 'incoming') return { to: 'new', note: null }
  const extension = event.type === 'answered' ? event.extension : event.to
  if (extension === null || extension === '') return { to: 'new', note: null }
  const { connectionId } = event
  const caller = personKey(toPhone(event.from, country))
  const ringing = await ringingFrom(work, { connectionId, personKey: caller, extension })
  const [only] = ringing
  if (only !== undefined && ringing.length === 1) return { to: 'call', callId: only, note: null }
  const found = ringing.length === 0 ? 'no ringing call' : 'several ringing calls'
  const who = event.from === '' ? 'an anonymous number' : event.from
  return {
    to: 'new',
    note: `unique_id ${event.uniqueId} is of no call, and ${found} from ${who} rings ${extension}`,
  }
}

/** Of those that are here, as they are now; of the others, as the database has them. */
async function ringingFrom(
  { tx, calls }: WorkingSet,
  about: { connectionId: string; personKey: string | null; extension: string },
): Promise<string[]> {
  const here = calls.values().map(({ call }) => call)
  const elsewhere = await ringingCalls(
    tx,
    about,
    here.map(({ id }) => id),
  )
  return [...here.filter((call) => rings(call, about)).map(({ id }) => id), ...elsewhere]
}

function rings(
  call: Call,
  about: { connectionId: string; personKey: string | null; extension: string },
): boolean {
  return (
    call.connectionId === about.connectionId &&
    call.endedAt === null &&
    call.answeredAt === null &&
    call.personKey === about.personKey &&
    call.legs.some(({ extension, result }) => {
      return extension === about.extension && result === 'ringing'
    })
  )
}
