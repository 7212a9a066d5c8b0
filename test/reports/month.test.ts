import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import type { BehindView, ReportGroupView, ReportView } from '../../server/http/report-schemas.ts'
import * as story from '../fixtures/reports/march.ts'
import * as calls from '../fixtures/reports/march-calls.ts'
import * as cases from '../fixtures/reports/march-cases.ts'
import * as times from '../fixtures/reports/march-times.ts'
import * as october from '../fixtures/reports/october.ts'
import { onEachDatabase } from '../support/database.ts'
import { type Told, tell } from '../support/tell.ts'

type Query = Readonly<Record<string, string>>

const MARCH = { from: '2026-03-01', to: '2026-04-01', tz: 'Europe/Berlin' }
const OCTOBER = { from: '2026-10-01', to: '2026-11-01', tz: 'Europe/Berlin' }
const KATHMANDU = { tz: 'Asia/Kathmandu' }
const LORD_HOWE = { tz: 'Australia/Lord_Howe' }

const REPORTS: readonly (readonly [string, string, Query, cases.Expected])[] = [
  ['REP-1 workload, day by day', 'workload', MARCH, cases.WORKLOAD_BY_DAY],
  [
    'REP-8 workload by the days of Kathmandu',
    'workload',
    { ...MARCH, ...KATHMANDU },
    cases.WORKLOAD_IN_KATHMANDU,
  ],
  [
    'REP-8 workload by the days of Lord Howe Island',
    'workload',
    { ...MARCH, ...LORD_HOWE },
    cases.WORKLOAD_ON_LORD_HOWE,
  ],
  [
    'REP-8 a day of 23 hours, hour by hour',
    'workload',
    { ...MARCH, from: '2026-03-29', to: '2026-03-30', by: 'hour' },
    cases.WORKLOAD_OF_29_MARCH,
  ],
  ['REP-2 peak load by hour and weekday', 'peak-load', MARCH, cases.PEAK_LOAD],
  [
    'REP-2 peak load by the hours of Kathmandu',
    'peak-load',
    { ...MARCH, ...KATHMANDU },
    cases.PEAK_LOAD_IN_KATHMANDU,
  ],
  ['REP-3 channels', 'channels', MARCH, cases.CHANNELS],
  ['REP-4 times, and what does not apply to calls', 'time-metrics', MARCH, times.TIME_METRICS],
  ['REP-5 SLA, by working hours and a holiday', 'sla', MARCH, times.SLA],
  ['REP-6 leaderboard, with who left and nobody', 'leaderboard', MARCH, cases.LEADERBOARD],
  [
    'REP-6 leaderboard by the days of Kathmandu',
    'leaderboard',
    { ...MARCH, ...KATHMANDU },
    cases.LEADERBOARD_IN_KATHMANDU,
  ],
  ['REP-7 calls, day by day', 'calls', MARCH, calls.CALLS_BY_DAY],
  ['REP-7 calls by hour', 'calls', { ...MARCH, by: 'hour' }, calls.CALLS_BY_HOUR],
  [
    'REP-7 calls by the days of Lord Howe Island',
    'calls',
    { ...MARCH, ...LORD_HOWE },
    calls.CALLS_ON_LORD_HOWE,
  ],
  ['REP-7 calls by agent', 'calls', { ...MARCH, by: 'agent' }, calls.CALLS_BY_AGENT],
  ['REP-7 calls by channel', 'calls', { ...MARCH, by: 'channel' }, calls.CALLS_BY_CHANNEL],
  ['REP-7 calls by queue', 'calls', { ...MARCH, by: 'queue' }, calls.CALLS_BY_QUEUE],
  ['REP-8 October in Berlin', 'workload', OCTOBER, october.OCTOBER_IN_BERLIN],
  [
    'REP-8 October in Kathmandu',
    'workload',
    { ...OCTOBER, ...KATHMANDU },
    october.OCTOBER_IN_KATHMANDU,
  ],
  [
    'REP-8 October on Lord Howe Island',
    'workload',
    { ...OCTOBER, ...LORD_HOWE },
    october.OCTOBER_ON_LORD_HOWE,
  ],
  [
    'REP-8 a day of 25 hours, hour by hour',
    'workload',
    { ...OCTOBER, from: '2026-10-25', to: '2026-10-26', by: 'hour' },
    october.WORKLOAD_OF_25_OCTOBER,
  ],
  [
    'REP-8 a day of 23 and a half hours, hour by hour',
    'workload',
    { ...LORD_HOWE, from: '2026-10-04', to: '2026-10-05', by: 'hour' },
    october.WORKLOAD_OF_4_OCTOBER,
  ],
]

/** Which rows a report has beside those in which something happened. */
const ROWS: Readonly<Record<string, number>> = {
  'REP-1 workload, day by day': 31,
  'REP-2 peak load by hour and weekday': 7 * 24,
  // The hour from 2 to 3 is not there.
  'REP-8 a day of 23 hours, hour by hour': 23,
  // The one from 2 to 3 is one row, twice as long.
  'REP-8 a day of 25 hours, hour by hour': 24,
  // Half of the hour from 2 to 3 is.
  'REP-8 a day of 23 and a half hours, hour by hour': 24,
  'REP-3 channels': 8,
  'REP-6 leaderboard, with who left and nobody': 5,
}

onEachDatabase((open) => {
  describe('a month worked out by hand', () => {
    let told: Told
    before(async () => {
      told = await tell(
        open,
        [...story.FEBRUARY, ...story.MARCH, ...story.OCTOBER],
        [...story.FEBRUARY_ACTS, ...story.MARCH_ACTS, ...story.OCTOBER_ACTS],
      )
    })
    after(() => told?.world.close())

    const ask = async <T>(path: string, query: Query): Promise<T> => {
      const { status, body } = await told.world.api('GET', `${path}?${new URLSearchParams(query)}`)
      assert.equal(status, 200, JSON.stringify(body))
      return body
    }
    const report = (name: string, query: Query) => ask<ReportView>(`/api/reports/${name}`, query)

    for (const [name, which, query, expected] of REPORTS) {
      test(name, async () => {
        const found = await report(which, query)
        const rows = new Map(
          found.rows.map(({ group, values }) => [
            nameOf(group, told.world.agents),
            figuresOf(found, values),
          ]),
        )
        assert.equal(rows.size, found.rows.length, 'each row once')
        if (ROWS[name] !== undefined) assert.equal(rows.size, ROWS[name])
        for (const [key, figures] of Object.entries(expected.rows)) {
          assert.deepEqual(rows.get(key), rounded(figures), key)
        }
        for (const [key, figures] of rows) {
          if (!(key in expected.rows)) assert.deepEqual(figures, nothing(found), key)
        }
        assert.deepEqual(figuresOf(found, found.total), rounded(expected.total), 'the whole')
        assert.deepEqual(figuresOf(found, found.previous), rounded(expected.previous), 'before')
      })
    }

    test('REP-6 an agent’s row is the report filtered by that agent', async () => {
      for (const [agent, figures] of Object.entries(cases.LEADERBOARD.rows)) {
        const agentId = told.world.agents[agent as 'anna'] ?? 'nobody'
        const found = await report('leaderboard', { ...MARCH, agentId })
        assert.deepEqual(figuresOf(found, found.total), rounded(figures), agent)
      }
    })

    test('REP-1 workload by queue, and filtered by queue and direction', async () => {
      const found = await report('workload', { ...MARCH, by: 'queue' })
      for (const [name, figures] of Object.entries(cases.WORKLOAD_BY_QUEUE)) {
        const queue = { hostile: story.HOSTILE, none: '' }[name] ?? name
        const row = found.rows.find(({ group }) => (group.queue ?? '') === queue)
        assert.deepEqual(figuresOf(found, row?.values ?? {}), figures, name)
        const filtered = await report('workload', { ...MARCH, queue })
        assert.deepEqual(figuresOf(filtered, filtered.total), figures, `${name} alone`)
      }
      const outgoing = await report('workload', { ...MARCH, direction: 'outgoing' })
      assert.deepEqual(figuresOf(outgoing, outgoing.total), cases.WORKLOAD_OF_OUTGOING)
    })

    test('REP-1 what was recorded counts when the recording is gone', async () => {
      const recordingsOf = async (key: string) => {
        const path = `/api/calls/${await told.callIdOf(key)}`
        return (await told.world.api('GET', path)).body.recordings.length
      }
      const counts = await Promise.all(
        ['Nora', 'Paul', 'Ada', 'Emil reached', 'Tom'].map(recordingsOf),
      )
      assert.deepEqual(counts, [0, 0, 0, 0, 1])
    })

    test('REP-4 a figure that does not apply to calls says so', async () => {
      const { columns } = await report('leaderboard', MARCH)
      assert.deepEqual(
        columns.filter(({ applies }) => !applies).map(({ key }) => key),
        ['firstResponse', 'response', 'writing', 'slaFirstViolated', 'slaResponseViolated'],
      )
    })

    for (const { figure, of, more = {}, is } of story.BEHIND) {
      test(`REP-8 behind ${of} ${figure} ${Object.values(more).join(' ')}`, async () => {
        const agentId = told.world.agents[more.agentId as 'anna']
        const query = { ...MARCH, ...more, ...(agentId && { agentId }), figure }
        const { items } = await ask<BehindView>(`/api/reports/${of}/behind`, query)
        const ids = items.map((item) => (of === 'calls' ? item.call?.id : item.case?.id))
        const expected =
          of === 'calls'
            ? await Promise.all(is.map(told.callIdOf))
            : await Promise.all(is.map(told.caseIdOf))
        assert.deepEqual(ids, expected)
      })
    }
  })
})

/** `2026-03-02`, `Mo 9`, `9`, `anna`, `incoming answered Sales`, `Sales`. */
function nameOf(group: ReportGroupView, agents: Readonly<Record<string, string>>): string {
  const { date, hour, weekday, direction, outcome, queue, agentId } = group
  if (date !== undefined) return date
  if (weekday !== undefined)
    return `${['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'][weekday - 1]} ${hour}`
  if (hour !== undefined) return String(hour)
  if (agentId !== undefined) {
    return Object.keys(agents).find((name) => agents[name] === agentId) ?? 'nobody'
  }
  const name = queue === story.HOSTILE ? 'hostile' : queue
  if (direction === undefined) return name ?? 'none'
  return [direction, outcome, name].filter((part) => part != null).join(' ')
}

function figuresOf({ columns }: ReportView, values: ReportView['total']): cases.Figures {
  return rounded(columns.map(({ key }) => values[key]!))
}

/** Means are not whole; nobody reads the ninth digit. */
function rounded(figures: cases.Figures): cases.Figures {
  return figures.map((figure) => (figure === null ? null : Number(figure.toFixed(6))))
}

function nothing({ columns }: ReportView): cases.Figures {
  return columns.map(({ applies, unit }) => (applies && unit === 'count' ? 0 : null))
}
