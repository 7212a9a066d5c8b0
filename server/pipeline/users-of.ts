import type { WorkingSet } from '../../db/working/working-set.ts'
import type { Call } from '../calls/call.ts'
import { isExtension } from './agents-named.ts'

/** Whom a call's number means now: the one user who has it, or all that do (CALL-16). */
export async function usersOf(
  work: WorkingSet,
  { connectionId, personKey }: Pick<Call, 'connectionId' | 'personKey'>,
): Promise<Pick<Call, 'userId' | 'candidateUserIds'>> {
  const users =
    // Extensions are never users.
    personKey === null || (await isExtension(work, connectionId, personKey))
      ? []
      : ((await work.holders.find(personKey)) ?? [])
  const [only] = users
  if (only !== undefined && users.length === 1) return { userId: only, candidateUserIds: [] }
  return { userId: null, candidateUserIds: users }
}
