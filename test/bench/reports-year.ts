/**
 * A year of a call centre, from a seed: cases with what happens in them, and their calls, one after
 * the other, so that nobody has to hold a million of them.
 */
import type { Settings } from '../../db/settings.ts'
import { createRandom } from '../support/random.ts'

export type Kind = 'opened' | 'reopened' | 'handled' | 'responded' | 'closed' | 'assigned'
export type Direction = 'incoming' | 'outgoing'
export type Outcome = 'answered' | 'missed' | 'unanswered'

/** Times are milliseconds. */
export interface YearFact {
  readonly kind: Kind
  readonly at: number
  readonly agentId: string | null
  readonly callId: string | null
}

export interface YearCase {
  readonly id: string
  readonly direction: Direction
  readonly outcome: Outcome
  readonly queue: string | null
  readonly openedAt: number
  /** In order of time. */
  readonly facts: readonly YearFact[]
  /** The call that opened it. */
  readonly call: YearCall
}

export interface YearCall {
  readonly id: string
  readonly at: number
  readonly endedAt: number
  readonly direction: Direction
  readonly outcome: Outcome
  readonly queue: string | null
  readonly agentId: string | null
  readonly ringSeconds: number
  readonly waitSeconds: number | null
  readonly talkSeconds: number | null
  readonly holdSeconds: number | null
  readonly calledBackAt: number | null
}

/** Days and hours of the year are those of Berlin: one day has 23 hours, one 25. */
export const TZ = 'Europe/Berlin'
export const YEAR = { from: Date.UTC(2025, 0, 1) - 3_600_000, to: Date.UTC(2026, 0, 1) - 3_600_000 }
export const AGENTS = idsOf('a', 60)
export const QUEUES = Array.from({ length: 12 }, (_, index) => `queue-${index + 1}`)
export const HOLIDAYS = ['2025-01-01', '2025-04-18', '2025-05-01', '2025-10-03', '2025-12-25']

/** What the reports are to know besides facts. */
export function settingsOf(settings: Settings): Settings {
  const days = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '18:00' }))
  return {
    ...settings,
    sla: { resolutionSeconds: 8 * 3600 },
    serviceLevelSeconds: 20,
    workingHours: { tz: TZ, days, holidays: HOLIDAYS },
  }
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** How many calls come in each hour of a working day, against the busiest. */
const BY_HOUR = [
  ...[2, 1, 1, 1, 2, 4, 10, 35, 75, 95, 100, 92],
  ...[70, 78, 94, 96, 85, 68, 45, 30, 18, 10, 6, 3],
]
const WEEKEND = 0.25

/** The cases of a year, in order of their calls. */
export function* yearOf(count: number, seed: number): Generator<YearCase> {
  const random = createRandom(seed)
  const begins = startsOf(count, random)
  for (const [index, at] of begins.entries()) yield caseOf(index, at, random)
}

/** When calls come: as often as the hour has calls, sorted by hour. */
function startsOf(count: number, random: () => number): Float64Array {
  const hours = Array.from({ length: 365 * 24 }, (_, hour) => {
    const weekday = new Date(YEAR.from + HOUR + hour * HOUR).getUTCDay()
    return BY_HOUR[hour % 24]! * (weekday === 0 || weekday === 6 ? WEEKEND : 1)
  })
  const sum = hours.reduce((total, each) => total + each, 0)
  const starts = new Float64Array(count)
  let seen = 0
  let filled = 0
  for (const [hour, share] of hours.entries()) {
    seen += share
    const until = Math.round((seen / sum) * count)
    for (; filled < until; filled += 1) {
      starts[filled] = YEAR.from + hour * HOUR + Math.floor(random() * HOUR)
    }
  }
  return starts.sort()
}

type Random = () => number

function caseOf(index: number, at: number, random: Random): YearCase {
  const call = callOf(index, at, random)
  const facts: YearFact[] = []
  const add = (kind: Kind, when: number, agentId: string | null, callId: string | null = null) =>
    facts.push({ kind, at: Math.round(when), agentId, callId })
  const openedAt = call.endedAt
  add('opened', openedAt, call.agentId, call.id)
  if (call.outcome === 'answered') {
    const answeredAt = openedAt - (call.talkSeconds ?? 0) * SECOND
    add('handled', answeredAt, call.agentId, call.id)
    add('responded', answeredAt, call.agentId, call.id)
  }
  live({ call, add, random })
  facts.sort((a, b) => a.at - b.at)
  const { direction, outcome, queue } = call
  return { id: idOf('c', index), direction, outcome, queue, openedAt, facts, call }
}

interface Life {
  readonly call: YearCall
  readonly add: (kind: Kind, when: number, agentId: string | null, callId?: string | null) => void
  readonly random: Random
}

/** What becomes of a case after its call. */
function live({ call, add, random }: Life): void {
  const openedAt = call.endedAt
  let owner = call.agentId
  if (call.direction === 'outgoing' && random() < 0.75) {
    add('closed', openedAt, owner)
    return
  }
  let now = openedAt + lasting(random, 30 * MINUTE)
  if (call.outcome === 'missed') {
    if (random() < 0.7) {
      // The caller got through by themselves: a rule closes, nobody handles.
      add('closed', now, null)
      return
    }
    owner = agentAt(random)
    add('handled', now, owner)
    add('assigned', now, owner)
    if (call.calledBackAt !== null) {
      now = Math.max(now, call.calledBackAt) + 1
      add('handled', now, owner)
      add('responded', now, owner)
    }
  }
  if (random() < 0.05) {
    now += lasting(random, HOUR)
    add('handled', now, owner)
    owner = agentAt(random)
    add('assigned', now, owner)
  }
  close({ add, random }, now, owner)
}

/** Most are closed by hand, some of them are reopened and closed again. */
function close(
  { add, random }: Pick<Life, 'add' | 'random'>,
  from: number,
  owner: string | null,
): void {
  let now = from + lasting(random, random() < 0.3 ? 2 * DAY : 40 * MINUTE)
  if (random() < 0.3) return
  add('closed', now, owner)
  add('handled', now, owner)
  while (random() < 0.06) {
    now += 1 + lasting(random, 6 * DAY)
    add('reopened', now, owner)
    add('handled', now, random() < 0.5 ? owner : agentAt(random))
    if (random() < 0.1) return
    now += 1 + lasting(random, 8 * HOUR)
    add('closed', now, owner)
    add('handled', now + 1, owner)
  }
}

function callOf(index: number, at: number, random: Random): YearCall {
  const direction = random() < 0.5 ? 'incoming' : 'outgoing'
  const isIncoming = direction === 'incoming'
  const isAnswered = random() < (isIncoming ? 0.6 : 0.5)
  const outcome = isAnswered ? 'answered' : isIncoming ? 'missed' : 'unanswered'
  const ringSeconds = 2 + Math.floor(random() * 28)
  const waitSeconds = isIncoming ? ringSeconds + Math.floor(random() ** 3 * 240) : null
  const talkSeconds = isAnswered ? 5 + seconds(lasting(random, 4 * MINUTE)) : null
  const endedAt = at + ((waitSeconds ?? ringSeconds) + (talkSeconds ?? 0)) * SECOND
  return {
    ...{ id: idOf('d', index), at, endedAt, direction, outcome },
    queue: isIncoming && random() < 0.85 ? QUEUES[Math.floor(random() ** 2 * 12)]! : null,
    agentId: isAnswered || !isIncoming ? agentAt(random) : null,
    ...{ ringSeconds, waitSeconds, talkSeconds },
    holdSeconds: isAnswered ? (random() < 0.2 ? seconds(lasting(random, MINUTE)) : 0) : null,
    calledBackAt:
      outcome === 'missed' && random() < 0.6
        ? endedAt + seconds(lasting(random, 2 * HOUR)) * SECOND
        : null,
  }
}

/** Some agents do much more than others. */
function agentAt(random: Random): string {
  return AGENTS[Math.floor(random() ** 1.5 * AGENTS.length)]!
}

/** At least a millisecond, on average about `mean`; never over two months. */
function lasting(random: Random, mean: number): number {
  return Math.min(60 * DAY, 1 + Math.floor(-Math.log(1 - random()) * mean))
}

function seconds(ms: number): number {
  return Math.floor(ms / SECOND)
}

/** As long as the ids of a server: how wide a row is decides how fast it is read. */
function idOf(letter: string, index: number): string {
  return `019400${letter}0-0000-7000-8000-${String(index).padStart(12, '0')}`
}

function idsOf(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => idOf(letter, index))
}
