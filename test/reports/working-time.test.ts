import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  type WorkingHours,
  workingClockOf,
  workingSecondsBetween,
} from '../../server/reports/working-time.ts'
import { pickSeed } from '../support/random.ts'
import { wallClock } from '../support/wall-clock.ts'
import { arbitraryHours } from '../support/working-hours.ts'

const seed = pickSeed()
process.stdout.write(`reports/working-time: TEST_SEED=${seed}\n`)

const HOUR = 3600
const MINUTE_MS = 60_000
const OFFICE = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '18:00' }))

interface Scenario {
  readonly name: string
  readonly hours: Partial<WorkingHours>
  readonly from: string
  readonly to: string
  readonly seconds: number
}

const scenarios: readonly Scenario[] = [
  {
    name: 'from Friday evening to Monday morning: an hour of each',
    hours: { days: OFFICE },
    from: '2026-03-06T17:00:00Z',
    to: '2026-03-09T10:00:00Z',
    seconds: 2 * HOUR,
  },
  {
    name: 'a weekend has none',
    hours: { days: OFFICE },
    from: '2026-03-06T18:00:00Z',
    to: '2026-03-09T09:00:00Z',
    seconds: 0,
  },
  {
    name: 'a week of five days',
    hours: { days: OFFICE },
    from: '2026-03-02T00:00:00Z',
    to: '2026-03-09T00:00:00Z',
    seconds: 5 * 9 * HOUR,
  },
  {
    name: 'the same week with a holiday, and one on a Sunday, which is free anyway',
    hours: { days: OFFICE, holidays: ['2026-03-04', '2026-03-08'] },
    from: '2026-03-02T00:00:00Z',
    to: '2026-03-09T00:00:00Z',
    seconds: 4 * 9 * HOUR,
  },
  {
    name: 'milliseconds count',
    hours: { days: OFFICE },
    from: '2026-03-02T17:59:59.250Z',
    to: '2026-03-03T09:00:00.125Z',
    seconds: 0.75 + 0.125,
  },
  {
    name: 'hours of a day that overlap count once, with a break between others',
    hours: {
      days: [
        { weekday: 1, from: '13:00', to: '17:00' },
        { weekday: 1, from: '08:00', to: '11:00' },
        { weekday: 1, from: '10:00', to: '12:00' },
        { weekday: 1, from: '14:00', to: '15:00' },
      ],
    },
    from: '2026-03-02T00:00:00Z',
    to: '2026-03-03T00:00:00Z',
    seconds: (4 + 4) * HOUR,
  },
  {
    name: 'a night shift goes on over midnight',
    hours: {
      days: [
        { weekday: 1, from: '22:00', to: '24:00' },
        { weekday: 2, from: '00:00', to: '06:00' },
      ],
    },
    from: '2026-03-02T23:30:00Z',
    to: '2026-03-03T05:30:00Z',
    seconds: 6 * HOUR,
  },
  {
    name: 'days are those of the zone of the hours: 9:00 in Kathmandu is 3:15 UTC',
    hours: { tz: 'Asia/Kathmandu', days: OFFICE },
    from: '2026-03-02T00:00:00Z',
    to: '2026-03-02T04:00:00Z',
    seconds: 0.75 * HOUR,
  },
  {
    name: 'an hour that the clocks skip is not worked',
    hours: { tz: 'Europe/Berlin', days: [{ weekday: 7, from: '01:00', to: '05:00' }] },
    from: '2026-03-28T00:00:00Z',
    to: '2026-03-30T00:00:00Z',
    seconds: 3 * HOUR,
  },
  {
    name: 'an hour that the clocks repeat is worked twice',
    hours: { tz: 'Europe/Berlin', days: [{ weekday: 7, from: '01:00', to: '05:00' }] },
    from: '2026-10-24T00:00:00Z',
    to: '2026-10-26T00:00:00Z',
    seconds: 5 * HOUR,
  },
  {
    name: 'office hours are nine on the day of 23 hours too',
    hours: { tz: 'Europe/Berlin', days: [{ weekday: 7, from: '09:00', to: '18:00' }] },
    from: '2026-03-28T00:00:00Z',
    to: '2026-03-30T00:00:00Z',
    seconds: 9 * HOUR,
  },
  {
    name: 'around the clock a day of 25 hours has 25',
    hours: { tz: 'Europe/Berlin', days: [{ weekday: 7, from: '00:00', to: '24:00' }] },
    from: '2026-10-23T00:00:00Z',
    to: '2026-10-27T00:00:00Z',
    seconds: 25 * HOUR,
  },
  {
    name: 'no working days, no working time',
    hours: { days: [] },
    from: '2026-03-02T00:00:00Z',
    to: '2027-03-02T00:00:00Z',
    seconds: 0,
  },
]
for (const { name, hours, from, to, seconds } of scenarios) {
  test(`REP-5 working time: ${name}`, () => {
    const whole = { tz: 'UTC', days: [], holidays: [], ...hours }
    assert.equal(workingSecondsBetween(new Date(from), new Date(to), whole), seconds)
    assert.equal(workingSecondsBetween(new Date(to), new Date(from), whole), 0 - seconds)
  })
}

test('REP-5 a working clock runs and stands by turns', () => {
  const hours = { tz: 'UTC', days: OFFICE, holidays: ['2026-03-03'] }
  const clock = workingClockOf(hours, at('2026-03-02T12:00:00Z'), at('2026-03-04T10:00:00Z'))
  assert.deepEqual(clock, {
    at: [
      at('2026-03-02T12:00:00Z'),
      at('2026-03-02T18:00:00Z'),
      at('2026-03-04T09:00:00Z'),
      at('2026-03-04T10:00:00Z'),
    ],
    seconds: [0, 6 * HOUR, 6 * HOUR, 7 * HOUR],
  })
})

const instants = fc.date({ min: at('2026-01-01'), max: at('2026-12-31'), noInvalidDate: true })

test('REP-5 working time is every minute of which the wall shows a working hour', () => {
  const minutes = fc.integer({ min: 0, max: 3 * 24 * 60 })
  const property = fc.property(arbitraryHours, instants, minutes, (hours, start, count) => {
    // Every zone of today changes its clocks, and every hour begins, at whole minutes.
    const from = Math.floor(start.getTime() / MINUTE_MS) * MINUTE_MS
    const worked = Array.from({ length: count }, (_, minute) => new Date(from + minute * MINUTE_MS))
    const expected = worked.filter((minute) => isWorked(minute, hours)).length * 60
    const to = new Date(from + count * MINUTE_MS)
    assert.equal(workingSecondsBetween(new Date(from), to, hours), expected)
  })
  fc.assert(property, { seed, numRuns: 100 })
})

test('REP-5 working time of parts adds up to that of the whole', () => {
  const property = fc.property(arbitraryHours, instants, instants, instants, (hours, a, b, c) => {
    const parts = workingSecondsBetween(a, b, hours) + workingSecondsBetween(b, c, hours)
    assert.ok(Math.abs(parts - workingSecondsBetween(a, c, hours)) < 1e-6)
  })
  fc.assert(property, { seed, numRuns: 300 })
})

function at(text: string): Date {
  return new Date(text)
}

function isWorked(instant: Date, { tz, days, holidays }: WorkingHours): boolean {
  const { date, hour, minute, weekday } = wallClock(instant, tz)
  const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
  return (
    !holidays.includes(date) &&
    days.some((each) => each.weekday === weekday && each.from <= time && time < each.to)
  )
}
