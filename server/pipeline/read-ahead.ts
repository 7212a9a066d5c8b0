import type { PendingEvent } from '../../db/call-journal.ts'
import { talksKey } from '../../db/case-facts.ts'
import { keysOfPerson } from '../../db/locks.ts'
import { nameKey } from '../../db/working/keys.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import type { CallEvent } from '../calls/call.ts'
import { agentsNamedBy, extensionKeys, extensionsIn } from './agents-named.ts'
import type { PipelineDeps } from './deps.ts'
import { customerIn } from './lock-batch.ts'

type Deps = Pick<PipelineDeps, 'connectionById'>

/**
 * Reads in sets what the events of a batch are going to ask for, after everything is locked. What
 * is not foreseen here is read when somebody asks.
 */
export async function readAhead(
  deps: Deps,
  work: WorkingSet,
  pending: readonly PendingEvent[],
): Promise<void> {
  const events = pending.map(({ event }) => event)
  const callIds = work.calls.values().map(({ call }) => call.id)
  await work.journals.load(callIds)
  await work.messages.load(callIds)
  await work.recordings.load(callIds)
  await work.drafts.load(callIds)
  await readNumbers(deps, work, events)
  await readOfNewCalls(work, events)
  await readCases(deps, work, events)
  await readWhoSees(work, events)
}

/** Whether a customer's number is an extension, and whose the extensions are. */
async function readNumbers(
  deps: Deps,
  { extensions }: WorkingSet,
  events: readonly CallEvent[],
): Promise<void> {
  await extensions.load(
    events.flatMap((event) => {
      const customer = customerOf(deps, event)
      const named = [...extensionsIn(event), ...(customer === null ? [] : [customer])]
      return named.flatMap((extension) => extensionKeys(event.connectionId, extension))
    }),
  )
}

async function readOfNewCalls(work: WorkingSet, events: readonly CallEvent[]): Promise<void> {
  const ofNew = events.filter((event) => isOfNewCall(work, event))
  await work.clockErrors.load(ofNew.map(({ connectionId }) => connectionId))
  await work.unattached.load(
    ofNew.map(({ connectionId, uniqueId }) => nameKey(connectionId, uniqueId)),
  )
}

/** An end is when cases are decided on; a call that is in one may change it before. */
async function readCases(
  deps: Deps,
  work: WorkingSet,
  events: readonly CallEvent[],
): Promise<void> {
  const ownIds = work.messages.values().map(({ caseId }) => caseId)
  const ending = events.filter(({ type }) => type === 'ended' || type === 'closed')
  const calls = [
    ...ending.flatMap((event) => callsOf(work, event)),
    ...work.messages.values().flatMap(({ callId }) => work.calls.peek(callId ?? '') ?? []),
  ].map(({ call }) => call)
  await work.cases.load(ownIds)
  const callers = ending.flatMap((event) => {
    const key = customerOf(deps, event)
    const holders = key === null ? [] : (work.holders.peek(key) ?? [])
    return [
      { personKey: key, userId: null },
      ...holders.map((userId) => ({ personKey: key, userId })),
    ]
  })
  const people = [...callers, ...calls]
  await work.missedOf.load(people.flatMap(keysOfPerson))
  const caseIds = work.cases.values().map(({ id }) => id)
  await work.members.load(caseIds)
  await work.actions.load(calls.map(({ id }) => id))
  const waiting = new Set(work.cases.values().flatMap(keysOfPerson))
  await work.talks.load(
    people.filter((each) => keysOfPerson(each).some((key) => waiting.has(key))).map(talksKey),
  )
}

/** Who rings, and can see it. */
async function readWhoSees(work: WorkingSet, events: readonly CallEvent[]): Promise<void> {
  const ringing = events.filter(({ type }) => type === 'ringing')
  const agents: (string | null)[] = []
  for (const event of ringing) agents.push(...Object.values(await agentsNamedBy(work, event)))
  await work.pages.load(agents.filter((agentId) => agentId !== null))
  await work.dismissals.load(
    ringing.flatMap((event) => callsOf(work, event)).map(({ call }) => call.id),
  )
}

function customerOf({ connectionById }: Deps, event: CallEvent): string | null {
  return customerIn(event, connectionById(event.connectionId)?.country ?? '')
}

function callsOf({ named, calls }: WorkingSet, { connectionId, uniqueId }: CallEvent) {
  const callIds = named.peek(nameKey(connectionId, uniqueId)) ?? []
  return callIds.flatMap((callId) => calls.peek(callId) ?? [])
}

function isOfNewCall(work: WorkingSet, event: CallEvent): boolean {
  return event.type !== 'closed' && callsOf(work, event).length === 0
}
