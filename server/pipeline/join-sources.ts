import { takeOutCall } from '../../db/call-in-case.ts'
import { type Author, changeCase, withdrawCase } from '../../db/case-changes.ts'
import { ownCaseOf } from '../../db/case-facts.ts'
import { mergeCall } from '../../db/merge-calls.ts'
import type { CallEvent, Source } from '../calls/call.ts'
import type { OwnCase } from '../cases/case.ts'
import { handsetOf } from '../cases/decide.ts'
import { callsNamed, type NamedCall, nameCall } from './named-calls.ts'
import { reportCallBack } from './report-call.ts'
import { tellCall, tellCase, type Unit } from './unit.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** The ids by which other sources may know the call that an event is of. */
export function otherIds(event: CallEvent): readonly string[] {
  return (event.channelIds ?? []).filter((id) => id !== event.uniqueId)
}

/**
 * A PBX's event names the channels of its call: by each of them another source finds the call from
 * now on, and what another source made of one of them by itself becomes part of it (CALL-1, CALL-3).
 * True where something did: the call has to be folded again.
 */
export async function takeStrays(unit: Unit, event: CallEvent, callId: string): Promise<boolean> {
  const ids = otherIds(event)
  if (ids.length === 0) return false
  const { work } = unit
  const { connectionId } = event
  const named = (await callsNamed(work, connectionId, ids)).filter((each) => isNear(each, event))
  let hasTaken = false
  for (const uniqueId of ids) {
    const own = named.filter((each) => each.uniqueId === uniqueId)
    if (own.some(({ kept }) => kept.call.id === callId)) continue
    let isFree = true
    for (const stray of own) {
      const isTaken = await takeStray(unit, event, stray, callId)
      hasTaken ||= isTaken
      isFree &&= isTaken
    }
    // Two calls of one id would be one too many for whoever looks for it.
    if (isFree) await nameCall(work, { connectionId, uniqueId, callId })
  }
  return hasTaken
}

/** A source that follows each call from channel to channel by one id: two ids of it are two calls. */
export function isLink(source: Source): boolean {
  return source === 'ami' || source === 'ari'
}

/**
 * Not what a link told of beside this call: a consultation that ends while its phones go on in this
 * one would end it. A call that somebody filed in a case, or in whose case somebody did something,
 * stays there.
 */
async function takeStray(
  unit: Unit,
  event: CallEvent,
  named: NamedCall,
  callId: string,
): Promise<boolean> {
  const { work, now } = unit
  const kept = await work.calls.find(named.kept.call.id)
  // Two of its ids are named, and by the first one it was taken.
  if (kept === null) return true
  const { call: stray } = kept
  if (stray.id === callId) return true
  const known = new Set([...(await sourcesOf(unit, callId)), event.source])
  const sources = await sourcesOf(unit, stray.id)
  if (sources.some((source) => isLink(source) && known.has(source))) return false
  const own = await ownCaseOf(work, stray.id)
  const isFiled = own !== null && (own.origin !== 'auto' || own.touchedAt !== null)
  if (isFiled) return false
  const author = { at: now, agentId: null, rule: 'CASE-16' }
  if (own !== null && own.otherMessages > 0) await leaveOthers(unit, own, stray.id, author)
  // Whoever sees it hears that it is over, before it is gone.
  await tellCall(unit, { ...stray, state: 'ended', endedAt: stray.endedAt ?? now })
  await work.directly((tx) => mergeCall(tx, stray.id, callId))
  reportCallBack(unit, stray, null)
  if (own === null) return true
  if (own.otherMessages === 0) {
    const movedTo = (await work.messages.find(callId))?.caseId ?? own.id
    await withdrawCase(work, own.id, movedTo, author)
  }
  await tellCase(unit, own.id, null)
  return true
}

/** A rule had put it into a case with other calls: that one is as if it had never been there. */
async function leaveOthers(
  { work }: Unit,
  own: OwnCase,
  callId: string,
  author: Author,
): Promise<void> {
  const handset = handsetOf(own.otherMissedCalls, own.otherAnsweredCalls)
  if (handset !== own.handset) await changeCase(work, own.id, { handset }, author)
  await takeOutCall(work, own.id, callId, author)
  work.news.reportedCases.add(own.id)
}

/** Which sources told of a call. */
async function sourcesOf({ work }: Unit, callId: string): Promise<readonly Source[]> {
  return ((await work.journals.find(callId)) ?? []).map(({ event }) => event.source)
}

/** An id comes again after a restart of the PBX: what is more than a day away is another call. */
function isNear({ kept: { firstEventAt, lastEventAt } }: NamedCall, event: CallEvent): boolean {
  const at = event.at.getTime()
  return at >= firstEventAt.getTime() - DAY_MS && at <= lastEventAt.getTime() + DAY_MS
}
