import type { Db } from './database.ts'

/** Which kinds of events a connection's dialplan has sent so far, by their alias (ADMIN-3). */
export async function noteSeen(
  tx: Db,
  seen: { connectionId: string; alias: string; firstAt: Date },
): Promise<void> {
  await tx
    .insertInto('connectionSeen')
    .values(seen)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
