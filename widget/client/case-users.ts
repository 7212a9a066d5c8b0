/** The people in the rows of a list of cases: many are read in one question, and only those shown are kept. */
import type { CaseSummaryView, UserView } from '../../server/http/schemas.ts'
import type { Client } from './client.ts'

export interface CaseUsers {
  readonly of: (id: string | null) => UserView | undefined
  /** Reads those of these cases that are not known yet. */
  readonly need: (shown: readonly CaseSummaryView[]) => Promise<void>
  /** Takes in a change of somebody who is shown. */
  readonly hear: (user: UserView) => void
}

const MOST_AT_ONCE = 200
/** A list that is open all day meets many more than it shows. */
const MOST = 2000

/** Creates what a list knows of people; `changed` is called when it knows more. */
export function createCaseUsers(client: Client, changed: () => void): CaseUsers {
  const users = new Map<string, UserView>()
  const asked = new Set<string>()

  function forget(shown: ReadonlySet<string>): void {
    if (asked.size <= MOST) return
    for (const id of asked) {
      if (shown.has(id)) continue
      asked.delete(id)
      users.delete(id)
    }
  }

  async function read(ids: readonly string[]): Promise<void> {
    try {
      const path = `/api/users?ids=${ids.join(',')}`
      const { items } = await client.api.get<{ items: readonly UserView[] }>(path)
      for (const user of items) users.set(user.id, user)
      changed()
    } catch {
      // The numbers stand there instead; the next page asks again.
      for (const id of ids) asked.delete(id)
    }
  }

  return {
    of: (id) => (id === null ? undefined : (users.get(id) ?? client.state.users.get(id))),
    async need(shown) {
      const ids = new Set(shown.flatMap(({ userId }) => userId ?? []))
      forget(ids)
      const unknown: string[] = []
      for (const id of ids) {
        if (asked.has(id)) continue
        asked.add(id)
        const known = client.state.users.get(id)
        if (known === undefined) unknown.push(id)
        else users.set(id, known)
      }
      for (let start = 0; start < unknown.length; start += MOST_AT_ONCE) {
        await read(unknown.slice(start, start + MOST_AT_ONCE))
      }
    },
    hear(user) {
      if (!users.has(user.id)) return
      users.set(user.id, user)
      changed()
    },
  }
}
