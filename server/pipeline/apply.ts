import { type EventTrace, hasLaterPending, type PendingEvent } from '../../db/call-journal.ts'
import { newId } from '../../db/new-id.ts'
import type { HeardEvent } from '../calls/order.ts'
import { agentsNamedBy } from './agents-named.ts'
import { type Change, changeCall } from './change-call.ts'
import type { PipelineDeps } from './deps.ts'
import { takeStrays } from './join-sources.ts'
import { noteAlias } from './note-alias.ts'
import { keepRecording } from './recordings.ts'
import { resolve } from './resolve.ts'
import { splitIfOwn } from './split-calls.ts'
import { traceAgents } from './trace.ts'
import type { Unit } from './unit.ts'
import { logUnmapped, logUnmatched } from './unmatched.ts'

/** An event changes a call, the call changes cases, both are stored and told. */
export async function applyEvent(
  deps: PipelineDeps,
  unit: Unit,
  pending: PendingEvent,
): Promise<void> {
  const { event } = pending
  const connection = deps.connectionById(event.connectionId)
  if (connection === null) return belongsToNothing(unit, pending)
  const resolution = await resolve(unit.work, event, connection.country)
  if (resolution.to === 'nothing' && event.type === 'recorded')
    await keepRecording(unit, event, null)
  if (resolution.note !== null) logUnmatched(unit, event, resolution.note)
  if (resolution.to === 'nothing') {
    noteAlias(unit, event)
    return belongsToNothing(unit, pending)
  }
  const joined = resolution.to === 'call' ? resolution.callId : null
  const split = joined === null ? null : await splitIfOwn(unit, event, joined)
  const callId = split ?? joined ?? newId()
  if (resolution.to === 'new') unit.work.learnNewCall(callId)
  const agents = await agentsNamedBy(unit.work, event)
  const heard = { event, agents }
  const isQuiet = await isOvertaken(unit, pending)
  const first = await changeCall(unit, { callId, connection, heard, isQuiet })
  const change = (await takeStrays(unit, event, callId))
    ? await changeCall(unit, { callId, connection, heard, isQuiet, hasJoined: true })
    : first
  if (split !== null && joined !== null) {
    await changeCall(unit, { callId: joined, connection, heard: null, isQuiet: false })
  }
  noteAlias(unit, event, change?.events)
  await belongsTo(unit, pending, callId, { heard, trace: await traceOf(unit, heard, change) })
  if (event.type === 'ringing' || event.type === 'started') logUnmapped(unit, event, agents)
}

/** The event is one of the call's from now on. */
async function belongsTo(
  { work, now }: Unit,
  { id }: PendingEvent,
  callId: string,
  { heard, trace }: { heard: HeardEvent; trace: () => Promise<EventTrace | null> },
): Promise<void> {
  const journal = (await work.journals.find(callId)) ?? []
  work.journals.know(callId, [...journal, heard])
  const { agents } = heard
  work.news.applied.push(async () => ({
    id,
    callId,
    agents,
    trace: await trace(),
    appliedAt: now,
  }))
}

function belongsToNothing({ work, now }: Unit, { id }: PendingEvent): void {
  const applied = { id, callId: null, agents: {}, trace: null, appliedAt: now }
  work.news.applied.push(async () => applied)
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

async function traceOf(
  unit: Unit,
  { event, agents }: HeardEvent,
  change: Change | null,
): Promise<() => Promise<EventTrace | null>> {
  if (change === null) return async () => null
  const { rules } = change
  const shown = await traceAgents(unit, event, change.call, agents)
  return async () => {
    const { results, changes } = await change.words()
    return {
      agents: shown,
      rule: rules.length === 0 ? null : rules.join(', '),
      result: results.length === 0 ? null : results.join('; '),
      changes,
    }
  }
}
