import { loadCalls } from '../../db/calls.ts'
import { messagesOf } from '../../db/cases.ts'
import { inTransaction } from '../../db/database.ts'
import { again } from '../pipeline/again.ts'
import { createUnit, tellAll, tellCall, tellCase, tellUser } from '../pipeline/unit.ts'
import { BATCH, type EraseDeps, type Keep, type Progress } from './erase-progress.ts'

const MAX_TOLD_MESSAGES = 200

/** Calls that offered who went as their caller. */
export async function tellOffering(
  { database, clock, onTold }: EraseDeps,
  callIds: readonly string[],
) {
  if (callIds.length === 0) return
  await inTransaction(database.db, async (tx) => {
    const unit = createUnit(tx, clock())
    for (const call of await loadCalls(tx, callIds)) await tellCall(unit, call)
    await tellAll(unit)
  })
  onTold()
}

/** Open pages show what is left. */
export async function tellPages(
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

/** A case with the last of its messages. */
export async function tellWholeCase(
  unit: ReturnType<typeof createUnit>,
  caseId: string,
): Promise<void> {
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
