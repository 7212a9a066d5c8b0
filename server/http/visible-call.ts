import { loadCall } from '../../db/calls.ts'
import type { Db } from '../../db/database.ts'
import type { Call } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import { RingsideError } from '../errors.ts'
import { actorOf, type Identity, onlyOwn } from './access.ts'

/** A call that may not be seen is not there (page 6). */
export async function visibleCall(db: Db, identity: Identity, id: string): Promise<Call> {
  const kept = await loadCall(db, id)
  const own = onlyOwn(actorOf(identity))
  if (kept === null || (own !== null && !agentsOn(kept.call).includes(own))) {
    throw new RingsideError('not-found', `there is no call ${id.slice(0, 100)}`)
  }
  return kept.call
}
