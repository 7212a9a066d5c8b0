import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Period } from '../../server/reports/period.ts'
import { type Bucket, bucketsOf, startOfDay } from '../../server/reports/zone.ts'
import { pickSeed } from '../support/random.ts'
import { wallClock } from '../support/wall-clock.ts'
import { ODD_ZONES } from '../support/working-hours.ts'

const seed = pickSeed()
process.stdout.write(`reports/zone: TEST_SEED=${seed}\n`)

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

function period(from: string, to: string, tz: string): Period {
  return { from: startOfDay(dayOf(from), tz), to: startOfDay(dayOf(to), tz), tz }
}

function dayOf(date: string): number {
  return Date.parse(date) / (24 * HOUR_MS)
}

function length({ from, to }: { readonly from: Date; readonly to: Date }): number {
  return to.getTime() - from.getTime()
}

/** Days that are not 24 hours of 60 minutes, and ordinary ones in zones with minutes. */
const days = [
  { tz: 'UTC', day: '2026-03-29', next: '2026-03-30', begins: '2026-03-29T00:00:00Z', hours: 24 },
  // 2:00 → 3:00
  {
    tz: 'Europe/Berlin',
    day: '2026-03-29',
    next: '2026-03-30',
    begins: '2026-03-28T23:00:00Z',
    hours: 23,
    missing: [2],
  },
  // 3:00 → 2:00
  {
    tz: 'Europe/Berlin',
    day: '2026-10-25',
    next: '2026-10-26',
    begins: '2026-10-24T22:00:00Z',
    hours: 25,
    twice: [2],
  },
  {
    tz: 'America/New_York',
    day: '2026-03-08',
    next: '2026-03-09',
    begins: '2026-03-08T05:00:00Z',
    hours: 23,
    missing: [2],
  },
  {
    tz: 'America/New_York',
    day: '2026-11-01',
    next: '2026-11-02',
    begins: '2026-11-01T04:00:00Z',
    hours: 25,
    twice: [1],
  },
  {
    tz: 'Asia/Kathmandu',
    day: '2026-03-29',
    next: '2026-03-30',
    begins: '2026-03-28T18:15:00Z',
    hours: 24,
  },
  // 2:00 → 1:30: the second half of hour 1 is there again.
  {
    tz: 'Australia/Lord_Howe',
    day: '2026-04-05',
    next: '2026-04-06',
    begins: '2026-04-04T13:00:00Z',
    hours: 24.5,
    twice: [1],
    odd: { 1: 30 },
  },
  // 2:00 → 2:30: hour 2 has its second half only.
  {
    tz: 'Australia/Lord_Howe',
    day: '2026-10-04',
    next: '2026-10-05',
    begins: '2026-10-03T13:30:00Z',
    hours: 23.5,
    odd: { 2: 30 },
  },
  // There is no midnight: 0:00 → 1:00.
  {
    tz: 'Asia/Beirut',
    day: '2026-03-29',
    next: '2026-03-30',
    begins: '2026-03-28T22:00:00Z',
    hours: 23,
    missing: [0],
  },
  {
    tz: 'America/Havana',
    day: '2026-03-08',
    next: '2026-03-09',
    begins: '2026-03-08T05:00:00Z',
    hours: 23,
    missing: [0],
  },
  {
    tz: 'Africa/Cairo',
    day: '2026-04-24',
    next: '2026-04-25',
    begins: '2026-04-23T22:00:00Z',
    hours: 23,
    missing: [0],
  },
  // Midnight is there twice, 1:00 → 0:00, or comes an hour late, 0:00 → 23:00.
  {
    tz: 'America/Havana',
    day: '2026-11-01',
    next: '2026-11-02',
    begins: '2026-11-01T04:00:00Z',
    hours: 25,
    twice: [0],
  },
  {
    tz: 'Africa/Cairo',
    day: '2026-10-29',
    next: '2026-10-30',
    begins: '2026-10-28T21:00:00Z',
    hours: 25,
    twice: [23],
  },
  // Samoa went from the 29th over the date line to the 31st.
  {
    tz: 'Pacific/Apia',
    day: '2011-12-29',
    next: '2011-12-31',
    begins: '2011-12-29T10:00:00Z',
    hours: 24,
  },
  // Liberia put its clocks forward by 44:30 minutes.
  {
    tz: 'Africa/Monrovia',
    day: '1972-01-07',
    next: '1972-01-08',
    begins: '1972-01-07T00:44:30Z',
    hours: 23 + 15.5 / 60,
    odd: { 0: 15.5 },
  },
]
for (const { tz, day, next, begins, hours, missing = [], twice = [], odd = {} } of days) {
  test(`REP-8 ${day} has ${hours.toFixed(4).replace(/\.?0+$/, '')} hours in ${tz}`, () => {
    const span = period(day, next, tz)
    assert.deepEqual(span.from, new Date(begins))
    assert.deepEqual(bucketsOf(span, 'day'), [
      { from: span.from, to: span.to, label: { date: day } },
    ])
    assert.equal(length(span), hours * HOUR_MS)

    const found = bucketsOf(span, 'hour')
    const shown = Array.from({ length: 24 }, (_, hour) => hour)
      .filter((hour) => !(missing as number[]).includes(hour))
      .flatMap((hour) => ((twice as number[]).includes(hour) ? [hour, hour] : [hour]))
    assert.deepEqual(
      found.map(({ label }) => label.hour),
      shown,
    )
    const short = found.filter((each) => length(each) !== HOUR_MS)
    assert.deepEqual(
      Object.fromEntries(short.map((each) => [each.label.hour, length(each) / MINUTE_MS])),
      odd,
    )
  })
}

test('REP-8 a day that a zone left out begins with the next, and has no row', () => {
  const tz = 'Pacific/Apia'
  assert.deepEqual(startOfDay(dayOf('2011-12-30'), tz), startOfDay(dayOf('2011-12-31'), tz))
  const found = bucketsOf(period('2011-12-29', '2012-01-02', tz), 'day')
  assert.deepEqual(
    found.map(({ label }) => label.date),
    ['2011-12-29', '2011-12-31', '2012-01-01'],
  )
})

test('REP-8 a day that has begun goes on where the clock goes back over midnight', () => {
  // 2010-11-07 0:01 → 2010-11-06 23:01 in Newfoundland.
  const tz = 'America/St_Johns'
  const span = period('2010-11-06', '2010-11-08', tz)
  assert.deepEqual(
    bucketsOf(span, 'day').map((each) => [each.label.date, length(each) / HOUR_MS]),
    [
      ['2010-11-06', 24],
      ['2010-11-07', 25],
    ],
  )
  assert.deepEqual(
    bucketsOf(span, 'hour')
      .slice(23, 27)
      .map((each) => [each.label.date, each.label.hour, length(each) / MINUTE_MS]),
    [
      ['2010-11-06', 23, 60],
      ['2010-11-07', 0, 1],
      ['2010-11-06', 23, 59],
      ['2010-11-07', 0, 60],
    ],
  )
})

test('REP-8 the ends of a period cut its days and hours', () => {
  const span = {
    from: new Date('2026-03-01T08:20:00.500Z'),
    to: new Date('2026-03-02T00:10:00Z'),
    tz: 'Europe/Berlin',
  }
  const found = bucketsOf(span, 'day')
  assert.deepEqual(
    found.map(({ from, to, label }) => [from.toISOString(), to.toISOString(), label.date]),
    [
      ['2026-03-01T08:20:00.500Z', '2026-03-01T23:00:00.000Z', '2026-03-01'],
      ['2026-03-01T23:00:00.000Z', '2026-03-02T00:10:00.000Z', '2026-03-02'],
    ],
  )
  const hours = bucketsOf(span, 'hour')
  assert.deepEqual(hours[0], {
    from: span.from,
    to: new Date('2026-03-01T09:00:00Z'),
    label: { date: '2026-03-01', hour: 9, weekday: 7 },
  })
  assert.deepEqual(hours.at(-1), {
    from: new Date('2026-03-02T00:00:00Z'),
    to: span.to,
    label: { date: '2026-03-02', hour: 1, weekday: 1 },
  })
})

/** From 2012 on no clock of these goes back over midnight: the day is what the calendar shows. */
const periods = fc
  .record({
    tz: fc.constantFrom(...ODD_ZONES),
    from: fc.date({
      min: new Date('2012-01-01T00:00:00Z'),
      max: new Date('2036-12-31T00:00:00Z'),
      noInvalidDate: true,
    }),
    minutes: fc.integer({ min: 1, max: 400 * 24 * 60 }),
  })
  .map(({ tz, from, minutes }) => ({
    tz,
    from,
    to: new Date(from.getTime() + minutes * MINUTE_MS),
  }))

test('REP-8 days and hours are without gaps, in order, all of the period, and what the wall shows', () => {
  const property = fc.property(periods, fc.double({ min: 0, max: 1, noNaN: true }), (span, at) => {
    for (const unit of ['day', 'hour'] as const) {
      const buckets = bucketsOf(span, unit)
      assertWhole(buckets, span)
      for (const bucket of sample(buckets)) assertShown(bucket, span.tz, at)
    }
  })
  fc.assert(property, { seed, numRuns: 60 })
})

test('REP-8 the hours of a day add up to the day', () => {
  const property = fc.property(periods, (span) => {
    const sums = new Map<string, number>()
    for (const hour of bucketsOf(span, 'hour')) {
      sums.set(hour.label.date, (sums.get(hour.label.date) ?? 0) + length(hour))
    }
    const ofDays = bucketsOf(span, 'day').map((day): [string, number] => [
      day.label.date,
      length(day),
    ])
    assert.deepEqual([...sums], ofDays)
  })
  fc.assert(property, { seed, numRuns: 60 })
})

test('REP-8 every zone that there is: days and hours of a year are what the wall shows', () => {
  for (const tz of Intl.supportedValuesOf('timeZone')) {
    const span = period('2026-01-01', '2027-01-01', tz)
    const found = bucketsOf(span, 'day')
    assert.equal(found.length, 365, tz)
    assertWhole(found, span)
    const shown = sample(found)
    for (const day of shown) assertShown(day, tz, 0.5)
    // The hours of the days with a clock change, and of an ordinary one.
    for (const { from, to } of shown.slice(0, 1).concat(shown.filter(isOdd))) {
      const hours = bucketsOf({ from, to, tz }, 'hour')
      assertWhole(hours, { from, to, tz })
      for (const hour of hours) assertShown(hour, tz, 0.5)
    }
  }
})

function assertWhole(buckets: readonly Bucket[], span: Period): void {
  assert.deepEqual(buckets[0]?.from, span.from, span.tz)
  assert.deepEqual(buckets.at(-1)?.to, span.to, span.tz)
  for (const [index, bucket] of buckets.entries()) {
    const next = buckets[index + 1]?.from ?? span.to
    const isRight = bucket.from < bucket.to && bucket.to.getTime() === next.getTime()
    if (!isRight) assert.fail(`${span.tz} ${bucket.from.toISOString()}`)
  }
}

/** The odd ones, and some of the others. */
function sample(buckets: readonly Bucket[]): readonly Bucket[] {
  const step = Math.ceil(buckets.length / 30)
  return buckets.filter(
    (each, index) => isOdd(each) || index % step === 0 || index === buckets.length - 1,
  )
}

function isOdd(bucket: Bucket): boolean {
  return length(bucket) !== ('hour' in bucket.label ? HOUR_MS : 24 * HOUR_MS)
}

/** At its first and last instant and at one between the wall shows what the label says. */
function assertShown({ from, to, label }: Bucket, tz: string, at: number): void {
  const last = to.getTime() - 1
  const between = from.getTime() + Math.floor((last - from.getTime()) * at)
  for (const instant of [from, new Date(between), new Date(last)]) {
    const { date, hour, weekday } = wallClock(instant, tz)
    const shown = 'hour' in label ? { date, hour, weekday } : { date }
    assert.deepEqual(shown, label, `${tz} ${instant.toISOString()}`)
  }
}
