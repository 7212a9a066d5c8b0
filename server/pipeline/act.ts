import { type KeptCall, loadCalls } from '../../db/calls.ts'
import { adoptPerson, noteHistory } from '../../db/case-changes.ts'
import { toCase } from '../../db/cases.ts'
import { deleteDraft, dismiss, type KeptDraft, saveDraft } from '../../db/drafts.ts'
import { addNumber, followCase, listOnlyAuto, mergeAway, userExists } from '../../db/people.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import { type Call, customerOf, isAnswered } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import type { CaseFacts, Refusal } from '../cases/case.ts'
import { toCaseSummary } from '../cases/case-view.ts'
import { type Decision, decideCreate, decideFix, decideLateDraft } from '../cases/choose.ts'
import { settle } from '../cases/decide.ts'
import { RingsideError } from '../errors.ts'
import { isExtension } from './agents-named.ts'
import { carryOut, personOf } from './carry-out.ts'
import { type Asked, concernedBy, formerUsers } from './concerned-by.ts'
import type { PipelineDeps } from './deps.ts'
import { loadFacts, loadTarget } from './facts.ts'
import {
  createUnit,
  tellAll,
  tellCall,
  tellCase,
  tellCaseOfCall,
  tellLinked,
  tellUser,
  toDraftEvent,
  type Unit,
} from './unit.ts'
import { usersOf } from './users-of.ts'
import { withLocks } from './with-locks.ts'

/** What agents do with calls. They go the same way as events: locks, rules, database, outbox. */
export interface CallActs {
  createCase(
    callId: string,
    asked: { subject: string; essence?: string; userId?: string },
    agentId: string | null,
  ): Promise<string>
  fixCall(
    callId: string,
    asked: { caseId: string; essence?: string },
    agentId: string | null,
  ): Promise<string>
  linkUser(callId: string, userId: string, agentId: string | null): Promise<void>
  saveDraft(
    callId: string,
    draft: { subject: string; essence: string },
    agentId: string | null,
  ): Promise<KeptDraft>
  dismiss(callId: string, agentId: string): Promise<void>
}

export function createCallActs(deps: PipelineDeps): CallActs {
  return {
    createCase: (callId, asked, agentId) =>
      onCall(deps, callId, { userId: asked.userId ?? null }, async (unit, found) => {
        const kept =
          asked.userId === undefined ? found : await link(deps, unit, found, asked.userId, agentId)
        const facts = await factsOf(deps, unit, kept)
        const choice = { agentId, subject: asked.subject, essence: asked.essence }
        await choose(unit, kept, decideCreate(kept.call, facts, choice), agentId)
        return caseOf(unit, callId)
      }),
    fixCall: (callId, asked, agentId) =>
      onCall(deps, callId, { caseId: asked.caseId }, async (unit, kept) => {
        const target = await loadTarget(unit.work, asked.caseId, kept.call)
        if (target === null) throw notFound('case', asked.caseId)
        const facts = await factsOf(deps, unit, kept)
        const choice = { agentId, essence: asked.essence }
        const decision = decideFix(kept.call, target, facts, choice)
        // What forbids any choice comes first: linking the caller would not help.
        if (!('refusal' in decision) && !isOfSamePerson(kept.call, target)) {
          const detail = 'the case belongs to another user; link the caller to that user first'
          throw new RingsideError('conflict', detail, { type: 'other-user' })
        }
        await choose(unit, kept, decision, agentId)
        return caseOf(unit, callId)
      }),
    linkUser: (callId, userId, agentId) =>
      onCall(deps, callId, { userId }, async (unit, kept) => {
        await link(deps, unit, kept, userId, agentId)
      }),
    saveDraft: (callId, draft, agentId) =>
      onCall(deps, callId, {}, async (unit, kept) => {
        const saved = { callId, ...draft, updatedAt: unit.now, updatedBy: agentId }
        await unit.work.directly((tx) => saveDraft(tx, saved))
        const decision = decideLateDraft(kept.call, await factsOf(deps, unit, kept))
        await carryOutDecision(unit, kept, decision, null)
        const data = toDraftEvent(saved)
        unit.told.push({ type: 'draft', audience: agentsOn(kept.call), data })
        return saved
      }),
    dismiss: (callId, agentId) =>
      onCall(deps, callId, {}, async (unit) => {
        if (await dismiss(unit.tx, callId, agentId)) {
          unit.told.push({ type: 'dismissed', audience: [agentId], data: { callId } })
        }
      }),
  }
}

/** USER-4: a case of the call's user, or where there is none, of its number. */
function isOfSamePerson({ userId, personKey }: Call, target: CaseFacts): boolean {
  if (target.userId !== null) return target.userId === userId
  return userId === null && personKey !== null && target.personKey === personKey
}

/** Locks the call and everybody concerned, does the work, and tells what came of it. */
async function onCall<T>(
  deps: PipelineDeps,
  callId: string,
  concerned: Asked,
  work: (unit: Unit, kept: KeptCall) => Promise<T>,
): Promise<T> {
  const { unit, result } = await withLocks(
    deps.database.db,
    (tx) => concernedBy(tx, callId, concerned),
    async (tx) => {
      const own = createUnit(tx, deps.clock())
      const kept = await own.work.calls.find(callId)
      if (kept === null) throw notFound('call', callId)
      const outcome = await work(own, await withUsersNow(own.work, kept))
      await tellAll(own)
      return { unit: own, result: outcome }
    },
  )
  if (unit.told.length > 0) deps.onTold()
  return result
}

/** The number can have got a user since the call's last event, by another call or by hand. */
async function withUsersNow(work: WorkingSet, kept: KeptCall): Promise<KeptCall> {
  const { call } = kept
  if (call.userId !== null || call.personKey === null) return kept
  const users = await usersOf(work, call)
  const isSame =
    users.userId === null && users.candidateUserIds.join() === call.candidateUserIds.join()
  if (isSame) return kept
  const known = { ...kept, call: { ...call, ...users } }
  work.calls.put(call.id, known)
  return known
}

/** A decision of the agent's: carried out, the draft is used up. */
async function choose(
  unit: Unit,
  kept: KeptCall,
  decision: Decision,
  agentId: string | null,
): Promise<void> {
  await carryOutDecision(unit, kept, decision, agentId)
  await unit.work.directly((tx) => deleteDraft(tx, kept.call.id))
}

async function carryOutDecision(
  unit: Unit,
  kept: KeptCall,
  decision: Decision,
  agentId: string | null,
): Promise<void> {
  if ('refusal' in decision) throw await refused(unit, decision)
  if (decision.commands.length === 0) return
  const outcome = await carryOut(unit, kept, decision.commands, agentId)
  await tellCall(unit, outcome.kept.call)
  await tellCaseOfCall(unit, kept.call.id)
  const own = await caseIdOf(unit, kept.call.id)
  for (const caseId of outcome.caseIds) if (caseId !== own) await tellCase(unit, caseId, null)
}

/** USER-4: the caller is this user; the call and its case move, an automatic user merges away. */
async function link(
  deps: PipelineDeps,
  unit: Unit,
  kept: KeptCall,
  userId: string,
  agentId: string | null,
): Promise<KeptCall> {
  const { tx, work } = unit
  if (!(await userExists(tx, userId))) throw notFound('user', userId)
  const { call } = kept
  const isCandidate = call.candidateUserIds.includes(userId)
  const linked: KeptCall = { ...kept, call: { ...call, userId, candidateUserIds: [] } }
  work.calls.put(call.id, linked)
  const { personKey } = call
  const takesNumber =
    personKey !== null && !isCandidate && !(await isExtension(work, call.connectionId, personKey))
  if (takesNumber) {
    const isNew = await work.directly((tx) => addNumber(tx, userId, customerOf(call), personKey))
    if (isNew) await tellUser(unit, userId)
  }
  const moved = new Set(await moveCases(unit, linked, kept.call.userId, agentId))
  const facts = await factsOf(deps, unit, linked)
  if (facts.own !== null && isAnswered(call)) {
    const outcome = await carryOut(unit, linked, settle(call, facts, facts.own.id), null)
    for (const caseId of outcome.caseIds) moved.add(caseId)
  }
  if (call.userId !== userId) await tellLinked(unit, userId, call.id)
  await tellCall(unit, linked.call)
  const own = facts.own?.id ?? null
  if (own !== null) await tellCaseOfCall(unit, call.id)
  for (const caseId of moved) if (caseId !== own) await tellCase(unit, caseId, null)
  return linked
}

/** The call's case goes with it; so does everything of the automatic user who is no longer needed. */
async function moveCases(
  unit: Unit,
  linked: KeptCall,
  beforeUserId: string | null,
  agentId: string | null,
): Promise<string[]> {
  const { work, now } = unit
  const { call } = linked
  const own = await caseIdOf(unit, call.id)
  if (own !== null)
    await adoptPerson(work, own, personOf(call), { at: now, agentId, rule: 'USER-4' })
  const moved = own === null ? [] : [own]
  const author = { at: now, agentId, rule: 'USER-4' }
  const { userId, personKey } = call
  if (userId === null || personKey === null) return moved
  if (own !== null) {
    const others = await work.directly(async (tx) =>
      loadCalls(tx, await followCase(tx, own, { userId, personKey })),
    )
    for (const other of others) await tellCall(unit, other)
  }
  const holders = (await work.holders.find(personKey)) ?? []
  const former = formerUsers(holders, { before: beforeUserId, userId })
  for (const autoUserId of await listOnlyAuto(work.tx, former, personKey)) {
    const { caseIds, callIds } = await work.directly((tx) => mergeAway(tx, autoUserId, userId, now))
    for (const caseId of caseIds) {
      const entry = { kind: 'user', from: autoUserId, to: userId }
      noteHistory(work, caseId, author, [entry])
    }
    for (const other of await loadCalls(work.tx, callIds)) {
      if (other.id !== call.id) await tellCall(unit, other)
    }
    moved.push(...caseIds)
  }
  return moved
}

async function factsOf(deps: PipelineDeps, unit: Unit, kept: KeptCall) {
  const connection = deps.connectionById(kept.call.connectionId)
  return loadFacts(unit.work, kept.call, {
    now: unit.now,
    internalCalls: connection?.internalCalls ?? false,
  })
}

async function caseOf(unit: Unit, callId: string): Promise<string> {
  const caseId = await caseIdOf(unit, callId)
  if (caseId === null) throw new Error(`call ${callId} has no case after one was made for it`)
  return caseId
}

async function caseIdOf({ work }: Unit, callId: string): Promise<string | null> {
  return (await work.messages.find(callId))?.caseId ?? null
}

async function refused(unit: Unit, refusal: Refusal): Promise<RingsideError> {
  const row = refusal.caseId === null ? null : await unit.work.cases.find(refusal.caseId)
  const found = row === null ? null : toCase(row)
  return new RingsideError('conflict', refusal.detail, {
    type: refusal.refusal,
    extensions: found === null ? {} : { case: toCaseSummary(found), caseId: found.id },
  })
}

function notFound(what: string, id: string): RingsideError {
  return new RingsideError('not-found', `there is no ${what} ${id.slice(0, 100)}`)
}
