import { moveOpening } from '../../db/case-opening.ts'
import { type Call, isEnded } from '../calls/call.ts'
import type { OwnCase } from '../cases/case.ts'
import { factsOfCall, isReportedOtherwise } from '../cases/report-facts.ts'
import type { Unit } from './unit.ts'

interface ChangedCall {
  readonly before: Call | null
  readonly call: Call
  /** The case that it was in before; its other changes are reported as they are carried out. */
  readonly own: OwnCase | null
  /** A recording may have come to it. */
  readonly isRecorded: boolean
  /** Rules changed cases because of it, and what it means in its case was written with that. */
  readonly isCarriedOut: boolean
}

/** Writes what a call that changed means for reports; most events of a call mean nothing there. */
export async function reportCall(unit: Unit, changed: ChangedCall): Promise<void> {
  const { before, call, own, isRecorded, isCarriedOut } = changed
  const isOther = isReportedOtherwise(before, call)
  if (own !== null && isOther) {
    unit.work.news.reportedCases.add(own.id)
    await reportEnd(unit, before, call, own)
  }
  if (own !== null && !isCarriedOut && (isOther || isRecorded)) reportCallInCase(unit, call)
  const isCounted = isEnded(call) || (before !== null && isEnded(before))
  if (isCounted && isOther) unit.work.news.countedCalls.add(call.id)
  reportCallBack(unit, before, call)
}

/** A case that a rule opened was opened at its call's end, whenever that is. */
async function reportEnd(
  { work }: Unit,
  before: Call | null,
  { id, endedAt }: Call,
  own: OwnCase,
): Promise<void> {
  if (endedAt === null || before?.endedAt?.getTime() === endedAt.getTime()) return
  if (own.origin === 'auto' && own.touchedAt === null) {
    await work.directly((tx) => moveOpening(tx, id, endedAt))
  }
}

/** The call, its record or its place in a case is another one than before. */
export function reportCallInCase({ work }: Unit, call: Call): void {
  work.news.meanings.set(call.id, { callId: call.id, facts: factsOfCall(call) })
}

/** Puts right who was called back when a call was another one; null: it was not there, or is gone. */
export function reportCallBack({ work }: Unit, before: Call | null, after: Call | null): void {
  const [was, is] = [backOf(before), backOf(after)]
  if (was?.personKey === is?.personKey && was?.at.getTime() === is?.at.getTime()) return
  if (was !== null) work.news.calledBack.add(was.personKey)
  if (is !== null) work.news.callBacks.push(is)
}

/** Whom a call calls, and when. */
function backOf(call: Call | null): { readonly personKey: string; readonly at: Date } | null {
  if (call === null || call.direction !== 'outgoing' || call.personKey === null) return null
  return { personKey: call.personKey, at: call.startedAt }
}
