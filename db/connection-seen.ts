import type { Db } from './database.ts'

/** One kind of event of a connection's dialplan, by its alias, in one of the call flows. */
export interface SeenEvent {
  readonly flow: string
  readonly alias: string
  readonly firstAt: Date
}

/** Which kinds of events a connection's dialplan has sent so far (ADMIN-3). */
export async function noteSeen(
  tx: Db,
  connectionId: string,
  seen: readonly SeenEvent[],
): Promise<void> {
  if (seen.length === 0) return
  await tx
    .insertInto('connectionSeen')
    .values(seen.map((each) => ({ connectionId, ...each })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** What a connection's dialplan has sent so far, flow by flow. */
export function listSeen(db: Db, connectionId: string): Promise<SeenEvent[]> {
  return db
    .selectFrom('connectionSeen')
    .select(['flow', 'alias', 'firstAt'])
    .where('connectionId', '=', connectionId)
    .orderBy('flow')
    .orderBy('alias')
    .execute()
}
