import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../../db/database.ts'
import {
  forgetProcess,
  forgetStaleProcesses,
  PROCESS_STALE_MS,
  savePages,
  saveProcess,
} from '../../db/open-pages.ts'
import type { Log } from '../log.ts'

/** Counts which agents have a page open at this process, and says so in the database. */
export interface Pages {
  /** The agent opened a page; what it gives back is called when the page goes. */
  enter(agentId: string): () => void
  close(): Promise<void>
}

const SAY_AGAIN_MS = PROCESS_STALE_MS / 3
/** Between them whoever is called hears of it. */
const AT_A_TIME = 500
/** Thousands come one by one: of those who come meanwhile it is one statement. */
const PAUSE_MS = 50

export function createPages(options: {
  db: Db
  log: Log
  clock: () => Date
  processId: string
}): Pages {
  const { db, log, clock, processId } = options
  const counts = new Map<string, number>()
  const changed = new Set<string>()
  let saving: Promise<void> | null = null

  const save = async (): Promise<void> => {
    for (;;) {
      const isNew = await saveProcess(db, processId, clock())
      // Others hold who is silent for long for gone, and forget its pages.
      if (isNew) for (const agentId of counts.keys()) changed.add(agentId)
      const agentIds = [...changed].slice(0, AT_A_TIME)
      const agents = new Map(agentIds.map((agentId) => [agentId, counts.get(agentId) ?? 0]))
      for (const agentId of agentIds) changed.delete(agentId)
      try {
        await savePages(db, processId, agents)
      } catch (error) {
        // Said again with the next round.
        for (const agentId of agentIds) changed.add(agentId)
        throw error
      }
      if (changed.size === 0) return
      await sleep(PAUSE_MS)
    }
  }
  const saveSoon = (): void => {
    saving ??= save().then(
      () => {
        saving = null
        // What came as it ended.
        if (changed.size > 0) saveSoon()
      },
      (error: unknown) => {
        saving = null
        log.warn('pages.save-failed', { error })
      },
    )
  }
  const change = (agentId: string, by: number): void => {
    const count = (counts.get(agentId) ?? 0) + by
    if (count === 0) counts.delete(agentId)
    else counts.set(agentId, count)
    changed.add(agentId)
    saveSoon()
  }
  const timer = setInterval(() => {
    saveSoon()
    forgetStaleProcesses(db, clock()).catch((error: unknown) => {
      log.warn('pages.forget-failed', { error })
    })
  }, SAY_AGAIN_MS)

  return {
    enter: (agentId) => {
      change(agentId, 1)
      let isHere = true
      return () => {
        if (isHere) change(agentId, -1)
        isHere = false
      }
    },
    close: async () => {
      clearInterval(timer)
      await saving
      await forgetProcess(db, processId).catch((error: unknown) => {
        log.warn('pages.forget-failed', { error })
      })
    },
  }
}
