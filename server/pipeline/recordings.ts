import { listRecordingPauses } from '../../db/call-actions.ts'
import { loadCall } from '../../db/calls.ts'
import type { Db } from '../../db/database.ts'
import type { HookEvent } from '../../db/outbox.ts'
import {
  attachRecordings,
  isMeasured,
  loadRecording,
  type Recording,
  saveRecording,
} from '../../db/recordings.ts'
import type { Call, RecordedEvent } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import type { RecordingView } from '../http/schemas.ts'
import { toPauses, toRecordingView } from '../recordings/recording-view.ts'
import type { Unit } from './unit.ts'

/** Keeps what is known of a stored recording; the same bytes once, other bytes are a further part. */
export async function keepRecording(
  unit: Unit,
  event: RecordedEvent,
  callId: string | null,
): Promise<void> {
  const { connectionId, uniqueId, recording } = event
  const id = await saveRecording(unit.tx, {
    connectionId,
    uniqueId,
    callId,
    recording,
    createdAt: unit.now,
  })
  if (id === null) return
  unit.recordingIds.push(id)
  await tellRecording(unit, id)
}

/** Recordings that came before their call (CALL-8). */
export async function attachEarlierRecordings(unit: Unit, call: Call): Promise<void> {
  for (const id of await attachRecordings(unit.tx, call.connectionId, call.uniqueId, call.id)) {
    const isReady = await isMeasured(unit.tx, id)
    await tellRecording(unit, id, isReady ? ['recording.ready'] : [])
  }
}

/** To the agents on the call; recordings without a call are for admins. */
export async function tellRecording(
  unit: Unit,
  id: string,
  events: readonly HookEvent[] = [],
): Promise<void> {
  const recording = await loadRecording(unit.tx, id)
  if (recording == null) return
  const kept = recording.callId === null ? null : await loadCall(unit.tx, recording.callId)
  const audience = kept === null ? [] : agentsOn(kept.call)
  const data = await viewRecording(unit.tx, recording)
  unit.told.push({ type: 'recording', audience, data, events })
}

/** A recording with its pauses, which are those of its call (CTL-7). */
export async function viewRecording(db: Db, recording: Recording): Promise<RecordingView> {
  const { callId } = recording
  const marks = callId === null ? [] : ((await listRecordingPauses(db, [callId])).get(callId) ?? [])
  if (callId === null || marks.length === 0) return toRecordingView(recording, [])
  const kept = await loadCall(db, callId)
  return toRecordingView(recording, toPauses(kept?.call.answeredAt ?? null, marks))
}
