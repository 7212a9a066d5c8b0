import type { RecordingView } from '../http/schemas.ts'

/** When somebody paused the recording of a call, or let it go on. */
export interface PauseMark {
  readonly at: Date
  readonly isPause: boolean
}

type Recording = Omit<RecordingView, 'pauses'>

/** A recording as the API and the stream show it. */
export function toRecordingView(
  recording: Recording,
  pauses: RecordingView['pauses'],
): RecordingView {
  const { id, callId, mime, bytes, seconds } = recording
  return { id, callId, mime, bytes, seconds, pauses }
}

/** CTL-7: the spans in which nothing was recorded; a recording begins when the call is answered. */
export function toPauses(
  answeredAt: Date | null,
  marks: readonly PauseMark[],
): RecordingView['pauses'] {
  if (answeredAt === null) return []
  const pauses: RecordingView['pauses'] = []
  for (const { at, isPause } of marks) {
    const second = Math.max(0, (at.getTime() - answeredAt.getTime()) / 1000)
    const last = pauses.at(-1)
    const isOpen = last !== undefined && last.to === null
    if (isPause && !isOpen) pauses.push({ from: second, to: null })
    else if (!isPause && isOpen) last.to = second
  }
  return pauses
}
