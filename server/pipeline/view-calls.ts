import { listRecordingPauses } from '../../db/call-actions.ts'
import { casesOfCalls } from '../../db/calls.ts'
import type { Db } from '../../db/database.ts'
import { listRecordingsOfCalls } from '../../db/recordings.ts'
import type { Call } from '../calls/call.ts'
import { toCallView } from '../calls/call-view.ts'
import type { CallView } from '../http/schemas.ts'
import { toPauses, toRecordingView } from '../recordings/recording-view.ts'

/** Calls as the API and the stream show them, with their cases and recordings. */
export async function viewCalls(db: Db, calls: readonly Call[]): Promise<CallView[]> {
  const ids = calls.map((call) => call.id)
  const recordings = await listRecordingsOfCalls(db, ids)
  const caseIds = await casesOfCalls(db, ids)
  // Few calls have one yet when they are told.
  const pauses = await listRecordingPauses(db, [...recordings.keys()])
  return calls.map((call) =>
    toCallView(call, {
      caseId: caseIds.get(call.id) ?? null,
      recordings: (recordings.get(call.id) ?? []).map((recording) =>
        toRecordingView(recording, toPauses(call.answeredAt, pauses.get(call.id) ?? [])),
      ),
    }),
  )
}
