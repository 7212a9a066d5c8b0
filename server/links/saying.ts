import type { Database } from '../../db/database.ts'
import { LINK_SAYS_EVERY_MS, type LinkRow, saveLink } from '../../db/links.ts'
import type { Log } from '../log.ts'
import type { Link } from '../sources/link.ts'

/** Tells the other processes how the links are: at every change, and now and then. */
export interface Saying {
  say(row: LinkRow): void
  close(): Promise<void>
}

export function createSaying(
  { db }: Pick<Database, 'db'>,
  log: Log,
  rows: () => readonly LinkRow[],
): Saying {
  let last: Promise<void> = Promise.resolve()
  const say = (row: LinkRow): void => {
    last = last
      .then(() => saveLink(db, row))
      .catch((error: unknown) => log.debug('links.not-said', { error }))
  }
  const timer = setInterval(() => {
    for (const row of rows()) say(row)
  }, LINK_SAYS_EVERY_MS)
  return {
    say,
    close: async () => {
      clearInterval(timer)
      await last
    },
  }
}

export function toRow(link: Link, connectionId: string, owner: string): LinkRow {
  return {
    ...link.status(),
    connectionId,
    kind: link.kind,
    owner,
    events: link.tellsCalls,
    controls: [...link.controls()],
    endpoints: link.endpoints(),
  }
}
