import { setTimeout as sleep } from 'node:timers/promises'
import { type FuzzServer, memoryOf } from './fuzz-server.ts'

/** What a part of the run came to. */
export interface Played {
  readonly lines: readonly string[]
  readonly failures: readonly string[]
}

/** Looks again and again; false where it did not become so in time. */
export async function within(ms: number, isSo: () => Promise<boolean> | boolean): Promise<boolean> {
  const end = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > end) return false
    await sleep(50)
  }
  return true
}

/** What a server may grow by while a PBX floods it (HOLD-12 measures the slope of quiet times). */
const MAX_GROWN_MB = 512
const LOOK_EVERY_MS = 250

export interface FloodWatch {
  /** True once another client was not answered. */
  isLost(): boolean
  /** What was seen of the flood until now. */
  stop(): Promise<Played>
}

/** Asks as another client would, again and again, and looks at what the server holds. */
export function watchFlood(server: FuzzServer): FloodWatch {
  const pid = server.server.child.pid ?? 0
  const before = memoryOf(pid).now
  const failures: string[] = []
  let slowestMs = 0
  let isOver = false
  const look = async (): Promise<void> => {
    while (!isOver && failures.length === 0) {
      try {
        slowestMs = Math.max(slowestMs, await server.healthMs())
      } catch (error) {
        failures.push(`another client was not answered: ${String(error)}`)
      }
      await sleep(LOOK_EVERY_MS)
    }
  }
  const looking = look()
  return {
    isLost: () => failures.length > 0,
    stop: async () => {
      isOver = true
      await looking
      const grownMb = hasEnded(server) ? Number.NaN : memoryOf(pid).now - before
      if (!(grownMb < MAX_GROWN_MB)) failures.push(`the server grew by ${grownMb.toFixed(0)} MiB`)
      const line = `slowest answer of another client ${slowestMs.toFixed(0)} ms, memory grown by ${grownMb.toFixed(0)} MiB`
      return { lines: [line], failures }
    },
  }
}

export function hasEnded({ server: { child } }: FuzzServer): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** How long the number of waiting events may stay the same before it counts as stuck. */
const STUCK_MS = 30_000

/** What is amiss with the process itself; each look tells what is new since the one before. */
export function watchLife(server: FuzzServer): { look(): Promise<string[]> } {
  let seen = 0
  return {
    look: async () => {
      const found: string[] = []
      const { exitCode, signalCode } = server.server.child
      if (hasEnded(server)) found.push(`the server ended with ${exitCode ?? signalCode}`)
      else {
        await server.healthMs().catch((error: unknown) => found.push(`afterwards: ${error}`))
        found.push(...(await settledOrStuck(server)))
      }
      const unexpected = server.server.errors.slice(seen).filter(isUnexpected)
      seen = server.server.errors.length
      const shown = unexpected.slice(0, 5).map((line) => `the log: ${line.slice(0, 1500)}`)
      if (unexpected.length > 5) shown.push(`the log: ${unexpected.length - 5} more of these`)
      return [...found, ...shown]
    },
  }
}

/**
 * Whatever a client or a PBX sends is at most a warning (level 40): an error says that the server failed
 * at something. What is no JSON is a stack or a warning of Node's own.
 */
function isUnexpected(line: string): boolean {
  if (!line.startsWith('{')) return true
  const { level } = JSON.parse(line) as { level: number }
  return level >= 50
}

/** Everything that was taken in becomes applied: the number that waits goes down to 0. */
export async function settledOrStuck(server: FuzzServer): Promise<string[]> {
  let least = Number.POSITIVE_INFINITY
  const isLess = async (): Promise<boolean> => {
    const pending = await metricOf(server, 'ringside_events_pending')
    if (!(pending < least)) return false
    least = pending
    return true
  }
  try {
    while (least > 0) {
      if (!(await within(STUCK_MS, isLess))) return [`${least} events wait and are not applied`]
    }
    return []
  } catch (error) {
    return [`how many events wait is not told: ${error}`]
  }
}

/** How many call events of a source (`ami`, `ari`) were taken in; 0 once none has come for a while. */
export async function eventsOf(server: FuzzServer, source: string): Promise<number> {
  const labels = `source="${source}",result="accepted"`
  let count = 0
  await within(FIRST_EVENT_MS, async () => {
    // Before the first there is no such figure.
    count = (await metricOf(server, 'ringside_events_total', labels)) || 0
    return count > 0
  })
  return count
}

const FIRST_EVENT_MS = 10_000

/** NaN where the server does not tell it. */
async function metricOf(server: FuzzServer, name: string, labels = ''): Promise<number> {
  const { body } = await server.api('GET', '/metrics')
  const series = labels === '' ? name : `${name}{${labels}}`
  const line = String(body)
    .split('\n')
    .find((each) => each.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1))
}
