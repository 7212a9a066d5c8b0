import { loadCallsForUpdate } from '../../db/calls.ts'
import { type Db, inTransaction } from '../../db/database.ts'
import {
  callsOf,
  casesOf,
  dropNumbers,
  emptyCalls,
  emptyCases,
  emptyUsers,
  forgetTold,
  lockCases,
  removeUsers,
  wholeCallsOf,
} from '../../db/erase-person.ts'
import { bumpCases, redactTables } from '../../db/erase-texts.ts'
import type { ErasurePlan } from '../../db/erasures.ts'
import { keysOfPerson, lockPeople } from '../../db/locks.ts'
import { listRecordingsOfCalls } from '../../db/recordings.ts'
import { callsOffering, refreshUserSearch, stopOffering } from '../../db/users.ts'
import { again } from '../pipeline/again.ts'
import { createUnit, tellAll, tellUser } from '../pipeline/unit.ts'
import { type Concerned, withLocks } from '../pipeline/with-locks.ts'
import { peopleMeant } from './erase-people.ts'
import { BATCH, type EraseDeps, type Keep, type Progress, workAndKeep } from './erase-progress.ts'
import { tellOffering, tellPages, tellWholeCase } from './erase-telling.ts'
import { type PersonText, personText } from './person-text.ts'

/** Does a part of the plan; null when all of it is done. */
export async function eraseStep(
  deps: EraseDeps,
  progress: Progress,
  keep: Keep,
): Promise<Progress | null> {
  switch (progress.plan.step) {
    case 'people':
      await deps.applied()
      return findPeople(deps, progress, keep)
    case 'calls':
      return eraseCalls(deps, progress, keep)
    case 'cases':
      return eraseCases(deps, progress, keep)
    case 'traces':
      return eraseTraces(deps, progress, keep)
    case 'tell':
      return tellPages(deps, progress, keep)
    case 'texts':
      return eraseTexts(deps, progress, keep)
  }
}

/** Who goes, and how they are found from now on: their record is empty at once. */
async function findPeople(
  deps: EraseDeps,
  { plan, counts }: Progress,
  keep: Keep,
): Promise<Progress> {
  const { db } = deps.database
  const now = deps.clock()
  const found = await withLocks(
    db,
    (tx) => concernedBy(tx, plan),
    async (tx) => {
      const people = await peopleMeant(tx, plan)
      const { goes, stays, phoneKeys } = people
      const userIds = goes.map(({ id }) => id)
      const offering: string[] = []
      for (const id of userIds) offering.push(...(await stopOffering(tx, id)))
      await emptyUsers(tx, userIds, now)
      const stayIds = stays.map(({ id }) => id)
      await dropNumbers(tx, stayIds, phoneKeys, now)
      for (const id of stayIds) await refreshUserSearch(tx, id)
      const callIds = await callsOf(tx, userIds, phoneKeys)
      const next: Progress = {
        plan: {
          ...plan,
          step: 'calls',
          userIds,
          phoneKeys,
          changedUserIds: stayIds,
          numbers: people.numbers,
          words: people.words,
          callIds,
          caseIds: await casesOf(tx, userIds, phoneKeys),
          done: 0,
        },
        counts: { ...counts, users: userIds.length },
      }
      await keep(tx, next)
      return { next, offering }
    },
  )
  await tellOffering(deps, found.offering)
  return found.next
}

/** Who goes or loses a number, and the calls that offer them. */
async function concernedBy(tx: Db, plan: ErasurePlan): Promise<Concerned> {
  const { goes, stays, phoneKeys } = await peopleMeant(tx, plan)
  const callIds: string[] = []
  for (const { id } of goes) callIds.push(...(await callsOffering(tx, id)))
  return {
    callIds,
    people: [
      ...phoneKeys.flatMap((key) => keysOfPerson({ personKey: key, userId: null })),
      ...[...goes, ...stays].flatMap(({ id }) => keysOfPerson({ personKey: null, userId: id })),
    ],
  }
}

/** The next calls: their files first, so that a row is there as long as its file is. */
async function eraseCalls(deps: EraseDeps, progress: Progress, keep: Keep): Promise<Progress> {
  const { plan, counts } = progress
  const ids = plan.callIds.slice(plan.done, plan.done + BATCH)
  const { db } = deps.database
  if (ids.length === 0)
    return advance(db, { plan: { ...plan, step: 'cases', done: 0 }, counts }, keep)
  const { userIds, phoneKeys } = plan
  const files = await listRecordingsOfCalls(db, await wholeCallsOf(db, ids, userIds, phoneKeys))
  const keys = [...files.values()].flat().map(({ storageKey }) => storageKey)
  for (const key of keys) await deps.storage.remove(key)
  return workAndKeep(deps, keep, async (tx) => {
    const kept = await loadCallsForUpdate(tx, ids)
    await lockPeople(
      tx,
      [...kept.values()].flatMap(({ call }) => keysOfPerson(call)),
    )
    const whole = await wholeCallsOf(tx, ids, userIds, phoneKeys)
    await emptyCalls(tx, ids, whole, phoneKeys, deps.clock())
    return {
      plan: { ...plan, done: plan.done + ids.length },
      counts: {
        ...counts,
        calls: counts.calls + kept.size,
        recordings: counts.recordings + keys.length,
      },
    }
  })
}

async function eraseCases(deps: EraseDeps, progress: Progress, keep: Keep): Promise<Progress> {
  const { plan, counts } = progress
  const ids = plan.caseIds.slice(plan.done, plan.done + BATCH)
  if (ids.length === 0) return dropUsers(deps, progress, keep)
  return workAndKeep(deps, keep, async (tx) => {
    await lockCases(tx, ids)
    await emptyCases(tx, ids)
    return {
      plan: { ...plan, done: plan.done + ids.length },
      counts: { ...counts, cases: counts.cases + ids.length },
    }
  })
}

/** Somebody can have linked a call to the user in between: that one comes first. */
async function dropUsers(
  deps: EraseDeps,
  { plan, counts }: Progress,
  keep: Keep,
): Promise<Progress> {
  return workAndKeep(deps, keep, async (tx) => {
    await lockPeople(
      tx,
      plan.userIds.flatMap((userId) => keysOfPerson({ personKey: null, userId })),
    )
    const isGone = await removeUsers(tx, plan.userIds)
    return isGone
      ? { plan: { ...plan, step: 'traces', done: 0 }, counts }
      : { plan: await withNew(tx, plan), counts }
  })
}

async function withNew(tx: Db, plan: ErasurePlan): Promise<ErasurePlan> {
  const { userIds } = plan
  // Those that are done are found no more.
  const callIds = await callsOf(tx, userIds, [])
  const caseIds = await casesOf(tx, userIds, [])
  return {
    ...plan,
    step: 'calls',
    callIds: [...new Set([...plan.callIds, ...callIds])],
    caseIds: [...new Set([...plan.caseIds, ...caseIds])],
    done: 0,
  }
}

/** What browsers and hooks were told before goes; from here on everything that is told is empty. */
async function eraseTraces(
  deps: EraseDeps,
  { plan, counts }: Progress,
  keep: Keep,
): Promise<Progress> {
  const { callIds, caseIds, userIds } = plan
  return workAndKeep(deps, keep, async (tx) => {
    await forgetTold(tx, { callIds, caseIds, userIds })
    return { plan: { ...plan, step: 'tell', done: 0 }, counts }
  })
}

/** What others wrote of the person, and whatever table holds a number of theirs. */
async function eraseTexts(
  deps: EraseDeps,
  { plan, counts }: Progress,
  keep: Keep,
): Promise<Progress | null> {
  const { database, clock, onTold } = deps
  const text: PersonText = personText(plan.numbers, plan.words)
  await deps.forgetSpooled((line) => text.redact(line) !== line)
  const found = await redactTables(database.db, text, () => keep(database.db, { plan, counts }))
  await again(() =>
    inTransaction(database.db, async (tx) => {
      const unit = createUnit(tx, clock())
      await bumpCases(tx, found.caseIds)
      for (const id of found.caseIds) await tellWholeCase(unit, id)
      for (const id of found.userIds) await tellUser(unit, id)
      await tellAll(unit)
    }),
  )
  onTold()
  // Where something was found, another look: it can have been copied while it was looked for.
  const next = { plan, counts: { ...counts, texts: counts.texts + found.texts } }
  if (found.texts === 0) return null
  await keep(database.db, next)
  return next
}

async function advance(db: Db, next: Progress, keep: Keep): Promise<Progress> {
  await keep(db, next)
  return next
}
