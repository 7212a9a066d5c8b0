import { noteCallBack, refreshCallBacks, saveCallFacts } from '../../db/call-facts.ts'
import { moveOpening } from '../../db/case-opening.ts'
import { putCallFacts } from '../../db/report-facts.ts'
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
    unit.reportedCases.add(own.id)
    await reportEnd(unit, before, call, own)
  }
  if (own !== null && !isCarriedOut && (isOther || isRecorded)) await reportCallInCase(unit, call)
  const isCounted = isEnded(call) || (before !== null && isEnded(before))
  if (isCounted && isOther) await saveCallFacts(unit.tx, call.id)
  await reportCallBack(unit, before, call)
}

/** A case that a rule opened was opened at its call's end, whenever that is. */
async function reportEnd(
  { tx }: Unit,
  before: Call | null,
  { id, endedAt }: Call,
  own: OwnCase,
): Promise<void> {
  if (endedAt === null || before?.endedAt?.getTime() === endedAt.getTime()) return
  if (own.origin === 'auto' && own.touchedAt === null) await moveOpening(tx, id, endedAt)
}

/** The call, its record or its place in a case is another one than before. */
export async function reportCallInCase(unit: Unit, call: Call): Promise<void> {
  const changed = await putCallFacts(unit.tx, call.id, factsOfCall(call))
  for (const caseId of changed) unit.reportedCases.add(caseId)
}

/** Puts right who was called back when a call was another one; null: it was not there, or is gone. */
export async function reportCallBack(
  { tx }: Unit,
  before: Call | null,
  after: Call | null,
): Promise<void> {
  const [was, is] = [backOf(before), backOf(after)]
  if (was?.personKey === is?.personKey && was?.at.getTime() === is?.at.getTime()) return
  if (was !== null) await refreshCallBacks(tx, was.personKey)
  if (is !== null) await noteCallBack(tx, is.personKey, is.at)
}

/** Whom a call calls, and when. */
function backOf(call: Call | null): { readonly personKey: string; readonly at: Date } | null {
  if (call === null || call.direction !== 'outgoing' || call.personKey === null) return null
  return { personKey: call.personKey, at: call.startedAt }
}
