import type { FieldError } from '../errors.ts'
import { DAY_MS, dateOf, dayAt, dayOf, startOfDay } from './zone.ts'

/** What a report is about: `to` is not in it; its days and hours are those of `tz`. */
export interface Period {
  readonly from: Date
  readonly to: Date
  /** An IANA time zone, such as `Europe/Minsk`. */
  readonly tz: string
}

/** A period as it is asked for: days (`2026-03-01`: its beginning in `tz`) or instants with zone. */
export interface AskedPeriod {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly tz?: string | undefined
}

export type ReadPeriod =
  | { readonly period: Period }
  | { readonly errors: readonly [FieldError, ...FieldError[]] }

const DEFAULT_DAYS = 30
const MAX_YEARS = 5
const YEARS = { first: 1900, last: 2199 }
const EXPECTED = 'expected a day such as 2026-03-01 or an instant such as 2026-03-01T09:00:00Z'
const INSTANT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/i

/**
 * Reads the period of a report. What is left out: `tz` is the given one, `to` the end of today, `from`
 * thirty days (the last one included) before `to`.
 */
export function readPeriod(
  asked: AskedPeriod,
  { now, tz: ownTz }: { readonly now: Date; readonly tz: string },
): ReadPeriod {
  const zone = asked.tz === undefined ? { value: ownTz } : readZone(asked.tz)
  // Without a zone the days can still be looked at, so that all that is wrong is told at once.
  const tz = 'value' in zone ? zone.value : 'UTC'
  const today = dayAt(now, tz)
  const to = readEnd('to', asked.to, tz) ?? { value: startOfDay(today + 1, tz) }
  const from = readEnd('from', asked.from, tz) ?? {
    value: 'value' in to ? daysBefore(to.value, tz) : now,
  }
  const wrong = [from, to, zone].flatMap((read) => ('error' in read ? [read.error] : []))
  const [first, ...others] = wrong
  if (first !== undefined) return { errors: [first, ...others] }
  if (!('value' in from && 'value' in to)) throw new Error('a period without ends or errors')
  const period = { from: from.value, to: to.value, tz }
  const error = refuseLength(period, asked)
  return error === null ? { period } : { errors: [error] }
}

/**
 * The period before, to compare with: as many months before whole months, as many days before whole
 * days, else the same duration.
 */
export function previousPeriod({ from, to, tz }: Period): Period {
  const [first, end] = [dayAt(from, tz), dayAt(to, tz)]
  const isOfDays = isStart(from, first, tz) && isStart(to, end, tz)
  if (!isOfDays) {
    return { from: new Date(from.getTime() * 2 - to.getTime()), to: from, tz }
  }
  const months = monthOf(end) - monthOf(first)
  const isOfMonths = months > 0 && isFirstOfMonth(first) && isFirstOfMonth(end)
  let day = isOfMonths ? firstOfMonth(monthOf(first) - months) : first - (end - first)
  // A day that a zone left out is none to compare with.
  while (startOfDay(day, tz) >= from) day -= 1
  return { from: startOfDay(day, tz), to: from, tz }
}

/** The first day of the default period that ends at `to`. */
function daysBefore(to: Date, tz: string): Date {
  const lastDay = dayAt(new Date(to.getTime() - 1), tz)
  return startOfDay(lastDay - DEFAULT_DAYS + 1, tz)
}

type Read<Value> = { readonly value: Value } | { readonly error: FieldError }

function readZone(name: string): Read<string> {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    // Offsets, which some runtimes take for names, are no zones.
    if (/^[A-Za-z]/.test(name)) {
      return { value: timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name }
    }
  } catch {
    // The runtime knows no such zone.
  }
  const message = `is ${quote(name)}, expected a time zone such as Europe/Minsk`
  return { error: { path: 'tz', message } }
}

function readEnd(path: 'from' | 'to', text: string | undefined, tz: string): Read<Date> | null {
  if (text === undefined) return null
  const refuse = (expected: string): Read<Date> => ({
    error: { path, message: `is ${quote(text)}, ${expected}` },
  })
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const date = isDay ? text : INSTANT.exec(text)?.[1]
  if (date === undefined) return refuse(expectedOf(text))
  const year = Number(date.slice(0, 4))
  if (year < YEARS.first || year > YEARS.last) {
    return refuse(`expected a year from ${YEARS.first} to ${YEARS.last}`)
  }
  const number = dayOf(date)
  if (number === null) return refuse('expected a day that there is')
  return { value: isDay ? startOfDay(number, tz) : new Date(text.toUpperCase()) }
}

/** What is often wrong has words of its own. */
function expectedOf(text: string): string {
  if (/T[\d:.]+ \d\d:?\d\d$/i.test(text)) {
    return `${EXPECTED}; in an address the + of a zone is written %2B`
  }
  if (/T[\d:.]+$/i.test(text)) return `${EXPECTED}: with its zone, Z or such as +03:00`
  return EXPECTED
}

function refuseLength({ from, to, tz }: Period, asked: AskedPeriod): FieldError | null {
  const start = quote(asked.from ?? from.toISOString())
  const end =
    asked.to === undefined ? `the end of today, ${quote(to.toISOString())}` : quote(asked.to)
  const refuse = (expected: string): FieldError =>
    asked.to === undefined
      ? { path: 'from', message: `is ${start}, expected ${expected}` }
      : { path: 'to', message: `is ${end}, expected ${expected}` }
  if (from >= to) {
    return refuse(
      asked.to === undefined ? `before to, which is ${end}` : `after from, which is ${start}`,
    )
  }
  const first = dateOf(dayAt(from, tz))
  const limit = `${Number(first.slice(0, 4)) + MAX_YEARS}${first.slice(4)}`
  const lastDay = dateOf(dayAt(new Date(to.getTime() - 1), tz))
  return lastDay < limit ? null : refuse(`at most ${MAX_YEARS} years from ${start} to ${end}`)
}

function isStart(at: Date, day: number, tz: string): boolean {
  return startOfDay(day, tz).getTime() === at.getTime()
}

/** Months since year 0. */
function monthOf(day: number): number {
  const date = new Date(day * DAY_MS)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function firstOfMonth(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS
}

function isFirstOfMonth(day: number): boolean {
  return firstOfMonth(monthOf(day)) === day
}

function quote(text: string): string {
  const shown = text.toWellFormed().replace(/\p{Cc}/gu, '\ufffd')
  return `"${shown.length <= 100 ? shown : `${shown.slice(0, 100)}…`}"`
}
