import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import { isWorkedLonger, workingSeconds } from '../../db/working-time.ts'
import {
  type WorkingClock,
  type WorkingHours,
  workingClockOf,
  workingSecondsBetween,
} from '../../server/reports/working-time.ts'
import { onEachDatabase } from '../support/database.ts'
import { pickSeed } from '../support/random.ts'
import { arbitraryHours } from '../support/working-hours.ts'

const seed = pickSeed()
process.stdout.write(`db/working-time: TEST_SEED=${seed}\n`)

const START = new Date('2025-12-01T00:00:00Z')
const END = new Date('2027-01-01T00:00:00Z')
const DAY_MS = 86_400_000
const TARGET = 9 * 3600
const instants = fc.date({ min: START, max: END, noInvalidDate: true })
const spans = fc.array(fc.tuple(instants, instants), { minLength: 1, maxLength: 40 })

onEachDatabase((open) => {
  test('REP-5 the database counts working time as the rule does', async () => {
    const { db } = await open()
    const property = fc.asyncProperty(arbitraryHours, spans, async (hours, pairs) => {
      const found = await ask(db, pairs, workingClockOf(hours, START, END))
      const expected = pairs.map(([from, to]) => workingSecondsBetween(from, to, hours))
      assert.deepEqual(
        found.map(({ worked }) => worked),
        expected,
      )
      assert.deepEqual(
        found.map(({ isLonger }) => isLonger),
        expected.map((seconds) => seconds > TARGET),
      )
    })
    await fc.assert(property, { seed, numRuns: 60 })
  })

  test('REP-5 a target is kept or missed by the millisecond', async () => {
    const { db } = await open()
    const clock = workingClockOf(OFFICE, START, END)
    const pairs = Array.from({ length: 1000 }, (_, ms): [Date, Date] => {
      const from = new Date(Date.parse('2026-03-02T10:00:00Z') + ms)
      return [from, new Date(from.getTime() + DAY_MS)]
    })
    // From Monday until the same time on Tuesday it is a day of nine hours.
    const kept = pairs.map(() => ({ worked: TARGET, isLonger: false }))
    assert.deepEqual(await ask(db, pairs, clock), kept)
    const later = pairs.map(([from, to]): [Date, Date] => [from, new Date(to.getTime() + 1)])
    const missed = pairs.map(() => ({ worked: TARGET + 0.001, isLonger: true }))
    assert.deepEqual(await ask(db, later, clock), missed)
  })

  test('REP-5 around the clock no time passes that is not worked', async () => {
    const { db } = await open()
    const clock = workingClockOf(AROUND_THE_CLOCK, START, END)
    const from = new Date('2026-03-28T12:00:00.125Z')
    const to = new Date(from.getTime() + TARGET * 1000)
    const later = new Date(to.getTime() + 1)
    assert.deepEqual(
      await ask(
        db,
        [
          [from, to],
          [from, later],
        ],
        clock,
      ),
      [
        { worked: TARGET, isLonger: false },
        { worked: TARGET + 0.001, isLonger: true },
      ],
    )
  })

  test('REP-5 without working days nothing is worked', async () => {
    const { db } = await open()
    const clock = workingClockOf({ tz: 'UTC', days: [], holidays: [] }, START, END)
    assert.deepEqual(await ask(db, [[START, END]], clock), [{ worked: 0, isLonger: false }])
  })
})

const WEEK = [1, 2, 3, 4, 5, 6, 7]
const OFFICE: WorkingHours = {
  tz: 'Europe/Berlin',
  days: WEEK.map((weekday) => ({ weekday, from: '09:00', to: '18:00' })),
  holidays: [],
}
const AROUND_THE_CLOCK: WorkingHours = {
  ...OFFICE,
  days: WEEK.map((weekday) => ({ weekday, from: '00:00', to: '24:00' })),
}

async function ask(db: Db, pairs: readonly [Date, Date][], clock: WorkingClock) {
  const asked = JSON.stringify(pairs.map(([from, to]) => ({ opened: from, closed: to })))
  const [opened, closed] = [sql<Date>`opened`, sql<Date>`closed`]
  const { rows } = await sql<{ worked: number; isLonger: boolean }>`
    select ${workingSeconds(opened, closed, clock)} as worked,
      ${isWorkedLonger(opened, closed, TARGET, clock)} as "isLonger"
    from rows from (jsonb_to_recordset(${asked}::jsonb) as (opened timestamptz, closed timestamptz))
      with ordinality as asked (opened, closed, place)
    order by place
  `.execute(db)
  return rows
}
