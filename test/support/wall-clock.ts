const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const formats = new Map<string, Intl.DateTimeFormat>()

export interface WallClock {
  readonly date: string
  readonly hour: number
  readonly minute: number
  /** 1 (Monday) to 7 (Sunday). */
  readonly weekday: number
}

/** What calendar and clock on the wall show, as the runtime says it: nothing of ours is in it. */
export function wallClock(at: Date, timeZone: string): WallClock {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
  formats.set(timeZone, format)
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    date: `${part.year}-${part.month}-${part.day}`,
    hour: Number(part.hour),
    minute: Number(part.minute),
    weekday: WEEKDAYS.indexOf(String(part.weekday)) + 1,
  }
}
