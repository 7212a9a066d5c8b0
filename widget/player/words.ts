/** Times as people say them, for screen readers. */
import { currentLocale } from '../i18n/t.ts'

/** `1 minute 5 seconds`, in the agent's language. */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ] as const
  const said = parts.filter(([value, unit]) => value > 0 || (unit === 'second' && whole === 0))
  return said.map(([value, unit]) => unitFormat(unit).format(value)).join(' ')
}

function unitFormat(unit: string): Intl.NumberFormat {
  return new Intl.NumberFormat(currentLocale(), { style: 'unit', unit, unitDisplay: 'long' })
}
