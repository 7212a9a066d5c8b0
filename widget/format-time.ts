/** Instants and waiting times as people read them. */
import { currentLocale } from './i18n/t.ts'

/** Today: the time; this year: day and time; else with the year. */
export function when(iso: string, now: number): string {
  const at = new Date(iso)
  const today = new Date(now)
  const isToday = at.toDateString() === today.toDateString()
  const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
  if (!isToday) Object.assign(options, { day: 'numeric', month: 'short' })
  if (at.getFullYear() !== today.getFullYear()) options.year = 'numeric'
  return formatter(options).format(at)
}

/** The time of day to the second. */
export function clockTime(iso: string): string {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const
  return formatter(options).format(new Date(iso))
}

/** Date and time in full, for tooltips. */
export function fullTime(iso: string): string {
  return formatter({ dateStyle: 'full', timeStyle: 'medium' }).format(new Date(iso))
}

/** `12 min`, `3 h`, `2 days`: how long somebody has been waiting. */
export function span(seconds: number): string {
  const [value, unit] =
    seconds < 3600
      ? [Math.max(1, Math.floor(seconds / 60)), 'minute']
      : seconds < 86_400
        ? [Math.floor(seconds / 3600), 'hour']
        : [Math.floor(seconds / 86_400), 'day']
  const style = { style: 'unit', unit, unitDisplay: 'short' } as const
  return new Intl.NumberFormat(currentLocale(), style).format(value as number)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${currentLocale()} ${JSON.stringify(options)}`
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(currentLocale(), options)
  formatters.set(key, known)
  return known
}
