const MAX_FORMATS = 200

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * How far the clocks of a time zone are ahead of UTC at an instant, in milliseconds; both from 1900
 * on. Old offsets have seconds: Liberia's had until 1972.
 */
export function readOffset(at: number, timeZone: string): number {
  const found = formatOf(timeZone).format(at).match(/\d+/g)?.map(Number) ?? []
  const [month = 1, day, year = 0, hour, minute, second] = found
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  // Names come from outside, each in any case of letters.
  if (formats.size >= MAX_FORMATS) formats.clear()
  formats.set(timeZone, format)
  return format
}
