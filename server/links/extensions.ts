import { EVERY_CONNECTION } from '../../db/agents.ts'
import type { Database } from '../../db/database.ts'
import { listExtensions } from '../../db/extensions.ts'

/** Which extensions of a connection belong to agents, held so that a link never waits for them. */
export interface Extensions {
  of(connectionId: string): ReadonlySet<string>
  read(connectionId: string): Promise<void>
  /** Reads again what was read before. */
  refresh(): Promise<void>
}

const NONE: ReadonlySet<string> = new Set()

export function createExtensions({ db }: Pick<Database, 'db'>): Extensions {
  const known = new Map<string, ReadonlySet<string>>()
  const read = async (id: string): Promise<void> => {
    const rows = [
      ...(await listExtensions(db, id)),
      ...(await listExtensions(db, EVERY_CONNECTION)),
    ]
    known.set(id, new Set(rows.map(({ extension }) => extension)))
  }
  return {
    of: (id) => known.get(id) ?? NONE,
    read,
    refresh: async () => {
      for (const id of known.keys()) await read(id)
    },
  }
}
