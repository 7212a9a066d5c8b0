import type { PendingEvent } from '../../db/call-journal.ts'
import { together } from '../../db/database.ts'
import { lockEventKeys, lockFreePeople, lockPeople } from '../../db/locks.ts'
import { holdersOf } from '../../db/people.ts'
import { nameKey } from '../../db/working/keys.ts'
import type { WorkingSet } from '../../db/working/working-set.ts'
import type { Call, CallEvent } from '../calls/call.ts'
import { personKey, toPhone } from '../calls/phone.ts'
import type { PipelineDeps } from './deps.ts'
import { peopleKeys } from './facts.ts'
import { otherIds } from './join-sources.ts'
import { resolve } from './resolve.ts'

type Deps = Pick<PipelineDeps, 'connectionById'>

/**
 * All locks of a batch in the one order: event keys, calls, people. False where somebody else has one
 * who can be waiting for this transaction: it is to be done again.
 */
export async function lockAll(
  deps: Deps,
  work: WorkingSet,
  pending: readonly PendingEvent[],
): Promise<boolean> {
  const keys = [...new Set(pending.flatMap(({ event }) => keysOf(event)))]
  await together([lockEventKeys(work.tx, keys), work.named.load(keys)])
  await work.calls.load([
    ...keys.flatMap((key) => work.named.peek(key) ?? []),
    ...(await callsJoined(deps, work, pending)),
    ...pending.flatMap(({ event }) => (event.type === 'closed' ? [event.callId] : [])),
  ])
  const named = pending.map(({ event }) => ({
    personKey: customerIn(event, countryOf(deps, event)),
    userId: null,
  }))
  return lockEverybody(work, [...named, ...work.calls.values().map(({ call }) => call)])
}

/** By which ids an event finds its call. */
function keysOf(event: CallEvent): string[] {
  return [event.uniqueId, ...otherIds(event)].map((id) => nameKey(event.connectionId, id))
}

/** Ids that nobody has heard of yet can be of a call that is known otherwise. */
async function callsJoined(
  deps: Deps,
  work: WorkingSet,
  pending: readonly PendingEvent[],
): Promise<string[]> {
  const callIds: string[] = []
  const heard = new Set<string>()
  for (const { event } of pending) {
    const key = nameKey(event.connectionId, event.uniqueId)
    const isNew = work.named.peek(key) == null && !heard.has(key)
    heard.add(key)
    if (!isNew) continue
    const resolution = await resolve(work, event, countryOf(deps, event))
    if (resolution.to === 'call') callIds.push(resolution.callId)
  }
  return callIds
}

function countryOf({ connectionById }: Deps, { connectionId }: CallEvent): string {
  return connectionById(connectionId)?.country ?? ''
}

/**
 * The customer's number, where the event tells it. Not the number dialled: everybody who calls the
 * company would wait for everybody else.
 */
export function customerIn(event: CallEvent, country: string): string | null {
  if (!('direction' in event)) return null
  const number = event.direction === 'incoming' ? event.from : 'to' in event ? event.to : ''
  return personKey(toPhone(number, country))
}

/** By number and by user: two calls from two numbers of one user are this user's, one by one. */
async function lockEverybody(
  { tx, holders }: WorkingSet,
  people: readonly Pick<Call, 'personKey' | 'userId'>[],
): Promise<boolean> {
  const numbers = [...new Set(people.flatMap(({ personKey: key }) => key ?? []))]
  const keysWith = (userIds: readonly string[]): string[] =>
    peopleKeys([...people, ...userIds.map((userId) => ({ personKey: null, userId }))])
  const locked = new Set(keysWith(await holdersOf(tx, numbers)))
  // A number can have got another user while the locks were waited for.
  await together([lockPeople(tx, [...locked]), holders.load(numbers)])
  const now = keysWith(numbers.flatMap((number) => holders.peek(number) ?? []))
  return lockFreePeople(
    tx,
    now.filter((key) => !locked.has(key)),
  )
}
