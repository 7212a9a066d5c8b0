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
import { nameKey } from '../../db/working/keys.ts'
import type { Call, RecordedEvent } from '../calls/call.ts'
import { agentsOn } from '../calls/call-view.ts'
import type { RecordingView } from '../http/schemas.ts'
import { toPauses, toRecordingView } from '../recordings/recording-view.ts'
import { callNow, type Unit } from './unit.ts'

/** Keeps what is known of a stored recording; the same bytes once, other bytes are a further part. */
export async function keepRecording(
  unit: Unit,
  event: RecordedEvent,
  callId: string | null,
): Promise<void> {
  const { connectionId, uniqueId, recording } = event
  // Its call may be as new.
  await unit.work.flush()
  const id = await saveRecording(unit.tx, {
    connectionId,
    uniqueId,
    callId,
    recording,
    createdAt: unit.now,
  })
  if (callId !== null) unit.work.recordings.forget(callId)
  unit.work.unattached.forget(nameKey(connectionId, uniqueId))
  if (id === null) return
  unit.recordingIds.push(id)
  await tellRecording(unit, id)
}

/** Recordings that came before their call (CALL-8). */
export async function attachEarlierRecordings(unit: Unit, call: Call): Promise<void> {
  const { work } = unit
  const { id: callId, connectionId, uniqueId } = call
  if ((await work.unattached.find(nameKey(connectionId, uniqueId))) === null) return
  await work.flush()
  const attached = await attachRecordings(unit.tx, connectionId, uniqueId, callId)
  work.unattached.know(nameKey(connectionId, uniqueId), null)
  work.recordings.forget(callId)
  for (const id of attached) {
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
  const call = recording.callId === null ? null : await callNow(unit, recording.callId)
  const audience = call === null ? [] : agentsOn(call)
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
