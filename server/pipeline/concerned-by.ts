import { casesOfCalls, loadCall } from '../../db/calls.ts'
import { loadCase } from '../../db/cases.ts'
import type { Db } from '../../db/database.ts'
import { callsToMove, holdersOf, listOnlyAuto } from '../../db/people.ts'
import type { Call } from '../calls/call.ts'
import { peopleKeys } from './facts.ts'
import type { Concerned } from './with-locks.ts'

/** What an agent does with a call: makes a user its caller, puts it into a case, or neither. */
export interface Asked {
  readonly userId?: string | null
  readonly caseId?: string
}

/** The call, those that change with it, and everybody who has the number: they can be merged, or be the caller. */
export async function concernedBy(
  tx: Db,
  callId: string,
  { userId = null, caseId }: Asked,
): Promise<Concerned> {
  const kept = await loadCall(tx, callId)
  if (kept === null) return { callIds: [callId], people: [] }
  const { call } = kept
  const target = caseId === undefined ? null : await loadCase(tx, caseId)
  const holders = call.personKey === null ? [] : await holdersOf(tx, [call.personKey])
  const users = userId === null ? holders : [userId, ...holders]
  const moved = userId === null ? [] : await movedBy(tx, call, userId, holders)
  return {
    callIds: [callId, ...moved],
    people: peopleKeys([
      call,
      ...users.map((each) => ({ personKey: null, userId: each })),
      ...(target === null ? [] : [target]),
    ]),
  }
}

/** USER-4: which calls are the user's as well, once the call is. */
async function movedBy(
  tx: Db,
  call: Call,
  userId: string,
  holders: readonly string[],
): Promise<string[]> {
  const { id, personKey } = call
  if (personKey === null) return []
  return callsToMove(
    tx,
    { userId, personKey },
    {
      caseId: (await casesOfCalls(tx, [id])).get(id) ?? null,
      autoUserIds: await listOnlyAuto(
        tx,
        formerUsers(holders, { before: call.userId, userId }),
        personKey,
      ),
    },
  )
}

/** Whoever may have been made for the number: a call that goes on can have made a user that this one never had. */
export function formerUsers(
  holders: readonly string[],
  { before, userId }: { readonly before: string | null; readonly userId: string },
): string[] {
  const users = new Set(holders)
  if (before !== null) users.add(before)
  users.delete(userId)
  return [...users]
}
