import { isDeepStrictEqual } from 'node:util'
import type { Db } from '../../db/database.ts'
import { newId } from '../../db/new-id.ts'
import {
  loadUsersByExternalId,
  lockExternalIds,
  lockUsers,
  saveUsers,
  type User,
  type UserFacts,
} from '../../db/users.ts'
import type { FieldError } from '../errors.ts'
import { changeUser, type UserChange, type UserRules } from './user-edit.ts'

/** What became of one line, in the order of the lines. */
export type SavedUser =
  | { readonly result: 'created' | 'updated' | 'unchanged'; readonly user: User }
  | { readonly result: 'failed'; readonly errors: readonly FieldError[] }

export type NamedChange = UserChange & { readonly externalId: string }

/** Creates or updates users by their external ids; later changes of one user build on earlier ones. */
export async function saveByExternalId(
  tx: Db,
  changes: readonly NamedChange[],
  rules: UserRules,
  now: Date,
): Promise<SavedUser[]> {
  const externalIds = [...new Set(changes.map(({ externalId }) => externalId))]
  await lockExternalIds(tx, externalIds)
  const known = await loadUsersByExternalId(tx, externalIds)
  const planned = applyChanges(known, changes, rules, now)
  await lockUsers(tx, [...known.values(), ...planned.changed])
  // A call may have added a number before the locks: what was read before them is read again.
  const { saved, changed } = applyChanges(
    await loadUsersByExternalId(tx, externalIds),
    changes,
    rules,
    now,
  )
  await saveUsers(tx, changed)
  return saved
}

function applyChanges(
  known: ReadonlyMap<string, User>,
  changes: readonly NamedChange[],
  rules: UserRules,
  now: Date,
): { readonly saved: SavedUser[]; readonly changed: User[] } {
  const users = new Map(known)
  const saved = changes.map((change): SavedUser => {
    const current = users.get(change.externalId)
    const result = changeUser(current ?? null, change, rules)
    if ('errors' in result) return { result: 'failed', errors: result.errors }
    if (current !== undefined && isSame(current, result.facts)) {
      return { result: 'unchanged', user: current }
    }
    const user = withFacts(current, result.facts, now)
    users.set(change.externalId, user)
    return { result: current === undefined ? 'created' : 'updated', user }
  })
  const changed = [...users.values()].filter((user) => known.get(String(user.externalId)) !== user)
  return { saved, changed }
}

/** A user with new facts; a new one where there was none. */
export function withFacts(current: User | undefined, facts: UserFacts, now: Date): User {
  return {
    ...facts,
    id: current?.id ?? newId(),
    createdAt: current?.createdAt ?? now,
    updatedAt: now,
  }
}

function isSame(user: User, facts: UserFacts): boolean {
  const { id: _id, createdAt: _made, updatedAt: _changed, ...known } = user
  return isDeepStrictEqual(known, { ...facts })
}
