import { listAgentsById } from '../../db/agents.ts'
import { listExistingKeys } from '../../db/api-keys.ts'
import type { Db } from '../../db/database.ts'
import { type Identity, isBelow, type Role } from './access.ts'

/** The id that `ADMIN_API_KEY` goes by: it is no row, and ends with the process only. */
export const ENVIRONMENT_KEY = 'environment'

/** What this process believes of roles and keys, by which it notices what another one takes away. */
export interface KnownRights {
  /** Whether the role is a lower one than was known before. */
  note(identity: Identity): boolean
  /** The agents whose role is lower by now, and the keys that are gone: each once. Throws when the database is away. */
  takeLost(): Promise<string[]>
}

export function createKnownRights(db: Db): KnownRights {
  const roles = new Map<string, Role>()
  const keys = new Set<string>()
  const noteRole = (agentId: string, role: Role): boolean => {
    const before = roles.get(agentId)
    roles.set(agentId, role)
    return before !== undefined && isBelow(role, before)
  }
  return {
    note(identity) {
      if (identity.kind === 'agent') return noteRole(identity.agentId, identity.role)
      if (identity.keyId !== ENVIRONMENT_KEY) keys.add(identity.keyId)
      return false
    },
    async takeLost() {
      // Nobody can lose the role of an agent: most are not asked for.
      const above = [...roles].flatMap(([id, role]) => (role === 'agent' ? [] : [id]))
      const asked = [...keys]
      const agents = await listAgentsById(db, above)
      const existing = await listExistingKeys(db, asked)
      const lowered = [...agents.values()].filter(({ id, role }) => noteRole(id, role))
      const deleted = asked.filter((id) => !existing.has(id))
      for (const id of deleted) keys.delete(id)
      return [...lowered.map(({ id }) => id), ...deleted]
    },
  }
}
