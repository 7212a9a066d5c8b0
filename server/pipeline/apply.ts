import { v7 as newId } from 'uuid'
import { agentsByExtensions } from '../../db/agents.ts'
import {
  clockErrorMs,
  type EventTrace,
  hasLaterPending,
  loadJournal,
  markApplied,
  type PendingEvent,
} from '../../db/call-journal.ts'
import { type KeptCall, loadCallsForUpdate, nameCall, saveCall } from '../../db/calls.ts'
import { refreshMissed } from '../../db/case-changes.ts'
import { caseIdOfCall } from '../../db/cases.ts'
import { loadDrafts } from '../../db/drafts.ts'
import type { Call, CallEvent, FoldedCall } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import type { HeardEvent } from '../calls/order.ts'
import { fold } from '../calls/reduce.ts'
import { decide } from '../cases/decide.ts'
import { type ConnectionSettings, DEFAULT_TIMEOUTS } from '../setup/connection.ts'
import { carryOut, type Outcome } from './carry-out.ts'
import type { PipelineDeps } from './deps.ts'
import { loadFacts } from './facts.ts'
import { callEvents, forHooksOnly } from './hook-events.ts'
import { takeStrays } from './join-sources.ts'
import { noteAlias } from './note-alias.ts'
import { attachEarlierRecordings, keepRecording } from './recordings.ts'
import { reportCall } from './report-call.ts'
import { resolve } from './resolve.ts'
import { splitIfOwn } from './split-calls.ts'
import { traceAgents } from './trace.ts'
import { tellCall, tellCase, tellCaseOfCall, toDraftEvent, type Unit } from './unit.ts'
import { logUnmapped, logUnmatched } from './unmatched.ts'
import { usersOf } from './users-of.ts'

/** A clock that is off by more is no clock: what the column can hold. */
const MAX_SHIFT_MS = 2 ** 31 - 1
const MAX_CLOCK_ERROR_MS = 2 * 60 * 1000

/** An event changes a call, the call changes cases, both are stored and told. */
export async function applyEvent(
  deps: PipelineDeps,
  unit: Unit,
  pending: PendingEvent,
): Promise<void> {
  const { event } = pending
  const connection = deps.connectionById(event.connectionId)
  if (connection === null) {
    await markApplied(unit.tx, pending.id, { callId: null, agents: {}, trace: null, at: unit.now })
    return
  }
  const resolution = await resolve(unit.tx, event, connection.country)
  if (resolution.to === 'nothing' && event.type === 'recorded')
    await keepRecording(unit, event, null)
  if (resolution.note !== null) await logUnmatched(unit, event, resolution.note)
  if (resolution.to === 'nothing') {
    await noteAlias(unit, event)
    await markApplied(unit.tx, pending.id, { callId: null, agents: {}, trace: null, at: unit.now })
    return
  }
  const joined = resolution.to === 'call' ? resolution.callId : null
  const split = joined === null ? null : await splitIfOwn(unit, event, joined)
  const callId = split ?? joined ?? newId()
  const agents = await agentsNamedBy(unit, event)
  const heard = { event, agents }
  const isQuiet = await isOvertaken(unit, pending)
  const first = await changeCall(unit, { callId, connection, heard, isQuiet })
  const change = (await takeStrays(unit, event, callId))
    ? await changeCall(unit, { callId, connection, heard, isQuiet, hasJoined: true })
    : first
  if (split !== null && joined !== null) {
    await changeCall(unit, { callId: joined, connection, heard: null, isQuiet: false })
  }
  await noteAlias(unit, event, change?.events)
  await markApplied(unit.tx, pending.id, {
    callId,
    agents,
    trace: await traceOf(unit, event, change, agents),
    at: unit.now,
  })
  if (event.type === 'ringing' || event.type === 'started') await logUnmapped(unit, event, agents)
}

/** An event so much older than its arrival was kept somewhere, such as by a PBX that could not reach us. */
const LATE_MS = 10_000

/**
 * What comes late and in bulk is right in the end, and pops up nothing on its way there (ARI-4): of
 * such events the last one of a call is told.
 */
async function isOvertaken(unit: Unit, { id, event }: PendingEvent): Promise<boolean> {
  if (event.source !== 'ari' || event.arrivedAt.getTime() - event.at.getTime() < LATE_MS)
    return false
  return hasLaterPending(unit.tx, {
    id,
    connectionId: event.connectionId,
    uniqueId: event.uniqueId,
  })
}

interface Change {
  readonly call: Call
  /** What it is folded from. */
  readonly events: readonly CallEvent[]
  readonly rules: readonly string[]
  readonly results: readonly string[]
  readonly changes: Outcome['changes']
}

/** Folds the call anew, decides, and stores and tells what came of it. */
async function changeCall(
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
  const { tx, now } = unit
  const before = (await loadCallsForUpdate(tx, [callId])).get(callId) ?? null
  const journal: HeardEvent[] = await loadJournal(tx, callId)
  if (heard !== null) journal.push(heard)
  const clockShiftMs = before?.clockShiftMs ?? (await clockShift(unit, connection.id))
  const folded = fold(journal, { country: connection.country, clockShiftMs })
  if (folded === null) return null
  const first = heard?.event ?? journal[0]!.event
  const call: Call = {
    ...folded,
    id: callId,
    connectionId: connection.id,
    uniqueId: before?.call.uniqueId ?? first.uniqueId,
    ...(await usersAfter(unit, before, folded, connection.id)),
  }
  const kept = {
    call,
    clockShiftMs,
    ...spanOf(journal),
    closesAt: closesAt(call, journal, connection),
  }
  await saveCall(tx, kept)
  await nameCall(tx, { connectionId: connection.id, uniqueId: first.uniqueId, callId })
  if (heard?.event.type === 'recorded') await keepRecording(unit, heard.event, callId)
  if (before === null) await attachEarlierRecordings(unit, call)
  const facts = await loadFacts(tx, call, { now, internalCalls: connection.internalCalls })
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
    results: outcome.results,
    changes: outcome.changes,
  }
}

async function tellChange(
  unit: Unit,
  call: Call,
  before: Call | null,
  caseIds: ReadonlySet<string>,
): Promise<void> {
  const own = await caseIdOfCall(unit.tx, call.id)
  if (own !== null) await refreshMissed(unit.tx, own)
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
  const [draft] = await loadDrafts(unit.tx, [call.id])
  if (draft !== undefined) unit.told.push({ type: 'draft', audience, data: toDraftEvent(draft) })
}

/** Once there is a user, it stays; until then the number decides at every event (CALL-16). */
async function usersAfter(
  unit: Unit,
  before: KeptCall | null,
  folded: FoldedCall,
  connectionId: string,
): Promise<Pick<Call, 'userId' | 'candidateUserIds'>> {
  const isSamePerson = before?.call.personKey === folded.personKey
  if (before !== null && isSamePerson && before.call.userId !== null) {
    return { userId: before.call.userId, candidateUserIds: before.call.candidateUserIds }
  }
  return usersOf(unit.tx, { connectionId, personKey: folded.personKey })
}

async function clockShift(unit: Unit, connectionId: string): Promise<number> {
  const error = (await clockErrorMs(unit.tx, connectionId)) ?? 0
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

/** Extension → agent, for every extension that the event names. */
async function agentsNamedBy(unit: Unit, event: CallEvent): Promise<Record<string, string | null>> {
  const found = await agentsByExtensions(unit.tx, event.connectionId, extensionsIn(event))
  return Object.fromEntries(found)
}

function extensionsIn(event: CallEvent): string[] {
  switch (event.type) {
    case 'ringing':
      return [...event.extensions]
    case 'started':
      return event.direction === 'incoming' ? [] : [event.from]
    case 'ended':
      return event.direction === 'incoming' ? [] : [event.from]
    case 'answered':
      return [event.extension, event.direction === 'incoming' ? null : event.from].filter(
        (extension) => extension !== null,
      )
    case 'ring-ended':
    case 'left':
      return [event.extension]
    case 'held':
    case 'resumed':
      return event.extension === null ? [] : [event.extension]
    default:
      return []
  }
}

async function traceOf(
  unit: Unit,
  event: CallEvent,
  change: Change | null,
  agents: Readonly<Record<string, string | null>>,
): Promise<EventTrace | null> {
  if (change === null) return null
  return {
    agents: await traceAgents(unit, event, change.call, agents),
    rule: change.rules.length === 0 ? null : change.rules.join(', '),
    result: change.results.length === 0 ? null : change.results.join('; '),
    changes: change.changes,
  }
}
