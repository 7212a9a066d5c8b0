import { loadCalls, loadCallsForUpdate } from '../../db/calls.ts'
import { messagesOf } from '../../db/cases.ts'
import { type Database, type Db, inTransaction } from '../../db/database.ts'
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
import type { ErasureCounts, ErasurePlan } from '../../db/erasures.ts'
import { keysOfPerson, lockPeople } from '../../db/locks.ts'
import { holdersOf } from '../../db/people.ts'
import { listRecordingsOfCalls } from '../../db/recordings.ts'
import { loadSettings } from '../../db/settings.ts'
import { loadUsers, refreshUserSearch, stopOffering, type User } from '../../db/users.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import type { Log } from '../log.ts'
import { again } from '../pipeline/again.ts'
import { createUnit, tellAll, tellCall, tellCase, tellUser } from '../pipeline/unit.ts'
import type { RecordingStorage } from '../recordings/storage.ts'
import { numberForms, type PersonText, personText } from './person-text.ts'

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

const BATCH = 50
const MAX_TOLD_MESSAGES = 200

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
  const found = await again(() =>
    inTransaction(db, async (tx) => {
      const people = await peopleMeant(tx, plan)
      const { goes, stays, phoneKeys } = people
      await lockPeople(tx, [
        ...phoneKeys.flatMap((key) => keysOfPerson({ personKey: key, userId: null })),
        ...[...goes, ...stays].flatMap(({ id }) => keysOfPerson({ personKey: null, userId: id })),
      ])
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
    }),
  )
  await tellOffering(deps, found.offering)
  return found.next
}

interface People {
  readonly goes: readonly User[]
  readonly stays: readonly User[]
  readonly phoneKeys: readonly string[]
  readonly numbers: readonly string[]
  readonly words: readonly string[]
}

/**
 * By a user: this one, and the numbers that nobody else has. By a number: who has it, if that is one;
 * of several nobody knows who asked, so all of them lose the number and nothing else.
 */
async function peopleMeant(tx: Db, { target }: ErasurePlan): Promise<People> {
  if ('userId' in target) return wholePerson(tx, await loadUsers(tx, [target.userId]), [])
  const phone = toPhone(target.phone, (await loadSettings(tx)).country)
  const key = personKey(phone)
  if (key === null) return { goes: [], stays: [], phoneKeys: [], numbers: [], words: [] }
  const holders = await loadUsers(tx, await holdersOf(tx, [key]))
  if (holders.length === 1) return wholePerson(tx, holders, [{ ...phone, key }])
  const numbers = numberForms(phone)
  return { goes: [], stays: holders, phoneKeys: [key], numbers, words: [] }
}

async function wholePerson(tx: Db, goes: readonly User[], more: User['phones']): Promise<People> {
  const ids = goes.map(({ id }) => id)
  const own: User['phones'][number][] = []
  for (const phone of [...goes.flatMap(({ phones }) => phones), ...more]) {
    const holders = await holdersOf(tx, [phone.key])
    if (holders.every((id) => ids.includes(id))) own.push(phone)
  }
  return {
    goes,
    stays: [],
    phoneKeys: [...new Set(own.map(({ key }) => key))],
    numbers: [...new Set(own.flatMap(numberForms))],
    words: goes.flatMap(({ name, email }) => (email === null ? [name] : [name, email])),
  }
}

async function tellOffering({ database, clock, onTold }: EraseDeps, callIds: readonly string[]) {
  if (callIds.length === 0) return
  await inTransaction(database.db, async (tx) => {
    const unit = createUnit(tx, clock())
    for (const call of await loadCalls(tx, callIds)) await tellCall(unit, call)
    await tellAll(unit)
  })
  onTold()
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
  return again(() =>
    inTransaction(db, async (tx) => {
      const kept = await loadCallsForUpdate(tx, ids)
      await lockPeople(
        tx,
        [...kept.values()].flatMap(({ call }) => keysOfPerson(call)),
      )
      const whole = await wholeCallsOf(tx, ids, userIds, phoneKeys)
      await emptyCalls(tx, ids, whole, phoneKeys, deps.clock())
      const next: Progress = {
        plan: { ...plan, done: plan.done + ids.length },
        counts: {
          ...counts,
          calls: counts.calls + kept.size,
          recordings: counts.recordings + keys.length,
        },
      }
      await keep(tx, next)
      return next
    }),
  )
}

async function eraseCases(deps: EraseDeps, progress: Progress, keep: Keep): Promise<Progress> {
  const { plan, counts } = progress
  const ids = plan.caseIds.slice(plan.done, plan.done + BATCH)
  if (ids.length === 0) return dropUsers(deps, progress, keep)
  return again(() =>
    inTransaction(deps.database.db, async (tx) => {
      await lockCases(tx, ids)
      await emptyCases(tx, ids)
      const next: Progress = {
        plan: { ...plan, done: plan.done + ids.length },
        counts: { ...counts, cases: counts.cases + ids.length },
      }
      await keep(tx, next)
      return next
    }),
  )
}

/** Somebody can have linked a call to the user in between: that one comes first. */
async function dropUsers(
  deps: EraseDeps,
  { plan, counts }: Progress,
  keep: Keep,
): Promise<Progress> {
  return again(() =>
    inTransaction(deps.database.db, async (tx) => {
      await lockPeople(
        tx,
        plan.userIds.flatMap((userId) => keysOfPerson({ personKey: null, userId })),
      )
      const isGone = await removeUsers(tx, plan.userIds)
      const next: Progress = isGone
        ? { plan: { ...plan, step: 'traces', done: 0 }, counts }
        : { plan: await withNew(tx, plan), counts }
      await keep(tx, next)
      return next
    }),
  )
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
  return inTransaction(deps.database.db, async (tx) => {
    await forgetTold(tx, { callIds, caseIds, userIds })
    const next: Progress = { plan: { ...plan, step: 'tell', done: 0 }, counts }
    await keep(tx, next)
    return next
  })
}

/** Open pages show what is left. */
async function tellPages(
  deps: EraseDeps,
  { plan, counts }: Progress,
  keep: Keep,
): Promise<Progress> {
  const { database, clock, onTold } = deps
  const ids = [...plan.callIds, ...plan.caseIds].slice(plan.done, plan.done + BATCH)
  const isLast = ids.length < BATCH
  const next: Progress = {
    plan: isLast ? { ...plan, step: 'texts', done: 0 } : { ...plan, done: plan.done + BATCH },
    counts,
  }
  await again(() =>
    inTransaction(database.db, async (tx) => {
      const unit = createUnit(tx, clock())
      for (const call of await loadCalls(tx, ids)) await tellCall(unit, call)
      for (const id of ids) if (plan.caseIds.includes(id)) await tellWholeCase(unit, id)
      if (isLast) {
        for (const id of plan.userIds) unit.told.push(toldOfUser(id, clock()))
        for (const id of plan.changedUserIds) await tellUser(unit, id)
      }
      await keep(tx, next)
      await tellAll(unit)
    }),
  )
  onTold()
  return next
}

async function tellWholeCase(unit: ReturnType<typeof createUnit>, caseId: string): Promise<void> {
  const messages = await messagesOf(unit.tx, caseId)
  if (messages.length === 0) await tellCase(unit, caseId, null)
  for (const message of messages.slice(-MAX_TOLD_MESSAGES)) await tellCase(unit, caseId, message)
}

/** A page that shows the user shows nobody from now on. */
function toldOfUser(id: string, now: Date) {
  const at = now.toISOString()
  return {
    type: 'user' as const,
    audience: null,
    data: {
      id,
      externalId: null,
      name: '***',
      email: null,
      company: null,
      phones: [],
      note: '',
      fields: {},
      createdAt: at,
      updatedAt: at,
    },
  }
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
