/** Cases, calls and questions by chance, thick with what is easily counted wrong. */
import type { Grouping, ReportName } from '../../server/reports/columns.ts'
import type { Period } from '../../server/reports/period.ts'
import type { ReportQuestion } from '../../server/reports/report.ts'
import { DAY_MS, startOfDay } from '../../server/reports/zone.ts'
import { createRandom } from './random.ts'
import type { TestCall, TestCase, TestFact } from './report-facts.ts'

type Random = () => number

export const AGENTS = ['anna', 'boris', 'chen', null] as const
const QUEUES = ['sales', `=1+1","'{}\\`, null] as const
/** Berlin's clocks go forward on 29 March, Lord Howe's half an hour back on 5 April. */
const ZONES = ['Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC', 'America/St_Johns']
const BEGIN = Date.parse('2026-03-24T00:00:00Z')
const FIRST_DAY = BEGIN / DAY_MS
const DAYS = 16
const QUARTER = 15 * 60_000
const CHANCES = [
  'handled',
  'handled',
  'handled',
  'responded',
  'closed',
  'reopened',
  'assigned',
] as const

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!
}

export function chooser(seed: number): { readonly random: Random } {
  return { random: createRandom(seed) }
}

/** Often when a day begins in Berlin, else mostly at quarters of an hour: where periods and days end. */
function instant(random: Random): number {
  const day = Math.floor(random() * DAYS)
  if (random() < 0.4) return startOfDay(FIRST_DAY + day, 'Europe/Berlin').getTime()
  const quarter = BEGIN + (day * 96 + Math.floor(random() * 96)) * QUARTER
  return random() < 0.8 ? quarter : quarter + Math.floor(random() * QUARTER)
}

export function makeCases(random: Random, length: number): TestCase[] {
  return Array.from({ length }, (_, index) => {
    const openedAt = new Date(instant(random))
    const direction = pick(random, ['incoming', 'incoming', 'outgoing'] as const)
    const missed = direction === 'incoming' ? 'missed' : 'unanswered'
    return {
      id: `case-${index}`,
      openedAt,
      direction,
      outcome: pick(random, ['answered', missed, missed, null] as const),
      queue: pick(random, QUEUES),
      facts: withoutDoubles([
        { kind: 'opened', at: openedAt, agentId: pick(random, AGENTS) },
        ...makeFacts(random, openedAt),
      ]),
    }
  })
}

function makeFacts(random: Random, openedAt: Date): TestFact[] {
  return Array.from({ length: Math.floor(random() ** 2 * 16) }, () => {
    const kind = pick(random, CHANCES)
    // A conversation is before the case that is made at its end; a case may be created closed.
    const early = kind === 'handled' || kind === 'responded' ? -2 : 0
    const quarters = early + Math.floor(random() ** 3 * 96 * 9)
    const later = new Date(instant(random))
    const at =
      later > openedAt && random() < 0.5 ? later : new Date(openedAt.getTime() + quarters * QUARTER)
    return { kind, at, agentId: pick(random, AGENTS) }
  })
}

/** Nothing is written twice. */
function withoutDoubles(facts: readonly TestFact[]): TestFact[] {
  const seen = new Map(facts.map((fact) => [JSON.stringify(fact), fact]))
  return [...seen.values()]
}

export function makeCalls(random: Random, length: number): TestCall[] {
  return Array.from({ length }, (_, index) => {
    const at = new Date(instant(random))
    const direction = pick(random, ['incoming', 'incoming', 'outgoing'] as const)
    const missed = direction === 'incoming' ? 'missed' : 'unanswered'
    const outcome = pick(random, ['answered', missed] as const)
    const isAnswered = outcome === 'answered'
    const wait = Math.floor(random() * 50)
    const talk = Math.floor(random() ** 2 * 900)
    const endedAt = new Date(at.getTime() + (wait + (isAnswered ? talk : 0)) * 1000)
    return {
      id: `call-${index}`,
      at,
      endedAt,
      direction,
      outcome,
      queue: pick(random, QUEUES),
      agentId: isAnswered || direction === 'outgoing' ? pick(random, AGENTS) : null,
      ringSeconds: random() < 0.8 ? Math.floor(random() * 30) : null,
      waitSeconds: direction === 'incoming' ? wait : null,
      talkSeconds: isAnswered ? talk : null,
      holdSeconds: isAnswered ? Math.floor(random() * 60) : null,
      calledBackAt:
        outcome === 'missed' && random() < 0.6
          ? new Date(endedAt.getTime() + Math.floor(random() * 7200) * 1000)
          : null,
    }
  })
}

export function makeQuestion(random: Random, report: ReportName, by: Grouping): ReportQuestion {
  const some = <T>(items: readonly T[]): readonly T[] | null => {
    const chosen = items.filter(() => random() < 0.5)
    return random() < 0.5 || chosen.length === 0 ? null : chosen
  }
  const from = instant(random)
  const days = 1 + Math.floor(random() * 9)
  const end = instant(random)
  const to = end > from ? end : from + days * DAY_MS
  return {
    report,
    by,
    period: {
      from: new Date(from),
      to: new Date(to),
      tz: pick(random, ['Europe/Berlin', ...ZONES]),
    },
    agentIds: some(AGENTS),
    queues: some(QUEUES),
    direction: pick(random, [null, null, 'incoming', 'outgoing'] as const),
  }
}

export interface LocalHour {
  readonly from: Date
  readonly to: Date
  readonly date: string
  readonly hour: number
  readonly weekday: number
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** The hours of a period as its clocks show them, by asking for every quarter: no arithmetic to share a mistake with. */
export function localHours({ from, to, tz }: Period): LocalHour[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: tz,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
    weekday: 'short',
    timeZoneName: 'longOffset',
  })
  const hours: (LocalHour & { readonly shown: string })[] = []
  const first = Math.floor(from.getTime() / QUARTER) * QUARTER
  for (let time = first; time < to.getTime(); time += QUARTER) {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]))
    const date = ['year', 'month', 'day'].map((part) => parts.get(part as 'day')).join('-')
    const hour = Number(parts.get('hour'))
    const weekday = WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1
    const shown = `${date} ${hour} ${parts.get('timeZoneName')}`
    const end = new Date(Math.min(time + QUARTER, to.getTime()))
    const last = hours.at(-1)
    if (last?.shown === shown) hours[hours.length - 1] = { ...last, to: end }
    else {
      const start = new Date(Math.max(time, from.getTime()))
      hours.push({ from: start, to: end, date, hour, weekday, shown })
    }
  }
  return hours
}
