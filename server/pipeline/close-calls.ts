import { insertCallEvents } from '../../db/call-events.ts'
import { callsToClose } from '../../db/calls.ts'
import type { Call } from '../calls/call.ts'
import type { NewEvent } from '../sources/new-event.ts'
import type { PipelineDeps } from './deps.ts'

/** Says of calls that nothing was heard of for too long that they are over (CALL-12). */
export async function closeSilentCalls(deps: PipelineDeps): Promise<number> {
  const now = deps.clock()
  const silent = await callsToClose(deps.database.db, now, 100)
  await insertCallEvents(
    deps.database.db,
    silent.map((call) => closedEvent(call, null, now)),
  )
  return silent.length
}

/** An agent says that the call is over. */
export async function closeCall(
  deps: PipelineDeps,
  call: Call,
  agentId: string | null,
): Promise<void> {
  await insertCallEvents(deps.database.db, [closedEvent(call, agentId, deps.clock())])
}

/** The receipt is of this call and time: several processes that notice it make one event. */
function closedEvent(call: Call, agentId: string | null, now: Date): NewEvent {
  const second = Math.floor(now.getTime() / 1000)
  return {
    receipt: `closed ${call.id} ${second}`,
    event: {
      type: 'closed',
      source: 'ringside',
      connectionId: call.connectionId,
      uniqueId: call.uniqueId,
      at: now,
      atKnown: true,
      arrivedAt: now,
      order: 0,
      extra: {},
      agentId,
    },
    raw: {},
  }
}
