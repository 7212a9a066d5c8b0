/** New ids and times for a recorded call: the same for its webhooks and its AMI stream. */
export interface Renumbering {
  /** Whole seconds from the recording to the run: whole, so that the spacing stays exact. */
  readonly shiftSeconds: number
  uniqueId(recorded: string): string
  /** Replaces every unique id in a text. */
  text(text: string): string
}

export interface RenumberingOptions {
  readonly uniqueIdBase: number
  readonly startAt: Date
}

/** The renumbering of a call recorded at `recordedAt` that is played again. */
export function createRenumbering(recordedAt: Date, options: RenumberingOptions): Renumbering {
  const shiftSeconds = Math.floor((options.startAt.getTime() - recordedAt.getTime()) / 1000)
  const uniqueId = (recorded: string): string => {
    const [seconds, counter] = recorded.split('.')
    return `${Number(seconds) + shiftSeconds}.${Number(counter) + options.uniqueIdBase}`
  }
  // An id is `seconds.counter`; the seconds of this century have ten digits. The look-arounds leave
  // telephone numbers, addresses and times with microseconds (six digits) alone.
  const pattern = /(?<![\d.])\d{10}\.\d{1,5}(?!\d)/g
  return { shiftSeconds, uniqueId, text: (text) => text.replace(pattern, uniqueId) }
}

const DIALPLAN_TIME = /^(\d\d)\.(\d\d)\.(\d{4})-(\d\d):(\d\d):(\d\d)$/

/** The instant that a recorded `dd.mm.yyyy-HH:MM:SS` means: the recordings were made in UTC. */
export function parseDialplanTime(text: string): Date {
  const match = DIALPLAN_TIME.exec(text)
  if (match === null) throw new Error(`"${text}" is not a time of a recorded dialplan`)
  const [day, month, year, hour, minute, second] = match.slice(1).map(Number)
  return new Date(Date.UTC(year!, month! - 1, day, hour, minute, second))
}

/** `dd.mm.yyyy-HH:MM:SS` in a time zone, as a dialplan's STRFTIME writes it. */
export function formatDialplanTime(at: Date, timeZone: string): string {
  const part = localParts(at, timeZone)
  return `${part.day}.${part.month}.${part.year}-${part.hour}:${part.minute}:${part.second}`
}

/** `yyyy-mm-dd HH:MM:SS` in a time zone, as Asterisk's Cdr event writes it. */
export function formatCdrTime(at: Date, timeZone: string): string {
  const part = localParts(at, timeZone)
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`
}

type LocalPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

function localParts(at: Date, timeZone: string): Record<LocalPart, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const read = (name: LocalPart): string => parts[name] ?? ''
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  }
}
