import { loadCallsForUpdate } from '../../db/calls.ts'
import { type Database, inTransaction } from '../../db/database.ts'
import type { HookEvent } from '../../db/outbox.ts'
import {
  isMeasured,
  listUnmeasured,
  loadRecording,
  loadRecordingForUpdate,
  type Recording,
  savePeaks,
  saveRecordingSeconds,
} from '../../db/recordings.ts'
import type { Log } from '../log.ts'
import { tellRecording } from '../pipeline/recordings.ts'
import { createUnit, tellAll, tellCall, tellCaseOfCall, type Unit } from '../pipeline/unit.ts'
import { type Measured, measureAudio } from './measure-audio.ts'
import type { RecordingStorage } from './storage.ts'

/** Finds out how long and how loud recordings are, one after another, after they were acknowledged. */
export interface Measurer {
  measure(recordingId: string): void
  /** Before all others: somebody is looking at it. */
  measureSoon(recordingId: string): void
  /** What a process before this one did not get to. */
  catchUp(): Promise<void>
  close(): Promise<void>
}

interface MeasurerOptions {
  readonly database: Database
  readonly storage: RecordingStorage
  readonly log: Log
  readonly clock: () => Date
  readonly onTold: () => void
}

/** More are measured when somebody looks at them. */
const MAX_CAUGHT_UP = 1000

export function createMeasurer(options: MeasurerOptions): Measurer {
  const { database, log } = options
  const waiting: string[] = []
  const closing = new AbortController()
  let current: string | null = null
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      if (closing.signal.aborted) return
      current = id
      await measure(options, id, closing.signal).catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn('recording.not-measured', { recordingId: id, error })
      })
      current = null
    }
  }

  function add(id: string, at: number): void {
    if (closing.signal.aborted || id === current) return
    const before = waiting.indexOf(id)
    if (before >= 0) waiting.splice(before, 1)
    waiting.splice(at, 0, id)
    running ??= run().finally(() => {
      running = null
    })
  }

  return {
    measure: (id) => add(id, waiting.length),
    measureSoon: (id) => add(id, 0),
    async catchUp() {
      const ids = await listUnmeasured(database.db, MAX_CAUGHT_UP)
      for (const id of ids) if (!waiting.includes(id)) add(id, waiting.length)
    },
    async close() {
      closing.abort()
      await running
    },
  }
}

async function measure(options: MeasurerOptions, id: string, signal: AbortSignal): Promise<void> {
  const { database, storage, clock, onTold } = options
  const recording = await loadRecording(database.db, id)
  if (recording === null) return
  const found = await measureFile(storage, recording, signal)
  await inTransaction(database.db, async (tx) => {
    // Its call may have shown up meanwhile.
    const kept = await loadRecordingForUpdate(tx, id)
    if (kept === null) return
    const isReady = kept.callId !== null && !(await isMeasured(tx, id))
    await savePeaks(tx, id, found.peaks, clock())
    const unit = createUnit(tx, clock())
    const events: HookEvent[] = isReady ? ['recording.ready'] : []
    if (found.seconds !== null && found.seconds !== kept.seconds) {
      await saveRecordingSeconds(tx, id, found.seconds)
      await tell(unit, kept, events)
    } else if (isReady) {
      await tellRecording(unit, id, events)
    }
    await tellAll(unit)
  })
  onTold()
}

async function measureFile(
  storage: RecordingStorage,
  { storageKey, mime }: Recording,
  signal: AbortSignal,
): Promise<Measured> {
  await using file = await storage.borrow(storageKey, signal)
  return file === null ? { seconds: null, peaks: [] } : await measureAudio(file.path, mime, signal)
}

/** Everybody who sees the recording hears how long it is. */
async function tell(unit: Unit, recording: Recording, events: HookEvent[]): Promise<void> {
  await tellRecording(unit, recording.id, events)
  const { callId } = recording
  if (callId === null) return
  // Locked, so that nothing older is told after something newer.
  const kept = (await loadCallsForUpdate(unit.tx, [callId])).get(callId)
  if (kept === undefined) return
  await tellCall(unit, kept.call)
  await tellCaseOfCall(unit, kept.call.id)
}
