import type { PendingEvent } from '../../db/call-journal.ts'
import { talksKey } from '../../db/case-facts.ts'
import { together } from '../../db/database.ts'
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
  await together([
    work.journals.load(callIds),
    work.messages.load(callIds),
    work.recordings.load(callIds),
    work.drafts.load(callIds),
    readNumbers(deps, work, events),
    readOfNewCalls(work, events),
  ])
  await together([readCases(deps, work, events), readWhoSees(work, events)])
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
  const names = ofNew.map(({ connectionId, uniqueId }) => nameKey(connectionId, uniqueId))
  await together([
    work.clockErrors.load(ofNew.map(({ connectionId }) => connectionId)),
    work.unattached.load(names),
  ])
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
  const callers = ending.flatMap((event) => {
    const key = customerOf(deps, event)
    const holders = key === null ? [] : (work.holders.peek(key) ?? [])
    return [
      { personKey: key, userId: null },
      ...holders.map((userId) => ({ personKey: key, userId })),
    ]
  })
  const people = [...callers, ...calls]
  await together([work.cases.load(ownIds), work.missedOf.load(people.flatMap(keysOfPerson))])
  const cases = work.cases.values()
  const waiting = new Set(cases.flatMap(keysOfPerson))
  const awaited = people.filter((each) => keysOfPerson(each).some((key) => waiting.has(key)))
  await together([
    work.members.load(cases.map(({ id }) => id)),
    work.actions.load(calls.map(({ id }) => id)),
    work.talks.load(awaited.map(talksKey)),
  ])
}

/** Who rings, and can see it. */
async function readWhoSees(work: WorkingSet, events: readonly CallEvent[]): Promise<void> {
  const ringing = events.filter(({ type }) => type === 'ringing')
  const agents: (string | null)[] = []
  for (const event of ringing) agents.push(...Object.values(await agentsNamedBy(work, event)))
  const calls = ringing.flatMap((event) => callsOf(work, event)).map(({ call }) => call.id)
  await together([
    work.pages.load(agents.filter((agentId) => agentId !== null)),
    work.dismissals.load(calls),
  ])
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
