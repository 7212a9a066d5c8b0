import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of CPU that a process has taken, and those it started and that ended; null where /proc is not. */
export function cpuMsOf(pid: number | undefined): number | null {
  return pid === undefined ? null : (readStat(pid)?.cpuMs ?? null)
}

/** The same of a process and of everything that it started, such as PostgreSQL and its backends. */
export function cpuMsOfTree(pid: number): number | null {
  const own = readStat(pid)
  if (own === null) return null
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat?.parent === pid)
  return children.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), own.cpuMs)
}

/** The process that started another one. */
export function parentOf(pid: number): number | null {
  return readStat(pid)?.parent ?? null
}

/** Linux counts them in hundredths of a second, on every architecture that Node runs on. */
const MS_PER_TICK = 10

function readStat(pid: number): { parent: number; cpuMs: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in front can hold anything; what follows it is numbers.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0)
    return { parent: fields[1]!, cpuMs: ticks * MS_PER_TICK }
  } catch {
    // It is gone, or this is no Linux.
    return null
  }
}
