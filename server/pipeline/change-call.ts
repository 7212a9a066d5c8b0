import { refreshMissed } from '../../db/call-in-case.ts'
import type { KeptCall } from '../../db/calls.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import type { Call, CallEvent, FoldedCall } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import type { HeardEvent } from '../calls/order.ts'
import { fold } from '../calls/reduce.ts'
import { decide } from '../cases/decide.ts'
import { type ConnectionSettings, DEFAULT_TIMEOUTS } from '../setup/connection.ts'
import { carryOut, type Outcome } from './carry-out.ts'
import { loadFactsOfEvent } from './facts.ts'
import { callEvents, forHooksOnly } from './hook-events.ts'
import { nameCall } from './named-calls.ts'
import { attachEarlierRecordings, keepRecording } from './recordings.ts'
import { reportCall } from './report-call.ts'
import { tellCall, tellCase, tellCaseOfCall, toDraftEvent, type Unit } from './unit.ts'
import { usersOf } from './users-of.ts'

/** A clock that is off by more is no clock: what the column can hold. */
const MAX_SHIFT_MS = 2 ** 31 - 1
const MAX_CLOCK_ERROR_MS = 2 * 60 * 1000

/** What became of a call. */
export interface Change {
  readonly call: Call
  /** What it is folded from. */
  readonly events: readonly CallEvent[]
  readonly rules: readonly string[]
  readonly words: Outcome['words']
}

/** Folds the call anew, decides, and stores and tells what came of it. */
export async function changeCall(
  unit: Unit,
  what: {
    callId: string
    connection: ConnectionSettings
    heard: HeardEvent | null
    /** What comes next says how the call is now: this is stored, and not told. */
    isQuiet: boolean
    /** Another call became part of it. */
    hasJoined?: boolean
  },
): Promise<Change | null> {
  const { callId, connection, heard, isQuiet, hasJoined = false } = what
  const { work, now } = unit
  const before = await work.calls.find(callId)
  const told = (await work.journals.find(callId)) ?? []
  const journal = heard === null ? told : [...told, heard]
  const clockShiftMs = before?.clockShiftMs ?? (await clockShift(work, connection.id))
  const folded = fold(journal, { country: connection.country, clockShiftMs })
  if (folded === null) return null
  const first = heard?.event ?? journal[0]!.event
  const call: Call = {
    ...folded,
    id: callId,
    connectionId: connection.id,
    uniqueId: before?.call.uniqueId ?? first.uniqueId,
    recordingsGone: before?.call.recordingsGone ?? null,
    ...(await usersAfter(work, before, folded, connection.id)),
  }
  const kept = {
    call,
    clockShiftMs,
    ...spanOf(journal),
    closesAt: closesAt(call, journal, connection),
  }
  work.calls.put(callId, kept)
  await nameCall(work, { connectionId: connection.id, uniqueId: first.uniqueId, callId })
  if (heard?.event.type === 'recorded') await keepRecording(unit, heard.event, callId)
  if (before === null) await attachEarlierRecordings(unit, call)
  const facts = await loadFactsOfEvent(work, call, {
    now,
    internalCalls: connection.internalCalls,
  })
  const commands = decide(before?.call ?? null, call, facts)
  const outcome = await carryOut(unit, kept, commands, null)
  const isRecorded = hasJoined || heard?.event.type === 'recorded'
  await reportCall(unit, {
    before: before?.call ?? null,
    call: outcome.kept.call,
    own: facts.own,
    isRecorded,
    isCarriedOut: commands.length > 0,
  })
  const toldBefore = unit.told.length
  await tellChange(unit, outcome.kept.call, before?.call ?? null, outcome.caseIds)
  if (isQuiet) unit.told.push(...forHooksOnly(unit.told.splice(toldBefore)))
  return {
    call: outcome.kept.call,
    events: journal.map(({ event }) => event),
    rules: outcome.rules,
    words: outcome.words,
  }
}

async function tellChange(
  unit: Unit,
  call: Call,
  before: Call | null,
  caseIds: ReadonlySet<string>,
): Promise<void> {
  const own = (await unit.work.messages.find(call.id))?.caseId ?? null
  if (own !== null) await refreshMissed(unit.work, own)
  const known = before === null ? [] : agentsOn(before)
  await tellCall(unit, call, known, callEvents(before, call))
  if (before !== null) await tellDraftToNew(unit, call, known)
  await tellCaseOfCall(unit, call.id)
  for (const caseId of caseIds) if (caseId !== own) await tellCase(unit, caseId, null)
}

/** CTL-4: whoever comes to the call in a transfer has what the first agent typed. */
async function tellDraftToNew(unit: Unit, call: Call, known: readonly string[]): Promise<void> {
  const audience = agentsOn(call).filter((agentId) => !known.includes(agentId))
  if (audience.length === 0) return
  const draft = await unit.work.drafts.find(call.id)
  if (draft !== null) unit.told.push({ type: 'draft', audience, data: toDraftEvent(draft) })
}

/** Once there is a user, it stays; until then the number decides at every event (CALL-16). */
async function usersAfter(
  work: WorkingSet,
  before: KeptCall | null,
  folded: FoldedCall,
  connectionId: string,
): Promise<Pick<Call, 'userId' | 'candidateUserIds'>> {
  const isSamePerson = before?.call.personKey === folded.personKey
  if (before !== null && isSamePerson && before.call.userId !== null) {
    return { userId: before.call.userId, candidateUserIds: before.call.candidateUserIds }
  }
  return usersOf(work, { connectionId, personKey: folded.personKey })
}

async function clockShift({ clockErrors }: WorkingSet, connectionId: string): Promise<number> {
  const error = (await clockErrors.find(connectionId)) ?? 0
  const isWrong = Math.abs(error) > MAX_CLOCK_ERROR_MS && Math.abs(error) < MAX_SHIFT_MS
  return isWrong ? error : 0
}

function spanOf(journal: readonly HeardEvent[]): { firstEventAt: Date; lastEventAt: Date } {
  const times = journal
    .filter(({ event }) => event.type !== 'recorded' && event.type !== 'closed')
    .map(({ event }) => event.at.getTime())
  return { firstEventAt: new Date(Math.min(...times)), lastEventAt: new Date(Math.max(...times)) }
}

/** By the server's clock, after a time without events that depends on the state (CALL-12). */
function closesAt(
  call: FoldedCall,
  journal: readonly HeardEvent[],
  connection: ConnectionSettings,
): Date | null {
  if (call.endedAt !== null) return null
  const timeouts = { ...DEFAULT_TIMEOUTS, ...connection.timeouts }
  const seconds =
    call.answeredAt !== null
      ? timeouts.answeredSeconds
      : call.queue !== null
        ? timeouts.queueSeconds
        : timeouts.ringingSeconds
  const heardAt = Math.max(...journal.map(({ event }) => event.arrivedAt.getTime()))
  return new Date(heardAt + seconds * 1000)
}
