import type { Db } from '../../db/database.ts'
import { usersWithNumber } from '../../db/people.ts'
import type { Call } from '../calls/call.ts'

/** Whom a call's number means now: the one user who has it, or all that do (CALL-16). */
export async function usersOf(
  tx: Db,
  { connectionId, personKey }: Pick<Call, 'connectionId' | 'personKey'>,
): Promise<Pick<Call, 'userId' | 'candidateUserIds'>> {
  if (personKey === null) return { userId: null, candidateUserIds: [] }
  const users = await usersWithNumber(tx, connectionId, personKey)
  const [only] = users
  if (only !== undefined && users.length === 1) return { userId: only, candidateUserIds: [] }
  return { userId: null, candidateUserIds: users }
}
