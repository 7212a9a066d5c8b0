/** Periods by name as days of a time zone; days are texts such as `2026-03-01`, which know no clock. */
import { weekdays } from './charts/week.ts'

export const PERIODS = [
  'today',
  'yesterday',
  'week',
  'last7',
  'last30',
  'month',
  'lastMonth',
  'range',
] as const
export type PeriodName = (typeof PERIODS)[number]

/** `to` is the first day that is not in it any more. */
export interface Days {
  readonly from: string
  readonly to: string
}

/** The days of a period by name; `range` is what somebody typed. */
export function daysOf(name: Exclude<PeriodName, 'range'>, now: number, tz: string): Days {
  const today = dayIn(tz, now)
  const next = addDays(today, 1)
  switch (name) {
    case 'today':
      return { from: today, to: next }
    case 'yesterday':
      return { from: addDays(today, -1), to: today }
    case 'week': {
      // It begins as the language has it.
      const from = addDays(today, -((weekdayOf(today) - (weekdays()[0]?.weekday ?? 1) + 7) % 7))
      return { from, to: addDays(from, 7) }
    }
    case 'last7':
      return { from: addDays(today, -6), to: next }
    case 'last30':
      return { from: addDays(today, -29), to: next }
    case 'month':
      return { from: monthOf(today, 0), to: monthOf(today, 1) }
    case 'lastMonth':
      return { from: monthOf(today, -1), to: monthOf(today, 0) }
  }
}

/** Which day it is somewhere. */
export function dayIn(tz: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone: tz,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * 86_400_000).toISOString().slice(0, 10)
}

/** 1 is Monday. */
export function weekdayOf(day: string): number {
  return new Date(day).getUTCDay() || 7
}

/** A day that there is: not the 31st of February. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** A time zone that this browser knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name !== ''
  } catch {
    return false
  }
}

function monthOf(day: string, monthsLater: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 + monthsLater, 1)).toISOString().slice(0, 10)
}
