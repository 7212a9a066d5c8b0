import { loadCallsForUpdate } from '../../db/calls.ts'
import { type Database, inTransaction } from '../../db/database.ts'
import { loadRecording, saveRecordingSeconds } from '../../db/recordings.ts'
import type { Log } from '../log.ts'
import { tellRecording } from '../pipeline/recordings.ts'
import { createUnit, tellAll, tellCall, tellCaseOfCall } from '../pipeline/unit.ts'
import { secondsOf } from './audio.ts'
import type { RecordingStorage } from './storage.ts'

/** Finds out how long recordings are, one after another, after they were acknowledged. */
export interface Measurer {
  measure(recordingId: string): void
  close(): Promise<void>
}

interface MeasurerOptions {
  readonly database: Database
  readonly storage: RecordingStorage
  readonly log: Log
  readonly clock: () => Date
  readonly onTold: () => void
}

export function createMeasurer(options: MeasurerOptions): Measurer {
  let running: Promise<void> = Promise.resolve()
  let isClosed = false
  return {
    measure: (recordingId) => {
      running = running
        .then(() => (isClosed ? undefined : measure(options, recordingId)))
        .catch((error: unknown) => {
          options.log.warn('recording.not-measured', { recordingId, error })
        })
    },
    close: async () => {
      isClosed = true
      await running
    },
  }
}

async function measure(options: MeasurerOptions, recordingId: string): Promise<void> {
  const { database, storage, clock, onTold } = options
  const recording = await loadRecording(database.db, recordingId)
  const path = recording === null ? null : await storage.pathOf(recording.storageKey)
  if (recording === null || path === null) return
  const seconds = await secondsOf(path)
  if (seconds === null) return
  await inTransaction(database.db, async (tx) => {
    const unit = createUnit(tx, clock())
    await saveRecordingSeconds(tx, recordingId, Math.round(seconds))
    await tellRecording(unit, recordingId)
    const { callId } = recording
    // Locked, so that nothing older is told after something newer.
    const kept = callId === null ? undefined : (await loadCallsForUpdate(tx, [callId])).get(callId)
    if (kept !== undefined) {
      await tellCall(unit, kept.call)
      await tellCaseOfCall(unit, kept.call.id)
    }
    await tellAll(unit)
  })
  onTold()
}
