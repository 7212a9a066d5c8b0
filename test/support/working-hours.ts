import fc from 'fast-check'
import type { WorkingHours } from '../../server/reports/working-time.ts'

/** Zones that are hard on counting time, and some that are not. */
export const ODD_ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Havana',
  'Asia/Beirut',
  'Africa/Cairo',
  'Pacific/Apia',
  'Africa/Casablanca',
] as const

const minutes = fc.integer({ min: 0, max: 1440 })
const day = fc
  .tuple(fc.integer({ min: 1, max: 7 }), minutes, minutes)
  .filter(([, one, other]) => one !== other)
  .map(([weekday, one, other]) => ({
    weekday,
    from: timeOfDay(Math.min(one, other)),
    to: timeOfDay(Math.max(one, other)),
  }))
const holiday = fc
  .date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2026-12-31T00:00:00Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10))

/** Working hours as admins could set them, overlapping ones among them. */
export const arbitraryHours: fc.Arbitrary<WorkingHours> = fc.record({
  tz: fc.constantFrom(...ODD_ZONES),
  days: fc.array(day, { maxLength: 12 }),
  holidays: fc.array(holiday, { maxLength: 20 }),
})

function timeOfDay(minute: number): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
