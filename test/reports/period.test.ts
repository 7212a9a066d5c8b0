import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  type AskedPeriod,
  type Period,
  previousPeriod,
  readPeriod,
} from '../../server/reports/period.ts'
import { pickSeed } from '../support/random.ts'
import { ODD_ZONES } from '../support/working-hours.ts'

const seed = pickSeed()
process.stdout.write(`reports/period: TEST_SEED=${seed}\n`)

const now = new Date('2026-03-29T12:00:00Z')

interface Reading {
  readonly name: string
  readonly asked: AskedPeriod
  readonly from: string
  readonly to: string
  readonly previous: string
  readonly tz?: string
}

/** The working hours are in Berlin, where clocks went forward this morning. */
const readings: readonly Reading[] = [
  {
    name: 'thirty days until the end of today are what is meant by nothing',
    asked: {},
    from: '2026-02-27T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
    previous: '2026-01-28T23:00:00.000Z',
  },
  {
    name: 'days begin in the zone asked for, and so does today',
    asked: { tz: 'Asia/Kathmandu' },
    from: '2026-02-27T18:15:00.000Z',
    to: '2026-03-29T18:15:00.000Z',
    previous: '2026-01-28T18:15:00.000Z',
    tz: 'Asia/Kathmandu',
  },
  {
    name: 'a month is compared with the month before, which is shorter',
    asked: { from: '2026-03-01', to: '2026-04-01' },
    from: '2026-02-28T23:00:00.000Z',
    to: '2026-03-31T22:00:00.000Z',
    previous: '2026-01-31T23:00:00.000Z',
  },
  {
    name: 'a quarter with three months, over the turn of the year',
    asked: { from: '2026-01-01', to: '2026-04-01' },
    from: '2025-12-31T23:00:00.000Z',
    to: '2026-03-31T22:00:00.000Z',
    previous: '2025-09-30T22:00:00.000Z',
  },
  {
    name: 'a day of 23 hours with the day before, of 24',
    asked: { from: '2026-03-29', to: '2026-03-30' },
    from: '2026-03-28T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
    previous: '2026-03-27T23:00:00.000Z',
  },
  {
    name: 'a week with the week before',
    asked: { from: '2026-03-30', to: '2026-04-06' },
    from: '2026-03-29T22:00:00.000Z',
    to: '2026-04-05T22:00:00.000Z',
    previous: '2026-03-22T23:00:00.000Z',
  },
  {
    name: 'hours with as long before',
    asked: { from: '2026-03-29T08:00:00Z', to: '2026-03-29T14:30:00+02:00' },
    from: '2026-03-29T08:00:00.000Z',
    to: '2026-03-29T12:30:00.000Z',
    previous: '2026-03-29T03:30:00.000Z',
  },
  {
    name: 'instants at which days begin are days',
    asked: { from: '2026-03-28T23:00:00.000Z', to: '2026-03-30t00:00:00+0200' },
    from: '2026-03-28T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
    previous: '2026-03-27T23:00:00.000Z',
  },
  {
    name: 'an end alone has the thirty days before it',
    asked: { to: '2026-03-01' },
    from: '2026-01-29T23:00:00.000Z',
    to: '2026-02-28T23:00:00.000Z',
    previous: '2025-12-30T23:00:00.000Z',
  },
  {
    name: 'a beginning alone goes until the end of today',
    asked: { from: '2026-03-28' },
    from: '2026-03-27T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
    previous: '2026-03-25T23:00:00.000Z',
  },
  {
    name: 'where there is no midnight a day begins with its first instant',
    asked: { from: '2026-03-29', to: '2026-03-30', tz: 'Asia/Beirut' },
    from: '2026-03-28T22:00:00.000Z',
    to: '2026-03-29T21:00:00.000Z',
    previous: '2026-03-27T22:00:00.000Z',
    tz: 'Asia/Beirut',
  },
  {
    name: 'the day before one that was left out is the one before that',
    asked: { from: '2011-12-31', to: '2012-01-01', tz: 'Pacific/Apia' },
    from: '2011-12-30T10:00:00.000Z',
    to: '2011-12-31T10:00:00.000Z',
    previous: '2011-12-29T10:00:00.000Z',
    tz: 'Pacific/Apia',
  },
  {
    name: 'five years may be asked for',
    asked: { from: '2021-03-01', to: '2026-03-01', tz: 'UTC' },
    from: '2021-03-01T00:00:00.000Z',
    to: '2026-03-01T00:00:00.000Z',
    previous: '2016-03-01T00:00:00.000Z',
    tz: 'UTC',
  },
  {
    name: 'the letters of a zone may be small',
    asked: { from: '2026-03-01', to: '2026-04-01', tz: 'europe/berlin' },
    from: '2026-02-28T23:00:00.000Z',
    to: '2026-03-31T22:00:00.000Z',
    previous: '2026-01-31T23:00:00.000Z',
  },
]
for (const { name, asked, from, to, previous, tz = 'Europe/Berlin' } of readings) {
  test(`REP-8 a period: ${name}`, () => {
    const period = read(asked)
    assert.deepEqual(
      [period.from.toISOString(), period.to.toISOString(), period.tz],
      [from, to, tz],
    )
    const before = previousPeriod(period)
    assert.deepEqual(
      [before.from.toISOString(), before.to.toISOString(), before.tz],
      [previous, from, tz],
    )
  })
}

const DAY_OR_INSTANT =
  'expected a day such as 2026-03-01 or an instant such as 2026-03-01T09:00:00Z'
const refusals: readonly {
  readonly asked: AskedPeriod
  readonly errors: readonly (readonly [string, string])[]
}[] = [
  {
    asked: { from: '2026-02-30' },
    errors: [['from', 'is "2026-02-30", expected a day that there is']],
  },
  {
    asked: { to: '2025-02-29T10:00:00Z' },
    errors: [['to', 'is "2025-02-29T10:00:00Z", expected a day that there is']],
  },
  { asked: { from: '' }, errors: [['from', `is "", ${DAY_OR_INSTANT}`]] },
  { asked: { from: '1.3.2026' }, errors: [['from', `is "1.3.2026", ${DAY_OR_INSTANT}`]] },
  {
    asked: { to: '2026-03-01T25:00Z' },
    errors: [['to', `is "2026-03-01T25:00Z", ${DAY_OR_INSTANT}`]],
  },
  {
    asked: { to: '2026-03-01T10:00' },
    errors: [
      ['to', `is "2026-03-01T10:00", ${DAY_OR_INSTANT}: with its zone, Z or such as +03:00`],
    ],
  },
  {
    asked: { from: '2026-03-01T10:00:00 01:00' },
    errors: [
      [
        'from',
        `is "2026-03-01T10:00:00 01:00", ${DAY_OR_INSTANT}; in an address the + of a zone is written %2B`,
      ],
    ],
  },
  {
    asked: { from: '0026-03-01' },
    errors: [['from', 'is "0026-03-01", expected a year from 1900 to 2199']],
  },
  {
    asked: { tz: 'Mars/Olympus' },
    errors: [['tz', 'is "Mars/Olympus", expected a time zone such as Europe/Minsk']],
  },
  {
    asked: { tz: '+05:30' },
    errors: [['tz', 'is "+05:30", expected a time zone such as Europe/Minsk']],
  },
  { asked: { tz: '' }, errors: [['tz', 'is "", expected a time zone such as Europe/Minsk']] },
  {
    asked: { tz: `a\n${'x'.repeat(200)}` },
    errors: [['tz', `is "a\ufffd${'x'.repeat(98)}…", expected a time zone such as Europe/Minsk`]],
  },
  {
    asked: { from: 'soon', to: 'later', tz: 'x' },
    errors: [
      ['from', `is "soon", ${DAY_OR_INSTANT}`],
      ['to', `is "later", ${DAY_OR_INSTANT}`],
      ['tz', 'is "x", expected a time zone such as Europe/Minsk'],
    ],
  },
  {
    asked: { from: '2026-03-05', to: '2026-03-01' },
    errors: [['to', 'is "2026-03-01", expected after from, which is "2026-03-05"']],
  },
  {
    asked: { from: '2026-03-05', to: '2026-03-05' },
    errors: [['to', 'is "2026-03-05", expected after from, which is "2026-03-05"']],
  },
  {
    asked: { from: '2026-04-01' },
    errors: [
      [
        'from',
        'is "2026-04-01", expected before to, which is the end of today, "2026-03-29T22:00:00.000Z"',
      ],
    ],
  },
  {
    asked: { from: '2021-03-01', to: '2026-03-02' },
    errors: [['to', 'is "2026-03-02", expected at most 5 years from "2021-03-01" to "2026-03-02"']],
  },
  {
    asked: { from: '2021-03-01' },
    errors: [
      [
        'from',
        'is "2021-03-01", expected at most 5 years from "2021-03-01" to the end of today, "2026-03-29T22:00:00.000Z"',
      ],
    ],
  },
]
for (const { asked, errors } of refusals) {
  test(`REP-8 no period: ${JSON.stringify(asked).slice(0, 60)}`, () => {
    const result = readPeriod(asked, { now, tz: 'Europe/Berlin' })
    assert.deepEqual(result, { errors: errors.map(([path, message]) => ({ path, message })) })
  })
}

test('REP-8 the period before ends where the period begins, and its own lies before it', () => {
  const days = fc.integer({ min: 0, max: 20_000 })
  const property = fc.property(fc.constantFrom(...ODD_ZONES), days, days, (tz, one, other) => {
    fc.pre(one !== other && Math.abs(one - other) < 1800)
    const date = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)
    const asked = { from: date(Math.min(one, other)), to: date(Math.max(one, other)), tz }
    const result = readPeriod(asked, { now, tz })
    // Samoa's 2011-12-30 alone is no period.
    fc.pre('period' in result)
    const before = previousPeriod(result.period)
    assert.ok(before.from < before.to)
    assert.deepEqual(before.to, result.period.from)
  })
  fc.assert(property, { seed, numRuns: 500 })
})

function read(asked: AskedPeriod): Period {
  const result = readPeriod(asked, { now, tz: 'Europe/Berlin' })
  assert.ok('period' in result, JSON.stringify(result))
  return result.period
}
