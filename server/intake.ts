import { setImmediate as nextTurn } from 'node:timers/promises'
import { toCallEvent } from '../db/call-events.ts'
import { within } from '../db/within.ts'
import { RingsideError } from './errors.ts'
import type { Log } from './log.ts'
import type { NewEvent } from './sources/new-event.ts'
import { sleep } from './sources/sleep.ts'
import { openSpool, type Spool } from './spool.ts'

export interface Intake {
  /** Resolves when the events are durable: in the database, or in the spool while that is away. */
  accept(events: readonly NewEvent[]): Promise<void>
  /** How many acknowledged events are not in the database yet. */
  pendingInSpool(): number
  /** Takes lines that nobody could read out of the spool. */
  forgetAside(isMeant: (line: string) => boolean): Promise<void>
  /** Takes over what processes that are gone left in the spool's folder. */
  adopt(): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface IntakeOptions {
  /** Inserts into the database; the same receipt twice is the same event. */
  readonly insert: (batch: readonly NewEvent[]) => Promise<void>
  readonly spoolFolder: string
  readonly log: Log
  /** Told what is in the database now, so that it is applied. */
  readonly onAccepted: (events: readonly NewEvent[]) => void
  /** How long an insert may take before its events go to the spool (CALL-6). */
  readonly timeoutMs?: number
  /** How long to wait before the database is tried again, by the number of failures so far. */
  readonly retryMs?: (failures: number) => number
}

interface Waiting {
  readonly events: readonly NewEvent[]
  resolve(): void
  reject(error: unknown): void
}

/**
 * Two inserts on their way: what arrives meanwhile is the next one, all of it at once. The second one waits
 * until it has as much as the first: where few were let go ahead, most commits would be of few.
 */
const MAX_IN_FLIGHT = 2
const MAX_BATCH = 1000
const MAX_WAITING = 20_000
const DRAIN_TIMEOUT_MS = 10_000

/** Opens the intake; what an earlier process left in the spool is taken first. */
export async function createIntake(options: IntakeOptions): Promise<Intake> {
  const { insert, log, timeoutMs = 1000 } = options
  const spool = await openSpool(options.spoolFolder)
  const tell = (events: readonly NewEvent[]): void => {
    try {
      options.onAccepted(events)
    } catch (error) {
      // They are kept, and what was not applied is applied at the next chance.
      log.error('intake.not-told', { error })
    }
  }
  const drain = createDrain(spool, { ...options, onAccepted: tell })
  const running = new Set<Promise<void>>()
  let waiting: Waiting[] = []
  let waitingCount = 0
  let lastBatch = 0
  let isPumping = false
  let isClosed = false

  const toSpool = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      await spool.append(batch.flatMap(({ events }) => events.map((each) => JSON.stringify(each))))
      for (const each of batch) each.resolve()
      drain.start()
    } catch (error) {
      log.error('intake.spool-failed', { error })
      const refused = new RingsideError('unavailable', 'the event cannot be kept', {}, error)
      for (const each of batch) each.reject(refused)
    }
  }
  const toDatabase = async (batch: readonly Waiting[]): Promise<void> => {
    const events = batch.flatMap((each) => each.events)
    try {
      // What comes of it later does not matter, it can be done twice.
      await within(timeoutMs, insert(events))
    } catch (error) {
      log.warn('intake.database-away', { events: events.length, error })
      return toSpool(batch)
    }
    for (const each of batch) each.resolve()
    tell(events)
  }
  const mayBegin = (): boolean =>
    running.size === 0 || (running.size < MAX_IN_FLIGHT && waiting.length >= lastBatch)
  const pump = (): void => {
    isPumping = false
    while (waiting.length > 0 && mayBegin()) {
      const batch = takeBatch(waiting)
      waiting = waiting.slice(batch.length)
      lastBatch = batch.length
      for (const { events } of batch) waitingCount -= events.length
      // Behind what is in the spool, so that everything gets to the database in order.
      const work = spool.pending() > 0 ? toSpool(batch) : toDatabase(batch)
      running.add(work)
      void work.finally(() => {
        running.delete(work)
        pumpSoon()
      })
    }
  }
  /** After what else came in the same turn of the event loop. */
  const pumpSoon = (): void => {
    if (isPumping) return
    isPumping = true
    setImmediate(pump)
  }
  const accept = (events: readonly NewEvent[]): Promise<void> => {
    if (isClosed || waitingCount > MAX_WAITING) {
      const why = isClosed ? 'the server is stopping' : 'too many events wait'
      return Promise.reject(new RingsideError('unavailable', why))
    }
    if (events.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      waiting.push({ events, resolve, reject })
      waitingCount += events.length
      pumpSoon()
    })
  }
  const close = async (): Promise<void> => {
    isClosed = true
    while (running.size > 0 || waiting.length > 0) await Promise.all([...running, nextTurn()])
    await drain.stop()
    await spool.close()
  }
  const adopt = async (): Promise<void> => {
    await spool.adopt()
    if (spool.pending() > 0) drain.start()
  }
  await adopt()
  return {
    accept,
    pendingInSpool: spool.pending,
    forgetAside: spool.forgetAside,
    adopt,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function takeBatch(waiting: readonly Waiting[]): readonly Waiting[] {
  let rows = 0
  const end = waiting.findIndex(({ events }) => {
    rows += events.length
    return rows > MAX_BATCH
  })
  return end === -1 ? waiting : waiting.slice(0, Math.max(1, end))
}

/** Brings what is in the spool to the database, in order, and tries again for as long as it takes. */
function createDrain(
  spool: Spool,
  { insert, log, onAccepted, retryMs = backoffMs }: IntakeOptions,
): { start(): void; stop(): Promise<void> } {
  const stopped = new AbortController()
  let running: Promise<void> | null = null

  const insertOrSetAside = async (batch: readonly NewEvent[]): Promise<void> => {
    try {
      await within(DRAIN_TIMEOUT_MS, insert(batch), stopped.signal)
      onAccepted(batch)
    } catch (error) {
      if (!isRefusedForGood(error)) throw error
      // One event that the database cannot take does not hold up all others.
      if (batch.length > 1) for (const each of batch) await insertOrSetAside([each])
      else {
        log.error('intake.event-refused', { receipt: batch[0]?.receipt, error })
        for (const each of batch) await spool.setAside(JSON.stringify(each))
      }
    }
  }
  const takePart = async (): Promise<void> => {
    const part = await spool.peek(MAX_BATCH)
    const events: NewEvent[] = []
    for (const line of part.lines) {
      const event = parseLine(line)
      if (event !== null) events.push(event)
      else {
        log.error('intake.spool-line-unreadable', { characters: line.length })
        await spool.setAside(line)
      }
    }
    if (events.length > 0) await insertOrSetAside(events)
    await spool.remove(part)
  }
  const run = async (): Promise<void> => {
    let failures = 0
    while (spool.pending() > 0 && !stopped.signal.aborted) {
      try {
        await takePart()
        failures = 0
      } catch (error) {
        if (stopped.signal.aborted) break
        log.warn('intake.spool-waits', { events: spool.pending(), error })
        await sleep(retryMs(failures), stopped.signal)
        failures += 1
      }
    }
    running = null
  }
  return {
    start: () => {
      running ??= run()
    },
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

function backoffMs(failures: number): number {
  return Math.min(2000, 100 * 2 ** Math.min(failures, 10))
}

/** Classes 22, 23 and 54 of SQLSTATE speak of the data, not of the database being away. */
function isRefusedForGood(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return typeof code === 'string' && /^(?:22|23|54)[0-9A-Z]{3}$/.test(code)
}

function parseLine(line: string): NewEvent | null {
  try {
    const { receipt, event, raw } = JSON.parse(line) as NewEvent
    return typeof receipt === 'string' ? { receipt, event: toCallEvent(event), raw } : null
  } catch {
    // The one who asks puts the line aside and logs it.
    return null
  }
}
