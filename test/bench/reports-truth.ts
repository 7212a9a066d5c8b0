/**
 * What the reports have to say, counted while the year is made: case by case, in plain loops, with no
 * SQL, no neighbours of facts, and none of the reports' own days, hours and working time.
 */
import type { Direction, YearCall, YearCase, YearFact } from './reports-year.ts'
import { HOLIDAYS, YEAR } from './reports-year.ts'

/** Which facts are counted. */
export interface Question {
  readonly from: number
  readonly to: number
  /** null: all; null among them: nobody. */
  readonly agentIds: readonly (string | null)[] | null
  readonly queues: readonly (string | null)[] | null
  readonly direction: Direction | null
}

export type Grouping = 'none' | 'day' | 'hour-of-week' | 'hour' | 'channel' | 'agent' | 'queue'

/** How often each figure was there, and each duration, in seconds. */
export interface Tally {
  readonly counts: Map<string, number>
  readonly durations: Map<string, number[]>
}

export interface Truth {
  readonly question: Question
  /** By grouping, by row. */
  readonly tallies: ReadonlyMap<Grouping, Map<string, Tally>>
}

export const RESOLUTION_TARGET = 8 * 3600
export const SERVICE_LEVEL = 20

export function createTruth(question: Question, groupings: readonly Grouping[]): Truth {
  const all = new Set<Grouping>(['none', ...groupings])
  return { question, tallies: new Map([...all].map((each) => [each, new Map()])) }
}

/** The row that is called so; an empty one where nothing was counted. */
export function tallyOf(truth: Truth, grouping: Grouping, row: string): Tally {
  return truth.tallies.get(grouping)?.get(row) ?? { counts: new Map(), durations: new Map() }
}

/** Counts a case. */
export function countCase(truth: Truth, of: YearCase): void {
  if (!isChosen(truth.question, of)) return
  for (const grouping of truth.tallies.keys()) {
    if (grouping !== 'day') countIn(truth, grouping, of, truth.question)
    else for (const window of daysOf(of, truth.question)) countIn(truth, 'day', of, window)
  }
}

interface Window {
  readonly from: number
  readonly to: number
}

function countIn(truth: Truth, grouping: Grouping, of: YearCase, window: Window): void {
  const { agentIds } = truth.question
  const isOurs = ({ agentId }: YearFact) => agentIds === null || agentIds.includes(agentId)
  const rows = truth.tallies.get(grouping)!
  const give = (figure: string, fact: YearFact, duration: number | null = null) =>
    put(rows, rowOf(grouping, of, fact), figure, duration)
  const handled = new Set<string>()
  let hasRecord = false
  let reopened = 0
  let responded = 0
  let closed: YearFact | null = null
  let isClosedWithRecord = false
  for (const fact of of.facts) {
    if (fact.kind === 'responded') hasRecord = true
    if (fact.at < window.from || fact.at >= window.to) continue
    if (fact.kind === 'closed') {
      closed = fact
      isClosedWithRecord = hasRecord
    } else if (fact.kind === 'reopened') {
      reopened += 1
      if (reopened > 1 || of.openedAt >= window.from || !isOurs(fact)) continue
      give('reopened', fact)
      give('newAndReopened', fact)
    } else if (fact.kind === 'responded') {
      responded += 1
      if (!isOurs(fact)) continue
      give('totalResponses', fact)
      if (responded === 1) give('responded', fact)
    } else if (!isOurs(fact)) {
    } else if (fact.kind === 'opened') {
      give('newTotal', fact)
      give('newAndReopened', fact)
      if (of.direction === 'incoming') give('newUser', fact)
    } else if (fact.kind === 'handled') {
      const once = onceOf(grouping, fact)
      if (!handled.has(once)) give('handled', fact)
      handled.add(once)
    }
  }
  if (closed === null || !isOurs(closed)) return
  if (isClosedWithRecord) give('closed', closed)
  if (closed.at === of.openedAt) return
  give('resolved', closed, (closed.at - of.openedAt) / 1000)
  if (worked(closed.at) - worked(of.openedAt) > RESOLUTION_TARGET * 1000) {
    give('slaResolutionViolated', closed)
  }
}

/** Handled is counted once for each agent in rows by agent, once in each hour in rows by hour. */
function onceOf(grouping: Grouping, { agentId, at }: YearFact): string {
  if (grouping === 'agent') return String(agentId)
  return grouping.startsWith('hour') ? String(Math.floor(at / HOUR)) : ''
}

/** Counts a call. */
export function countCall(truth: Truth, call: YearCall): void {
  const { from, to, agentIds } = truth.question
  if (call.at < from || call.at >= to || !isChosen(truth.question, call)) return
  if (agentIds !== null && !agentIds.includes(call.agentId)) return
  for (const [grouping, rows] of truth.tallies) {
    const row = rowOf(grouping, call, call)
    for (const [figure, duration] of measuresOf(call)) put(rows, row, figure, duration)
  }
}

function* measuresOf(call: YearCall): Generator<[string, number | null]> {
  const isAnswered = call.outcome === 'answered'
  yield [call.direction, null]
  if (call.direction === 'outgoing') yield [isAnswered ? 'outgoingAnswered' : 'unanswered', null]
  else if (isAnswered) yield ['answered', null]
  else yield ['missed', null]
  if (call.outcome === 'missed' && call.queue !== null) yield ['abandoned', null]
  yield ['ring', call.ringSeconds]
  if (call.waitSeconds !== null) yield ['wait', call.waitSeconds]
  if (call.talkSeconds !== null) yield ['talk', call.talkSeconds]
  if (call.holdSeconds !== null) yield ['hold', call.holdSeconds]
  if (call.waitSeconds !== null && isAnswered && call.waitSeconds <= SERVICE_LEVEL) {
    yield ['inTime', null]
  }
  if (call.calledBackAt === null) return
  yield ['calledBack', null]
  yield ['callback', (call.calledBackAt - call.endedAt) / 1000]
}

interface Channel {
  readonly direction: Direction
  readonly outcome: string
  readonly queue: string | null
}

function isChosen({ queues, direction }: Question, of: Channel): boolean {
  if (direction !== null && of.direction !== direction) return false
  return queues === null || queues.includes(of.queue)
}

function put(rows: Map<string, Tally>, row: string, figure: string, duration: number | null): void {
  let tally = rows.get(row)
  if (tally === undefined) {
    tally = { counts: new Map(), durations: new Map() }
    rows.set(row, tally)
  }
  tally.counts.set(figure, (tally.counts.get(figure) ?? 0) + 1)
  if (duration === null) return
  const durations = tally.durations.get(figure)
  if (durations === undefined) tally.durations.set(figure, [duration])
  else durations.push(duration)
}

/** What a row is called: the same as `rowName` says of a row of a report. */
function rowOf(
  grouping: Grouping,
  of: Channel,
  at: { at: number; agentId: string | null },
): string {
  switch (grouping) {
    case 'none':
      return ''
    case 'agent':
      return String(at.agentId)
    case 'queue':
      return String(of.queue)
    case 'channel':
      return `${of.direction} ${of.outcome} ${of.queue}`
    case 'day':
      return DAYS[Math.floor(localOf(at.at) / DAY) - FIRST_DAY]!.name
    case 'hour':
      return String(new Date(localOf(at.at)).getUTCHours())
    case 'hour-of-week': {
      const local = new Date(localOf(at.at))
      return `${local.getUTCDay() || 7} ${local.getUTCHours()}`
    }
  }
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Berlin's summer of the year: its last Sundays of March and October, at 1:00 UTC. */
const SUMMER = { from: Date.UTC(2025, 2, 30, 1), to: Date.UTC(2025, 9, 26, 1) }

/** What the clocks of Berlin show, as if it were UTC. */
function localOf(at: number): number {
  return at + (at >= SUMMER.from && at < SUMMER.to ? 2 : 1) * HOUR
}

/** The instant at which the clocks of Berlin show this midnight. */
function midnight(local: number): number {
  const winter = local - HOUR
  return winter >= SUMMER.from && winter < SUMMER.to ? winter - HOUR : winter
}

/** The days on which something happened, as far as they are in the question's time. */
function daysOf(of: YearCase, { from, to }: Question): Window[] {
  const locals = new Set(of.facts.map(({ at }) => Math.floor(localOf(at) / DAY) * DAY))
  return [...locals]
    .map((local) => ({
      from: Math.max(from, midnight(local)),
      to: Math.min(to, midnight(local + DAY)),
    }))
    .filter((day) => day.from < day.to)
}

const FIRST_DAY = Math.floor(YEAR.from / DAY)
/** The year's days, and those after it in which its cases end. */
const DAYS = Array.from({ length: 500 }, (_, index) => {
  const date = new Date((FIRST_DAY + index) * DAY)
  const name = date.toISOString().slice(0, 10)
  const weekday = date.getUTCDay()
  return { name, isWorkday: weekday > 0 && weekday < 6 && !HOLIDAYS.includes(name) }
})
/** Working milliseconds before each day; 9 to 18 o'clock, so that no clock changes in them. */
const WORKED_BEFORE = Float64Array.from(DAYS, () => 0)
for (let day = 1; day < DAYS.length; day += 1) {
  WORKED_BEFORE[day] = WORKED_BEFORE[day - 1]! + (DAYS[day - 1]!.isWorkday ? 9 * HOUR : 0)
}

/** What a clock shows that runs in working hours only. */
function worked(at: number): number {
  const local = localOf(at)
  const day = Math.floor(local / DAY)
  const today = Math.min(Math.max(local - day * DAY - 9 * HOUR, 0), 9 * HOUR)
  return WORKED_BEFORE[day - FIRST_DAY]! + (DAYS[day - FIRST_DAY]!.isWorkday ? today : 0)
}
