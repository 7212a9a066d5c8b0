import { type Db, toJson } from './database.ts'
import { newId } from './new-id.ts'

/** By what somebody is to be erased: a user, or whoever has a number. */
export type ErasureTarget = { readonly userId: string } | { readonly phone: string }

export interface ErasureCounts {
  readonly users: number
  readonly calls: number
  readonly cases: number
  readonly recordings: number
  /** Places in what is kept of others. */
  readonly texts: number
}

/** How far an erasure is, so that another process can go on with it. */
export interface ErasurePlan {
  readonly target: ErasureTarget
  readonly step: 'people' | 'calls' | 'cases' | 'traces' | 'tell' | 'texts'
  /** Users who go, and numbers that nobody else has. */
  readonly userIds: readonly string[]
  readonly phoneKeys: readonly string[]
  /** Users who stay, and no longer have the number. */
  readonly changedUserIds: readonly string[]
  /** The ways in which the numbers are written, and names and addresses of the people. */
  readonly numbers: readonly string[]
  readonly words: readonly string[]
  readonly callIds: readonly string[]
  readonly caseIds: readonly string[]
  /** How many of the step's calls or cases are done. */
  readonly done: number
}

export interface Erasure {
  readonly id: string
  readonly requestedAt: Date
  readonly finishedAt: Date | null
  readonly plan: ErasurePlan | null
  readonly counts: ErasureCounts
}

/** Nobody takes one for so long: where somebody has, their clock was ahead, and they are gone. */
const NEVER_LONGER_MS = 60 * 60_000
const NO_COUNTS: ErasureCounts = { users: 0, calls: 0, cases: 0, recordings: 0, texts: 0 }

export async function insertErasure(db: Db, target: ErasureTarget, now: Date): Promise<string> {
  const id = newId()
  const plan: ErasurePlan = {
    target,
    step: 'people',
    userIds: [],
    phoneKeys: [],
    changedUserIds: [],
    numbers: [],
    words: [],
    callIds: [],
    caseIds: [],
    done: 0,
  }
  await db
    .insertInto('erasures')
    .values({
      id,
      userId: 'userId' in target ? target.userId : null,
      requestedAt: now,
      plan: toJson(plan),
      counts: toJson(NO_COUNTS),
    })
    .execute()
  return id
}

export async function loadErasure(db: Db, id: string): Promise<Erasure | null> {
  const row = await db.selectFrom('erasures').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toErasure(row)
}

/** The oldest erasure that nobody is at, taken for a while; null where there is none. */
export async function takeErasure(db: Db, now: Date, until: Date): Promise<Erasure | null> {
  const row = await db
    .updateTable('erasures')
    .set({ takenUntil: until })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('erasures')
        .select('id')
        .where('finishedAt', 'is', null)
        .where((each) =>
          each.or([
            each('takenUntil', 'is', null),
            each('takenUntil', '<', now),
            each('takenUntil', '>', new Date(now.getTime() + NEVER_LONGER_MS)),
          ]),
        )
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? null : toErasure(row)
}

/** How far it is now; in the transaction of what was done. */
export async function saveProgress(
  tx: Db,
  id: string,
  progress: { readonly plan: ErasurePlan; readonly counts: ErasureCounts; readonly until: Date },
): Promise<void> {
  const { plan, counts, until } = progress
  await tx
    .updateTable('erasures')
    .set({ plan: toJson(plan), counts: toJson(counts), takenUntil: until })
    .where('id', '=', id)
    .execute()
}

/** Gives it back, to be tried again. */
export async function releaseErasure(db: Db, id: string): Promise<void> {
  await db.updateTable('erasures').set({ takenUntil: null }).where('id', '=', id).execute()
}

/** All of it is gone, and with it what the person was found by. */
export async function finishErasure(
  db: Db,
  id: string,
  counts: ErasureCounts,
  now: Date,
): Promise<void> {
  await db
    .updateTable('erasures')
    .set({ plan: null, counts: toJson(counts), finishedAt: now, takenUntil: null })
    .where('id', '=', id)
    .execute()
}

function toErasure(row: {
  id: string
  requestedAt: Date
  finishedAt: Date | null
  plan: unknown
  counts: unknown
}): Erasure {
  // Only this file writes them.
  return { ...row, plan: row.plan as ErasurePlan | null, counts: row.counts as ErasureCounts }
}
