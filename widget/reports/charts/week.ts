/** Weekdays and hours in the words of the language in use. */
import { currentLocale } from '../../i18n/t.ts'

/** 1 is Monday. */
export interface Weekday {
  readonly weekday: number
  readonly long: string
  readonly short: string
  readonly narrow: string
}

/** The 5th of January 1970 was a Monday. */
const MONDAY = Date.UTC(1970, 0, 5)
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The days of a week in the order in which people of that language have them. */
export function weekdays(): readonly Weekday[] {
  const name = (style: 'long' | 'short' | 'narrow') => {
    const names = new Intl.DateTimeFormat(currentLocale(), { weekday: style, timeZone: 'UTC' })
    return (weekday: number) => names.format(MONDAY + (weekday - 1) * DAY_MS)
  }
  const [long, short, narrow] = [name('long'), name('short'), name('narrow')]
  const first = firstWeekday(currentLocale())
  return [0, 1, 2, 3, 4, 5, 6].map((after) => {
    const weekday = ((first - 1 + after) % 7) + 1
    return { weekday, long: long(weekday), short: short(weekday), narrow: narrow(weekday) }
  })
}

/** The hours of a day: `9 AM`, and in full `9 – 10 AM`. */
export function hours(): readonly { readonly label: string; readonly title: string }[] {
  const names = new Intl.DateTimeFormat(currentLocale(), { hour: 'numeric', timeZone: 'UTC' })
  return [...Array(24).keys()].map((hour) => {
    const at = MONDAY + hour * HOUR_MS
    const [label, next] = [names.format(at), names.format(at + HOUR_MS)]
    // The last hour ends on the next day: a range would name both.
    return { label, title: hour < 23 ? names.formatRange(at, at + HOUR_MS) : `${label} – ${next}` }
  })
}

/** 1 (Monday) to 7; older browsers have it as a property, the oldest not at all. */
function firstWeekday(tag: string): number {
  const locale = new Intl.Locale(tag) as Intl.Locale & {
    readonly getWeekInfo?: () => { readonly firstDay: number }
    readonly weekInfo?: { readonly firstDay: number }
  }
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1
}
