import { readOffset } from '../zone-offset.ts'

const QUARTER_HOUR_MS = 15 * 60_000
const DAY_MS = 24 * 60 * 60_000
const MAX_CACHED = 2000

const offsets = new Map<string, number>()
/** The last time that has one reading: a PBX tells many events of the same second. */
let last = { text: '', timeZone: '', at: 0 }

/**
 * `dd.mm.yyyy-HH:MM:SS` in an IANA time zone → the instant; null where it is no such time. A local
 * time that is ambiguous or does not exist (clock change) takes the reading nearest to arrival
 * (CALL-3).
 */
export function parsePbxTime(text: string, timeZone: string, arrivedAt: Date): Date | null {
  if (text === last.text && timeZone === last.timeZone) return new Date(last.at)
  const local = parseLocal(text)
  if (local === null) return null
  const around = [local - DAY_MS, local, local + DAY_MS].map((at) => offsetAt(at, timeZone))
  const [offset = 0] = around
  // No clock is changed around that day: there is one reading.
  if (around.every((each) => each === offset)) {
    last = { text, timeZone, at: local - offset }
    return new Date(last.at)
  }
  const readings = [...new Set(around)].map((each) => ({ offset: each, at: local - each }))
  const existing = readings.filter((each) => offsetAt(each.at, timeZone) === each.offset)
  const distance = (at: number): number => Math.abs(at - arrivedAt.getTime())
  const [best] = (existing.length > 0 ? existing : readings).sort(
    (a, b) => distance(a.at) - distance(b.at),
  )
  return best === undefined ? null : new Date(best.at)
}

/** The local time as if it were UTC, in milliseconds. */
function parseLocal(text: string): number | null {
  const found = /^(\d\d)\.(\d\d)\.(\d{4})-(\d\d):(\d\d):(\d\d)$/.exec(text.trim())
  if (found === null) return null
  const [day, month, year, hour, minute, second] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (year < 2000 || year > 2060 || hour > 23 || minute > 59 || second > 59) return null
  const at = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(at)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? at : null
}

/** Zones change their offset at quarter hours only: asking once per quarter hour is enough. */
function offsetAt(at: number, timeZone: string): number {
  const quarter = Math.floor(at / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
  const key = `${timeZone} ${quarter}`
  const cached = offsets.get(key)
  if (cached !== undefined) return cached
  if (offsets.size >= MAX_CACHED) offsets.clear()
  const offset = readOffset(quarter, timeZone)
  offsets.set(key, offset)
  return offset
}

/** Seconds, or `HH:MM:SS` / `MM:SS`, as whole seconds; null where it is neither. */
export function parseDuration(text: string): number | null {
  const found = /^(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9})(?:\.\d*)?$/.exec(text.trim())
  if (found === null) return null
  const [hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0))
  const total = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  return total <= 2_147_483_647 ? total : null
}
