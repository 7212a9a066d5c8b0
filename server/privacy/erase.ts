import {
  type Erasure,
  type ErasureTarget,
  finishErasure,
  insertErasure,
  loadErasure,
  releaseErasure,
  saveProgress,
  takeErasure,
} from '../../db/erasures.ts'
import type { EraseDeps, Progress } from './erase-progress.ts'
import { eraseStep } from './erase-steps.ts'

/** Erases people in the background, one after the other (SAFE-9); a killed process's work is gone on with. */
export interface Eraser {
  /** Notes whom to erase; the id by which one asks how far it is. */
  start(target: ErasureTarget): Promise<string>
  state(id: string): Promise<Erasure | null>
  /** Nothing is left to be done. */
  settled(): Promise<void>
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1000
/** Longer than any step takes; after it the process that was at it is taken for gone. */
const TAKEN_MS = 15_000

export function createEraser(deps: EraseDeps): Eraser {
  const { database, log, clock } = deps
  const { db } = database
  const closing = new AbortController()
  let running: Promise<void> | null = null
  const takenUntil = (): Date => new Date(clock().getTime() + TAKEN_MS)

  const erase = async ({ id, plan, counts }: Erasure): Promise<void> => {
    if (plan === null) return
    let progress: Progress | null = { plan, counts }
    let last: Progress = progress
    while (progress !== null) {
      if (closing.signal.aborted) return releaseErasure(db, id)
      last = progress
      progress = await eraseStep(deps, progress, (tx, kept) => {
        last = kept
        return saveProgress(tx, id, { ...kept, until: takenUntil() })
      })
    }
    await finishErasure(db, id, last.counts, clock())
    log.info('erase.done', { erasureId: id, ...last.counts })
  }
  const eraseAll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const taken = await takeErasure(db, clock(), takenUntil())
      if (taken === null) return
      try {
        await erase(taken)
      } catch (error) {
        log.warn('erase.waits', { erasureId: taken.id, error })
        // It is tried again: what was done stays done.
        await releaseErasure(db, taken.id).catch(() => undefined)
        return
      }
    }
  }
  const look = (): Promise<void> => {
    running ??= eraseAll()
      .catch((error: unknown) => log.warn('erase.failed', { error }))
      .finally(() => {
        running = null
      })
    return running
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)

  return {
    start: async (target) => {
      const id = await insertErasure(db, target, clock())
      void look()
      return id
    },
    state: (id) => loadErasure(db, id),
    settled: async () => {
      await running
      await look()
    },
    close: async () => {
      closing.abort()
      clearInterval(timer)
      await running
    },
  }
}
