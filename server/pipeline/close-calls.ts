import { insertCallEvents } from '../../db/call-events.ts'
import { lastArrivals } from '../../db/call-journal.ts'
import { callsToClose, loadCalls } from '../../db/calls.ts'
import { loadOpenCalls } from '../../db/open-calls.ts'
import type { Call } from '../calls/call.ts'
import type { NewEvent } from '../sources/new-event.ts'
import type { PipelineDeps } from './deps.ts'

/** Says of calls that nothing was heard of for too long that they are over (CALL-12). */
export async function closeSilentCalls(deps: PipelineDeps): Promise<number> {
  const { db } = deps.database
  const now = deps.clock()
  const silent = await callsToClose(db, now, 100)
  const heardAt = await lastArrivals(
    db,
    silent.map((call) => call.id),
  )
  await insertCallEvents(
    db,
    silent.map((call) => closedEvent(call, null, { at: heardAt.get(call.id) ?? now, now })),
  )
  return silent.length
}

/** So long nothing must have been heard of a call before a PBX without its channels means its end. */
const QUIET_MS = 10_000

/**
 * Says of the calls that the PBX has no channel of (any more) that they are over (CALL-12).
 * `liveIds`: everything that it has; `askedAt`: when it was asked, so that what began since is kept.
 */
export async function closeGoneCalls(
  deps: PipelineDeps,
  gone: { connectionId: string; liveIds: ReadonlySet<string>; askedAt: Date },
): Promise<number> {
  const { db } = deps.database
  const now = deps.clock()
  const quietSince = new Date(gone.askedAt.getTime() - QUIET_MS)
  const over = (await loadOpenCalls(db, gone.connectionId)).filter(
    ({ ids, isOfCti, lastArrivedAt }) =>
      !isOfCti && lastArrivedAt < quietSince && !ids.some((id) => gone.liveIds.has(id)),
  )
  const calls = new Map(
    (
      await loadCalls(
        db,
        over.map(({ callId }) => callId),
      )
    ).map((call) => [call.id, call]),
  )
  const events = over.flatMap(({ callId, lastArrivedAt }) => {
    const call = calls.get(callId)
    return call === undefined ? [] : [closedEvent(call, null, { at: lastArrivedAt, now })]
  })
  await insertCallEvents(
    db,
    events.map((each) => ({ ...each, raw: { reading: 'the PBX has no channel of this call' } })),
  )
  return events.length
}

/** An agent says that the call is over. */
export async function closeCall(
  deps: PipelineDeps,
  call: Call,
  agentId: string | null,
): Promise<void> {
  const now = deps.clock()
  await insertCallEvents(deps.database.db, [closedEvent(call, agentId, { at: now, now })])
}

/**
 * `at` is until when the closing knows of the call: events that were accepted meanwhile, or wait in
 * the spool, are news. The receipt is of the call and that time: several processes that notice the
 * silence, or one that notices it again, make one event.
 */
function closedEvent(call: Call, agentId: string | null, time: { at: Date; now: Date }): NewEvent {
  return {
    receipt: `closed ${call.id} ${time.at.getTime()}`,
    event: {
      type: 'closed',
      callId: call.id,
      source: 'ringside',
      connectionId: call.connectionId,
      uniqueId: call.uniqueId,
      at: time.at,
      atKnown: true,
      arrivedAt: time.now,
      order: 0,
      extra: {},
      agentId,
    },
    raw: {},
  }
}
