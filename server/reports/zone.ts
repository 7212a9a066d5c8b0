import { readOffset } from '../zone-offset.ts'
import type { Period } from './period.ts'

/** A calendar day as the number of days since 1970-01-01. */
export type DayNumber = number

export interface DayLabel {
  /** `2026-03-29` */
  readonly date: string
}

export interface HourLabel extends DayLabel {
  /** What the clock shows, 0 to 23. */
  readonly hour: number
  /** 1 (Monday) to 7 (Sunday). */
  readonly weekday: number
}

/** A local day or hour as instants; `to` is not in it. */
export interface Bucket<Label = DayLabel | HourLabel> {
  readonly from: Date
  readonly to: Date
  readonly label: Label
}

/** A time in which the clocks of a zone keep their offset to UTC; all in milliseconds. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly offset: number
}

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** A zone is read in pieces of so long, and each is kept. */
const PIECE_MS = 365 * DAY_MS
const MAX_PIECES = 2000

const pieces = new Map<string, readonly Stretch[]>()

/**
 * The local days or hours of a period, without gaps, those at its ends cut by it. A day lasts until the
 * next has begun (REP-8: 23, 24 or 25 hours, or another length where the zone says so); it has begun
 * also where the clock goes back over midnight, as Newfoundland's did at 0:01. An hour that the clock
 * shows twice is there twice.
 */
export function bucketsOf(period: Period, unit: 'day'): readonly Bucket<DayLabel>[]
export function bucketsOf(period: Period, unit: 'hour'): readonly Bucket<HourLabel>[]
export function bucketsOf(period: Period, unit: 'day' | 'hour'): readonly Bucket[]
export function bucketsOf(period: Period, unit: 'day' | 'hour'): readonly Bucket[] {
  return unit === 'day' ? daysOf(period) : hoursOf(period)
}

/** The first instant of a day, or of the next that there is: Samoa had no 2011-12-30. */
export function startOfDay(day: DayNumber, tz: string): Date {
  const midnight = day * DAY_MS
  const around = stretchesOf(tz, midnight - 2 * DAY_MS, midnight + 2 * DAY_MS)
  for (const { from, to, offset } of around) {
    const start = Math.max(from, midnight - offset)
    if (start < to) return new Date(start)
  }
  throw new Error(`no beginning of ${dateOf(day)} in ${tz}`)
}

/** The day that has begun last: what the calendar shows, except after a clock went back over midnight. */
export function dayAt(at: Date, tz: string): DayNumber {
  const time = at.getTime()
  const earlier = stretchesOf(tz, time - 2 * DAY_MS, time + 1)
  return Math.max(...earlier.map(({ to, offset }) => Math.floor((to - 1 + offset) / DAY_MS)))
}

/** `2026-03-29` */
export function dateOf(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** The day of a date such as `2026-03-29`; null where there is none, as on 2026-02-30. */
export function dayOf(date: string): DayNumber | null {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(midnight)) return null
  const day = midnight / DAY_MS
  return dateOf(day) === date ? day : null
}

/** 1 (Monday) to 7 (Sunday). */
export function weekdayOf(day: DayNumber): number {
  // 1970-01-01 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/** What a zone's clocks did from one instant (in milliseconds) until another. */
export function stretchesOf(tz: string, from: number, to: number): readonly Stretch[] {
  const found: Stretch[] = []
  for (let at = Math.floor(from / PIECE_MS) * PIECE_MS; at < to; at += PIECE_MS) {
    for (const each of readPiece(tz, at)) {
      const stretch = { ...each, from: Math.max(each.from, from), to: Math.min(each.to, to) }
      if (stretch.from >= stretch.to) continue
      const last = found.at(-1)
      if (last?.offset === stretch.offset) found[found.length - 1] = { ...last, to: stretch.to }
      else found.push(stretch)
    }
  }
  return found
}

function daysOf({ from, to, tz }: Period): readonly Bucket<DayLabel>[] {
  let last = dayAt(from, tz)
  const starts = [from.getTime()]
  const labels = [{ date: dateOf(last) }]
  for (const stretch of stretchesOf(tz, from.getTime(), to.getTime())) {
    const end = Math.floor((stretch.to - 1 + stretch.offset) / DAY_MS)
    const first = Math.floor((stretch.from + stretch.offset) / DAY_MS)
    for (let day = Math.max(last + 1, first); day <= end; day += 1) {
      starts.push(Math.max(stretch.from, day * DAY_MS - stretch.offset))
      labels.push({ date: dateOf(day) })
      last = day
    }
  }
  return toBuckets(starts, labels, to)
}

function hoursOf({ from, to, tz }: Period): readonly Bucket<HourLabel>[] {
  const starts: number[] = []
  const labels: HourLabel[] = []
  const labelOf = createHourLabels()
  let shown = Number.NaN
  let before = Number.NEGATIVE_INFINITY
  for (const { from: first, to: end, offset } of stretchesOf(tz, from.getTime(), to.getTime())) {
    // A clock put forward within the hour that it shows (Liberia, 1972) begins no new one.
    const goesOn = hourOf(first + offset) === shown && offset > before
    let start = goesOn ? nextHour(first, offset) : first
    for (; start < end; start = nextHour(start, offset)) {
      shown = hourOf(start + offset)
      starts.push(start)
      labels.push(labelOf(shown))
    }
    before = offset
  }
  return toBuckets(starts, labels, to)
}

/** The hour since 1970 in which a clock shows a time. */
function hourOf(local: number): number {
  return Math.floor(local / HOUR_MS)
}

function nextHour(at: number, offset: number): number {
  return (hourOf(at + offset) + 1) * HOUR_MS - offset
}

/** Labels of hours; texts of days, which cost the most, are made once a day. */
function createHourLabels(): (hour: number) => HourLabel {
  let day = Number.NaN
  let date = ''
  let weekday = 0
  return (hour) => {
    const itsDay = Math.floor(hour / 24)
    if (itsDay !== day) {
      day = itsDay
      date = dateOf(day)
      weekday = weekdayOf(day)
    }
    return { date, hour: hour - day * 24, weekday }
  }
}

function toBuckets<Label>(
  starts: readonly number[],
  labels: readonly Label[],
  to: Date,
): readonly Bucket<Label>[] {
  const limits = [...starts.map((at) => new Date(at)), to]
  return labels.map((label, index) => ({ from: limits[index]!, to: limits[index + 1]!, label }))
}

function readPiece(tz: string, from: number): readonly Stretch[] {
  const key = `${tz} ${from}`
  const known = pieces.get(key)
  if (known !== undefined) return known
  const found: Stretch[] = []
  const end = from + PIECE_MS
  let start = from
  let offset = readOffset(from, tz)
  // No zone has gone back on a change within three days: one look a day sees them all.
  for (let at = from + DAY_MS; at <= end; at += DAY_MS) {
    const later = readOffset(at, tz)
    while (later !== offset) {
      const change = findChange(tz, Math.max(start, at - DAY_MS), at)
      if (change === end) break
      found.push({ from: start, to: change, offset })
      start = change
      offset = readOffset(change, tz)
    }
  }
  found.push({ from: start, to: end, offset })
  if (pieces.size >= MAX_PIECES) pieces.clear()
  pieces.set(key, found)
  return found
}

/** The first instant after `from` with another offset, where there is one at `to`. */
function findChange(tz: string, from: number, to: number): number {
  const offset = readOffset(from, tz)
  let before = from
  let after = to
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (readOffset(middle, tz) === offset) before = middle
    else after = middle
  }
  return after
}
