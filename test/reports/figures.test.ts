import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALL_FIGURES } from '../../db/report-calls.ts'
import { type RunQuery, runQuery } from '../../db/report-parts.ts'
import { loadSettings } from '../../db/settings.ts'
import { callValues } from '../../server/reports/call-values.ts'
import type { Grouping, ReportName } from '../../server/reports/columns.ts'
import { columnsOf, REPORT_NAMES } from '../../server/reports/columns.ts'
import { rowsOf } from '../../server/reports/grouping.ts'
import { spreadOf } from '../../server/reports/percentile.ts'
import { makeReport } from '../../server/reports/report.ts'
import { onEachDatabase } from '../support/database.ts'
import { createRandom } from '../support/random.ts'
import { type TestCall, type TestCase, writeCalls, writeCases } from '../support/report-facts.ts'

/** A case in one line: `opened 1 09:00 anna, handled 2 10:00 boris`; days of March 2026, UTC. */
type Told = string

interface Scenario {
  readonly name: string
  readonly cases: readonly Told[]
  readonly report?: ReportName
  readonly by?: Grouping
  readonly agentIds?: readonly (string | null)[]
  /** Days of March; `to` is not in it. */
  readonly from: number
  readonly to: number
  readonly total?: Readonly<Record<string, number | null>>
  /** By the one part of the group that tells rows apart. */
  readonly rows?: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'REP-1 a case opened before the period and reopened in it twice counts once, the first time',
    cases: [
      'opened 1 09:00 anna, closed 2 09:00 anna, reopened 5 09:00 boris, closed 6 09:00 boris, reopened 7 09:00 chen',
    ],
    report: 'leaderboard',
    from: 3,
    to: 10,
    total: { newTotal: 0, reopened: 1 },
    rows: { boris: { reopened: 1 } },
  },
  {
    name: 'REP-4 the PBX’s clock is ahead and says that a call ended after its case was closed: no time, not less',
    cases: ['opened 3 09:01 anna, closed 3 09:00 anna', 'opened 3 09:00 anna, closed 3 09:10 anna'],
    report: 'time-metrics',
    from: 3,
    to: 4,
    total: { resolved: 2, resolutionSeconds: 300, resolutionMedian: 300, resolution90: 540 },
    rows: { anna: { resolutionSeconds: 300, resolutionMedian: 300 } },
  },
  {
    name: 'REP-1 a case opened and reopened in the period is new and not reopened; by day it is both',
    cases: ['opened 3 09:00 anna, closed 3 10:00 anna, reopened 4 09:00 anna'],
    by: 'day',
    from: 3,
    to: 5,
    total: { newTotal: 1, reopened: 0 },
    rows: {
      '2026-03-03': { newTotal: 1, reopened: 0 },
      '2026-03-04': { newTotal: 0, reopened: 1 },
    },
  },
  {
    name: 'REP-1 what is at the first instant is in the period, what is at its end is not',
    cases: [
      'opened 3 00:00 anna, handled 3 00:00 anna, handled 4 00:00 anna',
      'opened 4 00:00 anna',
    ],
    from: 3,
    to: 4,
    total: { newTotal: 1, handled: 1 },
  },
  {
    name: 'REP-6 who handled a case at the last instant of one period and in the next counts in both',
    cases: [
      'opened 1 09:00 anna, handled 3 00:00 anna, handled 3 12:00 anna, handled 4 12:00 anna',
    ],
    report: 'leaderboard',
    agentIds: ['anna'],
    from: 3,
    to: 4,
    total: { handled: 1 },
    rows: { anna: { handled: 1 } },
  },
  {
    name: 'REP-6 a case that two agents handled is in the row of each, and once in the whole',
    cases: [
      'opened 3 09:00 anna, handled 3 10:00 anna, handled 3 11:00 boris, handled 4 10:00 anna',
    ],
    report: 'leaderboard',
    from: 3,
    to: 5,
    total: { handled: 1 },
    rows: { anna: { handled: 1, newTotal: 1 }, boris: { handled: 1, newTotal: 0 } },
  },
  {
    name: 'REP-6 of several chosen agents a case that both handled counts once, after a third one too',
    cases: [
      'opened 3 09:00 nobody, handled 3 10:00 chen, handled 3 10:00 boris, handled 3 11:00 anna, handled 3 12:00 boris',
      'opened 3 09:00 nobody, handled 3 10:00 chen',
    ],
    report: 'leaderboard',
    agentIds: ['anna', 'boris'],
    from: 3,
    to: 4,
    total: { handled: 1, newTotal: 0 },
    rows: { anna: { handled: 1 }, boris: { handled: 1 } },
  },
  {
    name: 'REP-2 an hour counts the cases handled in it, so a case counts in each such hour',
    cases: [
      'opened 2 09:10 anna, handled 2 09:20 anna, handled 2 09:50 boris, handled 2 10:00 anna, handled 9 09:30 anna',
    ],
    report: 'peak-load',
    by: 'hour',
    from: 1,
    to: 15,
    total: { newAndReopened: 1, handled: 1 },
    rows: { 9: { newAndReopened: 1, handled: 2 }, 10: { newAndReopened: 0, handled: 1 } },
  },
  {
    name: 'REP-1 closed counts with a record only, by the last closing and its agent',
    cases: [
      'opened 3 09:00 anna, responded 3 09:10 anna, closed 3 10:00 anna, reopened 3 11:00 anna, closed 3 12:00 boris',
      'opened 3 09:00 anna, closed 3 10:00 anna',
      'opened 3 09:00 anna, closed 3 10:00 anna, responded 3 11:00 anna',
    ],
    report: 'leaderboard',
    from: 3,
    to: 4,
    total: { closed: 1, responded: 2, totalResponses: 2 },
    rows: {
      anna: { closed: 0, resolutionSeconds: 3600 },
      boris: { closed: 1, resolutionSeconds: 3 * 3600 },
    },
  },
  {
    name: 'REP-4 one created closed is not resolved; one closed again is, from its opening to the last time',
    cases: [
      'opened 3 09:00 anna, closed 3 09:00 anna',
      'opened 3 09:00 anna, closed 3 09:00 anna, reopened 3 10:00 anna, closed 3 11:00 anna',
      'opened 3 09:00 anna, closed 3 10:00 anna',
      'opened 2 09:00 anna, closed 3 09:00 anna, reopened 4 09:00 anna, closed 5 09:00 anna',
    ],
    report: 'time-metrics',
    from: 3,
    to: 4,
    // 2 h, 1 h, and 24 h of the one that was closed again after the period.
    total: {
      resolved: 3,
      resolutionSeconds: 9 * 3600,
      resolutionMedian: 2 * 3600,
      // Of 1, 2, 24: eight tenths of the way from 2 to 24.
      resolution90: (2 + 0.8 * 22) * 3600,
      firstResponse: null,
      response: null,
      writing: null,
    },
  },
  {
    name: 'REP-5 the target is of working time: Friday evening to Monday morning is two hours of it',
    cases: [
      // Friday 6 March, 17:00 to Monday 9 March, 10:00, with the hours 9 to 18.
      'opened 6 17:00 anna, closed 9 10:00 anna',
      'opened 6 17:00 anna, closed 9 10:01 anna',
      'opened 6 09:00 anna, closed 6 09:00 anna',
    ],
    report: 'sla',
    from: 9,
    to: 10,
    total: {
      resolved: 2,
      slaResolutionViolated: 1,
      slaResolutionKept: 0.5,
      slaFirstViolated: null,
      slaResponseViolated: null,
    },
  },
  {
    name: 'REP-5 without a resolved case nothing is kept or violated',
    cases: ['opened 3 09:00 anna'],
    report: 'sla',
    from: 3,
    to: 4,
    total: { resolved: 0, slaResolutionViolated: 0, slaResolutionKept: null },
  },
  {
    name: 'REP-6 nobody is a row of its own; who only got a case assigned has none',
    cases: ['opened 3 09:00 nobody, assigned 3 10:00 boris, handled 3 10:00 anna'],
    report: 'leaderboard',
    from: 3,
    to: 4,
    total: { newTotal: 1, handled: 1 },
    rows: { anna: { handled: 1, newTotal: 0 }, null: { handled: 0, newTotal: 1 } },
  },
]

function toCase(told: Told, index: number): TestCase {
  const facts = told.split(', ').map((text) => {
    const [kind, day, time, agent] = text.split(' ')
    return {
      kind: kind as TestCase['facts'][number]['kind'],
      at: new Date(`2026-03-${day!.padStart(2, '0')}T${time}:00Z`),
      agentId: agent === 'nobody' ? null : agent!,
    }
  })
  const openedAt = facts.find(({ kind }) => kind === 'opened')!.at
  const channel = { direction: 'incoming', outcome: 'answered', queue: null } as const
  return { id: `case-${index}`, openedAt, ...channel, facts }
}

const dayOfMarch = (day: number) => new Date(Date.UTC(2026, 2, day))

onEachDatabase((open) => {
  test('REP-1 to REP-6, scenario by scenario', async (t) => {
    const { db } = await open()
    const settings = { ...(await loadSettings(db)), sla: { resolutionSeconds: 2 * 3600 } }
    for (const { name, cases, report = 'workload', by = 'agent', ...asked } of SCENARIOS) {
      await t.test(name, async () => {
        await db.deleteFrom('cases').execute()
        await writeCases(db, cases.map(toCase))
        const period = { from: dayOfMarch(asked.from), to: dayOfMarch(asked.to), tz: 'UTC' }
        const agentIds = asked.agentIds ?? null
        const made = await makeReport(
          db,
          { report, by, period, agentIds, queues: null, direction: null },
          settings,
        )
        assert.partialDeepStrictEqual(made.total, asked.total ?? {})
        if (asked.rows === undefined) return
        const rows = made.rows.map(({ group, values }) => [
          String(Object.values(group).at(-1)),
          values,
        ])
        const found = Object.fromEntries(rows)
        assert.partialDeepStrictEqual(found, asked.rows)
        if (by === 'agent') assert.deepEqual(Object.keys(found), Object.keys(asked.rows))
      })
    }
  })

  test('REP-8 an empty period has a row for each of its hours and days, and no agents', async () => {
    const { db } = await open()
    const settings = await loadSettings(db)
    const rowsOf = async (from: string, to: string, by: Grouping, report: ReportName) => {
      const period = { from: new Date(from), to: new Date(to), tz: 'Europe/Berlin' }
      const question = { report, by, period, agentIds: null, queues: null, direction: null }
      return (await makeReport(db, question, settings)).rows
    }
    // The night to 29 March has no hour 2; the night to 25 October has two.
    const spring = ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'] as const
    const autumn = ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'] as const
    assert.equal((await rowsOf(...spring, 'hour', 'calls')).length, 23)
    assert.equal((await rowsOf(...autumn, 'hour', 'calls')).length, 24)
    assert.equal((await rowsOf(...spring, 'hour-of-week', 'peak-load')).length, 23)
    assert.deepEqual(await rowsOf(...autumn, 'day', 'peak-load'), [
      { group: { date: '2026-10-25' }, values: { newAndReopened: 0, handled: 0 } },
    ])
    assert.deepEqual(await rowsOf(...autumn, 'agent', 'leaderboard'), [])
    const [first] = await rowsOf(...autumn, 'day', 'time-metrics')
    assert.equal(first?.values.resolved, 0)
    assert.equal(first?.values.resolutionSeconds, null)
  })
})

test('REP-4 what does not apply to calls is said in its column, wherever it is', () => {
  for (const report of REPORT_NAMES) {
    const columns = columnsOf(report, 'none')
    const not = columns.filter(({ applies }) => !applies).map(({ key }) => key)
    const expected = {
      'time-metrics': ['firstResponse', 'response', 'writing'],
      sla: ['slaFirstViolated', 'slaResponseViolated'],
      leaderboard: [
        ...['firstResponse', 'response', 'writing'],
        ...['slaFirstViolated', 'slaResponseViolated'],
      ],
    }
    assert.deepEqual(not, expected[report as keyof typeof expected] ?? [], report)
  }
})

test('REP-7 the median and the 90th percentile of counted values', () => {
  const spread = (...values: number[]) => {
    const counts = new Map(values.map((value) => [value, 0]))
    for (const value of values) counts.set(value, counts.get(value)! + 1)
    return spreadOf(counts)
  }
  assert.deepEqual(spread(), { mean: null, median: null, ninetieth: null })
  assert.deepEqual(spread(7), { mean: 7, median: 7, ninetieth: 7 })
  assert.deepEqual(spread(10, 20), { mean: 15, median: 15, ninetieth: 19 })
  assert.deepEqual(spread(4, 1, 1, 2), { mean: 2, median: 1.5, ninetieth: 3.4 })
  // Of eleven values the tenth is the 90th percentile.
  assert.equal(spread(...Array.from({ length: 11 }, (_, index) => index)).ninetieth, 9)
})

onEachDatabase((open) => {
  test('PERF-6 calls of a month, shared among processes, are those of its weeks, by every cut', async () => {
    const { db } = await open()
    await writeCalls(db, callsOfWeeks())
    const tz = 'Europe/Berlin'
    // Over a change of the clock; what is no longer than a week is never shared.
    const limits = ['03-10T23', '03-17T23', '03-24T23', '03-31T22', '04-07T22', '04-09T22']
    const dates = limits.map((limit) => new Date(`2026-${limit}:00:00Z`))
    const countsOf = async (by: Grouping, from: Date, to: Date) => {
      const { cut, groupOf } = rowsOf(by, { from, to, tz })
      const filter = { from, to, agentIds: null, queues: null, direction: null }
      const run: RunQuery = (query, manner) => runQuery(db, query, manner)
      const { rows, total } = await callValues(run, { filter, cut, inTimeSeconds: 20 })
      const found = rows.map(({ key, values }) => [JSON.stringify(groupOf(key)), values] as const)
      return [...found, ['total', total] as const].flatMap(([group, values]) =>
        CALL_FIGURES.map((figure) => [`${group} ${figure}`, values[figure] ?? 0] as const),
      )
    }
    const addedUp = (counts: readonly (readonly [string, number])[]) => {
      const sums = new Map<string, number>()
      for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
      return new Map([...sums].filter(([, sum]) => sum > 0).sort())
    }
    for (const by of GROUPINGS) {
      const month = addedUp(await countsOf(by, dates[0]!, dates.at(-1)!))
      const weeks = dates.slice(1).map((to, index) => countsOf(by, dates[index]!, to))
      assert.deepEqual(month, addedUp((await Promise.all(weeks)).flat()), by)
      assert.equal(month.get('total incoming')! + month.get('total outgoing')!, 400, by)
      assert.ok(by === 'none' || month.size > 3 * CALL_FIGURES.length, by)
    }
  })
})

const GROUPINGS = ['day', 'hour-of-week', 'hour', 'channel', 'agent', 'queue', 'none'] as const

/** From a seed: calls of thirty days, with all that calls can have or not have. */
function callsOfWeeks(): TestCall[] {
  const random = createRandom(7)
  const below = (limit: number) => Math.floor(random() * limit)
  return Array.from({ length: 400 }, (_, index) => {
    const at = new Date(Date.UTC(2026, 2, 11) + below(29 * 86_400_000))
    const direction = random() < 0.5 ? 'incoming' : 'outgoing'
    const isAnswered = random() < 0.6
    const isMissed = direction === 'incoming' && !isAnswered
    const endedAt = new Date(at.getTime() + 60_000)
    return {
      ...{ id: `call-${index}`, at, endedAt, direction },
      outcome: isAnswered ? 'answered' : isMissed ? 'missed' : 'unanswered',
      queue: random() < 0.3 ? null : `queue ${below(3)}`,
      agentId: isAnswered ? ['anna', 'boris', 'chen'][below(3)]! : null,
      ringSeconds: random() < 0.1 ? null : below(30),
      waitSeconds: direction === 'incoming' ? below(60) : null,
      talkSeconds: isAnswered ? below(900) : null,
      holdSeconds: isAnswered ? below(3) * 20 : null,
      calledBackAt: isMissed && random() < 0.5 ? new Date(endedAt.getTime() + below(9e6)) : null,
    }
  })
}
