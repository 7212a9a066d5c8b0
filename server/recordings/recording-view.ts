import type { RecordingView } from '../http/schemas.ts'

/** A recording as the API and the stream show it. */
export function toRecordingView(recording: RecordingView): RecordingView {
  const { id, callId, mime, bytes, seconds } = recording
  return { id, callId, mime, bytes, seconds }
}
