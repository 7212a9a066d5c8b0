import type { Settings, WorkingDay } from '../../db/settings.ts'
import { DAY_MS, dateOf, stretchesOf, weekdayOf } from './zone.ts'

export type WorkingHours = Settings['workingHours']

/**
 * Working time over a span as a clock that stands still outside working hours. It shows 0 until `at[0]`,
 * runs until `at[1]`, stands until `at[2]` and so on, and shows `seconds[i]` at `at[i]`.
 */
export interface WorkingClock {
  readonly at: readonly Date[]
  readonly seconds: readonly number[]
}

interface Interval {
  readonly from: number
  readonly to: number
}

const MINUTE_MS = 60_000

/**
 * The clock of working time from one instant until another. Working time is whenever the clocks of the
 * hours' zone show a working hour of that weekday, except on holidays: an hour that they skip is not
 * worked, one that they repeat is worked twice.
 */
export function workingClockOf(hours: WorkingHours, from: Date, to: Date): WorkingClock {
  const week = weekOf(hours.days)
  const holidays = new Set(hours.holidays)
  const at: Date[] = []
  const seconds: number[] = []
  let worked = 0
  for (const interval of joined(intervalsOf())) {
    const before = worked
    worked += interval.to - interval.from
    at.push(new Date(interval.from), new Date(interval.to))
    seconds.push(before / 1000, worked / 1000)
  }
  return { at, seconds }

  function* intervalsOf(): Generator<Interval> {
    for (const stretch of stretchesOf(hours.tz, from.getTime(), to.getTime())) {
      const lastDay = Math.floor((stretch.to - 1 + stretch.offset) / DAY_MS)
      let day = Math.floor((stretch.from + stretch.offset) / DAY_MS)
      for (; day <= lastDay; day += 1) {
        const ofDay = week[weekdayOf(day)] ?? []
        if (ofDay.length === 0 || holidays.has(dateOf(day))) continue
        const midnight = day * DAY_MS - stretch.offset
        for (const each of ofDay) {
          const start = Math.max(stretch.from, midnight + each.from)
          const end = Math.min(stretch.to, midnight + each.to)
          if (start < end) yield { from: start, to: end }
        }
      }
    }
  }
}

/** How much of the time from `from` to `to` is working time; negative where `to` is the earlier. */
export function workingSecondsBetween(from: Date, to: Date, hours: WorkingHours): number {
  if (to < from) return 0 - workingSecondsBetween(to, from, hours)
  return workingClockOf(hours, from, to).seconds.at(-1) ?? 0
}

/** By weekday: its hours in order, as milliseconds from midnight, those that overlap as one. */
function weekOf(days: readonly WorkingDay[]): readonly (readonly Interval[])[] {
  return Array.from({ length: 8 }, (_, weekday) => {
    const own = days
      .filter((each) => each.weekday === weekday)
      .map((each) => ({ from: sinceMidnight(each.from), to: sinceMidnight(each.to) }))
      .sort((one, other) => one.from - other.from)
    return [...joined(own)]
  })
}

/** Intervals in order of their beginning, with those as one that touch or overlap. */
function* joined(intervals: Iterable<Interval>): Generator<Interval> {
  let last: Interval | null = null
  for (const each of intervals) {
    if (last === null || each.from > last.to) {
      if (last !== null) yield last
      last = each
    } else {
      last = { from: last.from, to: Math.max(last.to, each.to) }
    }
  }
  if (last !== null) yield last
}

/** `09:00`, and `24:00` for the end of the day. */
function sinceMidnight(time: string): number {
  const [hour, minute] = time.split(':').map(Number)
  return ((hour ?? 0) * 60 + (minute ?? 0)) * MINUTE_MS
}
