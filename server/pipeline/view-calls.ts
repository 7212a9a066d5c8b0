import { listRecordingPauses } from '../../db/call-actions.ts'
import { casesOfCalls, loadCall } from '../../db/calls.ts'
import type { Db } from '../../db/database.ts'
import { listRecordingsOfCalls, type Recording } from '../../db/recordings.ts'
import type { Call } from '../calls/call.ts'
import { toCallView } from '../calls/call-view.ts'
import { type Message, toMessageView } from '../cases/case-view.ts'
import type { CallView, MessageView } from '../http/schemas.ts'
import { toPauses, toRecordingView } from '../recordings/recording-view.ts'

type Pause = Parameters<typeof toPauses>[1][number]

/** Calls as the API and the stream show them, with their cases and recordings. */
export async function viewCalls(db: Db, calls: readonly Call[]): Promise<CallView[]> {
  const ids = calls.map((call) => call.id)
  const recordings = await listRecordingsOfCalls(db, ids)
  const caseIds = await casesOfCalls(db, ids)
  // Few calls have one yet when they are told.
  const pauses = await listRecordingPauses(db, [...recordings.keys()])
  return calls.map((call) =>
    toView(call, {
      caseId: caseIds.get(call.id) ?? null,
      recordings: recordings.get(call.id) ?? [],
      pauses: pauses.get(call.id) ?? [],
    }),
  )
}

/** When the recording of a call was paused and went on. */
export async function viewPauses(db: Db, { id }: Call): Promise<readonly Pause[]> {
  return (await listRecordingPauses(db, [id])).get(id) ?? []
}

/** A call with what belongs to it. */
export function toView(
  call: Call,
  of: {
    readonly caseId: string | null
    readonly recordings: readonly Recording[]
    readonly pauses: readonly Pause[]
  },
): CallView {
  const pauses = toPauses(call.answeredAt, of.pauses)
  return toCallView(call, {
    caseId: of.caseId,
    recordings: of.recordings.map((recording) => toRecordingView(recording, pauses)),
  })
}

/** A message of a case with its call. */
export async function viewMessage(db: Db, message: Message): Promise<MessageView> {
  const kept = message.callId === null ? null : await loadCall(db, message.callId)
  const [call = null] = kept === null ? [] : await viewCalls(db, [kept.call])
  return toMessageView(message, call)
}
