import { trimOutbox } from '../../db/outbox.ts'
import { loadSettings } from '../../db/settings.ts'
import type { CaseActs } from './act-on-case.ts'
import { closeSilentCalls } from './close-calls.ts'
import type { PipelineDeps } from './deps.ts'
import type { Pipeline } from './pipeline.ts'

/** What has to be done now and then: every server process does it, doing it twice changes nothing. */
export interface Chores {
  close(): Promise<void>
}

const EVERY_MS = 1000
const OUTBOX_KEPT_MS = 24 * 60 * 60 * 1000
const TRIM_EVERY = 600

export function createChores(
  deps: PipelineDeps,
  pipeline: Pipeline,
  cases: CaseActs,
  /** What else changes by time alone. */
  more: () => Promise<void> = async () => undefined,
): Chores {
  const { database, log, clock } = deps
  let round = 0
  let running: Promise<void> | null = null

  const doThem = async (): Promise<void> => {
    if ((await closeSilentCalls(deps)) > 0) pipeline.wake()
    const { claimMinutes } = await loadSettings(database.db)
    await cases.releaseLapsed(claimMinutes)
    await more()
    if (round % TRIM_EVERY === 0) {
      await trimOutbox(database.db, new Date(clock().getTime() - OUTBOX_KEPT_MS))
    }
    round += 1
  }

  const timer = setInterval(() => {
    running ??= doThem()
      .catch((error: unknown) => log.warn('chores.failed', { error }))
      .finally(() => {
        running = null
      })
  }, EVERY_MS)

  return {
    close: async () => {
      clearInterval(timer)
      await running
    },
  }
}
