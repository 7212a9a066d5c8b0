/** Whose the phones of a PBX are, as an admin sorts them. Pure. */
import type { Agent, Assignment, Endpoint } from './contract.ts'
import { suggestAgent } from './suggest.ts'

export interface Row extends Assignment {
  /** What the PBX tells of it; null: it does not know it, or is not asked. */
  readonly endpoint: Endpoint | null
  readonly suggested: Agent | null
}
/** Changed, not saved: null is taken off the list. */
export type Edits = ReadonlyMap<string, Assignment | null>

/** Everything that is assigned, everything that the PBX knows, and what was added here, by number. */
export function rowsOf(
  stored: readonly Assignment[],
  endpoints: readonly Endpoint[],
  edits: Edits,
  agents: readonly Agent[],
): readonly Row[] {
  const found = new Map<string, Assignment>()
  for (const { extension } of endpoints) found.set(extension, free(extension))
  for (const one of stored) found.set(one.extension, { ...one, canAnswer: one.canAnswer ?? false })
  const known = new Map(endpoints.map((one) => [one.extension, one]))
  for (const [extension, edit] of edits) {
    if (edit !== null) found.set(extension, edit)
    else if (known.has(extension)) found.set(extension, free(extension))
    else found.delete(extension)
  }
  return [...found.values()]
    .map((one) => ({
      ...one,
      endpoint: known.get(one.extension) ?? null,
      suggested: one.agentId === null ? suggestAgent(one.extension, agents) : null,
    }))
    .sort((a, b) => a.extension.localeCompare(b.extension, 'en', { numeric: true }))
}

const free = (extension: string): Assignment => ({ extension, agentId: null, canAnswer: false })

/** The whole list as it is to be: what was on it or has been given to somebody. */
export function itemsOf(rows: readonly Row[], stored: readonly Assignment[]): Assignment[] {
  const listed = new Set(stored.map(({ extension }) => extension))
  return rows
    .filter(({ extension, agentId, endpoint }) => {
      return agentId !== null || listed.has(extension) || endpoint === null
    })
    .map(({ extension, agentId, canAnswer }) => ({ extension, agentId, canAnswer }))
}

/** As in the server's contract. */
export function isExtension(text: string): boolean {
  return text.length <= 40 && /^[^\s/@,;&|]+$/.test(text)
}
