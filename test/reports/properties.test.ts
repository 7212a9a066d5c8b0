import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Db } from '../../db/database.ts'
import { loadSettings, type Settings } from '../../db/settings.ts'
import type { ReportGroupView, ReportView } from '../../server/http/report-schemas.ts'
import { listBehind } from '../../server/reports/behind.ts'
import { type Grouping, REPORT_NAMES } from '../../server/reports/columns.ts'
import { makeReport, type ReportQuestion } from '../../server/reports/report.ts'
import { type Open, onEachDatabase } from '../support/database.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { type TestCall, type TestCase, writeCalls, writeCases } from '../support/report-facts.ts'
import {
  type CountedThing,
  countedCalls,
  countedCases,
  type TestFilter,
  valueOfFigure,
  type Window,
} from '../support/report-reference.ts'
import {
  AGENTS,
  chooser,
  localHours,
  makeCalls,
  makeCases,
  makeQuestion,
  pick,
} from '../support/report-story.ts'

const seed = pickSeed()
const QUESTIONS = 40
const GROUPINGS = ['day', 'hour-of-week', 'hour', 'channel', 'agent', 'queue', 'none'] as const
const PAGE = { after: null, limit: 100_000 }

interface Story {
  readonly db: Db
  readonly settings: Settings
  readonly cases: readonly TestCase[]
  readonly calls: readonly TestCall[]
}

async function tell(open: Open): Promise<Story> {
  const { db } = await open()
  const random = createRandom(seed)
  const cases = makeCases(random, 70)
  const calls = makeCalls(random, 90)
  await writeCases(db, cases)
  await writeCalls(db, calls)
  const settings = await loadSettings(db)
  return {
    db,
    cases,
    calls,
    settings: {
      ...settings,
      sla: { resolutionSeconds: 6 * 3600 },
      workingHours: { ...settings.workingHours, tz: 'Europe/Berlin', holidays: ['2026-04-03'] },
    },
  }
}

/** What a figure counts by the reference. */
function counted(
  { cases, calls, settings }: Story,
  report: string,
  figure: string,
  filter: TestFilter,
): CountedThing[] {
  if (report === 'calls') return countedCalls(figure, calls, filter)
  return countedCases(figure, cases, filter, {
    resolutionSeconds: settings.sla.resolutionSeconds,
    hours: settings.workingHours,
    serviceLevelSeconds: settings.serviceLevelSeconds,
  })
}

type Listed = (figure: string) => readonly CountedThing[]

/** The values of all columns, of what each of them counts. */
function valuesOf(story: Story, columns: ReportView['columns'], listed: Listed) {
  const answeredInTime = () =>
    listed('answered').filter(({ id }) => {
      const wait = story.calls.find((call) => call.id === id)?.waitSeconds
      return typeof wait === 'number' && wait <= story.settings.serviceLevelSeconds
    }).length
  const parts = (figure: string) => (figure === 'inTime' ? answeredInTime() : listed(figure).length)
  return Object.fromEntries(columns.map(({ key }) => [key, valueOfFigure(key, listed(key), parts)]))
}

function filterOf({ period, agentIds, queues, direction }: ReportQuestion): TestFilter {
  return { from: period.from, to: period.to, agentIds, queues, direction }
}

/** Which question lists what is behind a row. */
function ofRow(question: ReportQuestion, group: ReportGroupView) {
  const { date, hour, weekday, direction, outcome, queue, agentId } = group
  const narrowed = {
    ...question,
    ...(date === undefined ? {} : { period: { ...question.period, ...dayOf(question, date) } }),
    ...(direction === undefined ? {} : { direction: direction as 'incoming' | 'outgoing' }),
    ...(queue === undefined ? {} : { queues: [queue] }),
    ...(agentId === undefined ? {} : { agentIds: [agentId] }),
  }
  return { ...narrowed, hour, weekday, outcome }
}

function dayOf({ period }: ReportQuestion, date: string): Window {
  const hours = localHours(period).filter((each) => each.date === date)
  return { from: hours[0]!.from, to: hours.at(-1)!.to }
}

/** What a figure of a row counts: hours count once in the period, but each its own handled cases. */
function listedInRow(story: Story, question: ReportQuestion, group: ReportGroupView): Listed {
  const { report, period } = question
  const row = ofRow(question, group)
  const filter = { ...filterOf(row), outcome: row.outcome }
  if (group.hour === undefined) return (figure) => counted(story, report, figure, filter)
  const hours = localHours(period).filter(
    (each) => each.hour === group.hour && (group.weekday ?? each.weekday) === each.weekday,
  )
  const isWithin = (at: Date) => hours.some((each) => at >= each.from && at < each.to)
  return (figure) =>
    figure === 'handled'
      ? hours.flatMap(({ from, to }) => counted(story, report, figure, { ...filter, from, to }))
      : counted(story, report, figure, filter).filter(({ at }) => isWithin(at))
}

/** The rows that a report must have. */
function groupsOf(story: Story, question: ReportQuestion, columns: ReportView['columns']) {
  const hours = localHours(question.period)
  const distinct = (groups: readonly ReportGroupView[]): ReportGroupView[] =>
    [...new Set(groups.map((group) => JSON.stringify(group)))].map((text) => JSON.parse(text))
  const having = (groups: readonly ReportGroupView[]) =>
    distinct(groups).filter((group) =>
      Object.values(valuesOf(story, columns, listedInRow(story, question, group))).some(
        (value) => value !== 0 && value !== null,
      ),
    )
  const isAsked = <T>(values: readonly T[] | null, value: T) => values?.includes(value) ?? true
  const things = question.report === 'calls' ? story.calls : story.cases
  const asked = things.filter(
    ({ queue, direction }) =>
      isAsked(question.queues, queue) && (question.direction ?? direction) === direction,
  )
  switch (question.by) {
    case 'day':
      return distinct(hours.map(({ date }) => ({ date })))
    case 'hour':
      return distinct(hours.map(({ hour }) => ({ hour })))
    case 'hour-of-week':
      return distinct(hours.map(({ hour, weekday }) => ({ hour, weekday })))
    case 'agent':
      return having(
        AGENTS.filter((agentId) => isAsked(question.agentIds, agentId)).map((agentId) => ({
          agentId,
        })),
      )
    case 'channel':
      return having(asked.map(({ direction, outcome, queue }) => ({ direction, outcome, queue })))
    case 'queue':
      return having(asked.map(({ queue }) => ({ queue })))
    case 'none':
      return []
  }
}

type Figures = Readonly<Record<string, number | null>>

/** Seconds are added up in another order here and there: the last of sixteen digits may differ. */
function assertValues(actual: Figures, expected: Figures, message: string): void {
  const isNear = (a: number | null, b: number | null | undefined): boolean =>
    typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-9 * Math.max(1, b)
  const found = Object.entries(actual).map(([key, value]) => [
    key,
    isNear(value, expected[key]) ? expected[key] : value,
  ])
  assert.deepEqual(Object.fromEntries(found), { ...expected }, message)
}

const sorted = (groups: readonly ReportGroupView[]) =>
  groups
    .map((group) => JSON.stringify(Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort()

onEachDatabase((open) => {
  let story: Story
  before(async () => {
    story = await tell(open)
  })
  const say = (question: ReportQuestion) => `seed ${seed}: ${JSON.stringify(question)}`

  test(`REP-8 every figure is that of a slow reference (seed ${seed})`, async () => {
    const { random } = chooser(seed)
    for (let n = 0; n < QUESTIONS; n += 1) {
      const report = REPORT_NAMES[n % REPORT_NAMES.length]!
      const question = makeQuestion(random, report, pick(random, GROUPINGS))
      const made = await makeReport(story.db, question, story.settings)
      const { columns } = made
      const whole: Listed = (figure) => counted(story, report, figure, filterOf(question))
      assertValues(made.total, valuesOf(story, columns, whole), `total, ${say(question)}`)
      const before = { from: new Date(made.previousFrom), to: new Date(made.previousTo) }
      const earlier: Listed = (figure) =>
        counted(story, report, figure, { ...filterOf(question), ...before })
      assertValues(made.previous, valuesOf(story, columns, earlier), `previous, ${say(question)}`)
      const expected = groupsOf(story, question, columns)
      assert.deepEqual(sorted(made.rows.map(({ group }) => group)), sorted(expected), say(question))
      for (const { group, values } of made.rows) {
        const own = valuesOf(story, columns, listedInRow(story, question, group))
        assertValues(values, own, `${JSON.stringify(group)}, ${say(question)}`)
      }
    }
  })

  test(`REP-8 a figure equals the length of the list behind it (seed ${seed})`, async () => {
    const { random } = chooser(seed + 1)
    const list = async (question: Parameters<typeof listBehind>[1]) =>
      (await listBehind(story.db, question, story.settings, PAGE)).map((item) => {
        const id = question.report === 'calls' ? item.call?.id : item.case?.id
        return `${item.at.toISOString()} ${id}`
      })
    const toLines = (things: readonly CountedThing[]) =>
      things.map(({ at, id }) => `${at.toISOString()} ${id}`).sort()
    for (let n = 0; n < QUESTIONS / 2; n += 1) {
      const report = REPORT_NAMES[n % REPORT_NAMES.length]!
      const question = makeQuestion(random, report, pick(random, GROUPINGS))
      const made = await makeReport(story.db, question, story.settings)
      const look = async (
        group: ReportGroupView,
        { key, unit }: ReportView['columns'][number],
        value: number | null,
      ) => {
        const where = `${key} of ${JSON.stringify(group)}, ${say(question)}`
        const lines = await list({ ...ofRow(question, group), figure: key })
        const isWhole = Object.keys(group).length === 0
        const listed: Listed = isWhole
          ? (figure) => counted(story, report, figure, filterOf(question))
          : listedInRow(story, question, group)
        assert.deepEqual(lines.toSorted(), toLines(listed(key)), where)
        if (unit === 'count') assert.equal(lines.length, value ?? 0, where)
      }
      for (const column of made.columns) await look({}, column, made.total[column.key]!)
      // Of every kind of row some, with any of their figures.
      for (let i = 0; i < 8 && made.rows.length > 0; i += 1) {
        const { group, values } = pick(random, made.rows)
        const column = pick(random, made.columns)
        await look(group, column, values[column.key]!)
      }
    }
  })

  test(`REP-8 rows add up to the whole where their column says so (seed ${seed})`, async () => {
    const { random } = chooser(seed + 2)
    for (const report of REPORT_NAMES) {
      for (const by of GROUPINGS.filter((each) => each !== 'none')) {
        const question = makeQuestion(random, report, by)
        const { columns, rows, total } = await makeReport(story.db, question, story.settings)
        for (const { key, adds } of columns) {
          if (!adds) continue
          const sum = rows.reduce((all, row) => all + row.values[key]!, 0)
          assert.equal(sum, total[key], `${key}, ${say(question)}`)
        }
      }
    }
  })

  test(`REP-8 a row by day is the report of that day, and days add up to weeks (seed ${seed})`, async () => {
    const { random } = chooser(seed + 3)
    for (const report of REPORT_NAMES) {
      const by: Grouping = 'day'
      const question = makeQuestion(random, report, by)
      const made = await makeReport(story.db, question, story.settings)
      const { group, values } = pick(random, made.rows)
      const day = { ...question.period, ...dayOf(question, group.date!) }
      const alone = await makeReport(story.db, { ...question, period: day }, story.settings)
      assertValues(values, alone.total, `${group.date}, ${say(question)}`)
      // Any cut through the period: its two parts add up to the whole.
      const { from, to, tz } = question.period
      const first = { from, to: day.from, tz }
      const rest = { from: day.from, to, tz }
      if (first.from >= first.to) continue
      const [a, b] = await Promise.all(
        [first, rest].map((period) =>
          makeReport(story.db, { ...question, period, by: 'none' }, story.settings),
        ),
      )
      for (const { key, adds } of made.columns)
        if (adds) assert.equal(a!.total[key]! + b!.total[key]!, made.total[key], say(question))
    }
  })
})
