import { type Database, type Db, inTransaction } from '../../db/database.ts'
import type { ErasureCounts, ErasurePlan } from '../../db/erasures.ts'
import type { Log } from '../log.ts'
import { again } from '../pipeline/again.ts'
import type { RecordingStorage } from '../recordings/storage.ts'

export interface EraseDeps {
  readonly database: Database
  readonly log: Log
  readonly clock: () => Date
  readonly storage: Pick<RecordingStorage, 'remove'>
  /** Everything that was accepted before has been applied; throws where it cannot be just now. */
  readonly applied: () => Promise<void>
  /** Takes lines that nobody could read out of the spool. */
  readonly forgetSpooled: (isOfPerson: (line: string) => boolean) => Promise<void>
  readonly onTold: () => void
}

/** How far it is: every step gives the next, kept in the transaction of what it did. */
export interface Progress {
  readonly plan: ErasurePlan
  readonly counts: ErasureCounts
}

/** Keeps how far it is. */
export type Keep = (tx: Db, progress: Progress) => Promise<void>

/** So many calls or cases in one transaction. */
export const BATCH = 50

/** Does work in one transaction, and keeps in it how far that came. */
export function workAndKeep(
  { database }: EraseDeps,
  keep: Keep,
  work: (tx: Db) => Promise<Progress>,
): Promise<Progress> {
  return again(() =>
    inTransaction(database.db, async (tx) => {
      const next = await work(tx)
      await keep(tx, next)
      return next
    }),
  )
}
