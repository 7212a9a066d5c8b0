import { type Db, inTransaction } from '../../db/database.ts'
import { lockCalls, lockFreeCalls, lockFreePeople, lockPeople } from '../../db/locks.ts'
import { RingsideError } from '../errors.ts'
import { again } from './again.ts'

/** What a transaction is going to change: calls, and the keys of people. */
export interface Concerned {
  readonly callIds: readonly string[]
  readonly people: readonly string[]
}

/** More calls of a caller than this, one after another in the moment in which they are locked, come from no phone. */
const ROUNDS = 20

/**
 * Does `work` in a transaction that has locked whatever `look` finds, calls before people, as a batch
 * of events does. Throws `unavailable` where what it finds becomes more again and again.
 */
export async function withLocks<T>(
  db: Db,
  look: (tx: Db) => Promise<Concerned>,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const done = await again(() =>
      inTransaction(db, async (tx) =>
        (await lockConcerned(tx, look)) ? { result: await work(tx) } : null,
      ),
    )
    if (done !== null) return done.result
  }
  throw new RingsideError('unavailable', 'new calls of this caller keep coming; try again')
}

/** False where something came in between that somebody else has, who can be waiting for this transaction. */
async function lockConcerned(tx: Db, look: (tx: Db) => Promise<Concerned>): Promise<boolean> {
  const { callIds, people } = await look(tx)
  await lockCalls(tx, callIds)
  await lockPeople(tx, people)
  const locked = new Set([...callIds, ...people])
  for (;;) {
    const now = await look(tx)
    const calls = now.callIds.filter((id) => !locked.has(id))
    const keys = now.people.filter((key) => !locked.has(key))
    if (calls.length === 0 && keys.length === 0) return true
    if (!(await lockFreeCalls(tx, calls)) || !(await lockFreePeople(tx, keys))) return false
    for (const each of [...calls, ...keys]) locked.add(each)
  }
}
