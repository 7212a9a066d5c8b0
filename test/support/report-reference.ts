/**
 * The reports' figures as the spec says them, slowly: from what happened in each case and call, with
 * no neighbours, no buckets and no SQL.
 */
import type { WorkingHours } from '../../server/reports/working-time.ts'
import { workingSecondsBetween } from '../../server/reports/working-time.ts'
import type { CaseKind, TestCall, TestCase } from './report-facts.ts'

export interface Window {
  readonly from: Date
  readonly to: Date
}

export interface TestFilter extends Window {
  readonly agentIds: readonly (string | null)[] | null
  readonly queues: readonly (string | null)[] | null
  readonly direction: 'incoming' | 'outgoing' | null
  readonly outcome?: string | null | undefined
}

export interface Targets {
  readonly resolutionSeconds: number
  readonly hours: WorkingHours
  readonly serviceLevelSeconds: number
}

/** What is counted: when it was, and of which case or call. */
export interface CountedThing {
  readonly at: Date
  readonly id: string
  /** The time that it took, where the figure is one. */
  readonly seconds: number
}

/** What a figure of cases counts; of a mean, median or ratio: what it is computed of. */
export function countedCases(
  figure: string,
  cases: readonly TestCase[],
  filter: TestFilter,
  targets: Targets,
): CountedThing[] {
  return cases
    .filter((each) => isChosen(each, filter))
    .flatMap((each) => countedOf(figure, each, filter, targets))
}

function countedOf(
  figure: string,
  of: TestCase,
  filter: TestFilter,
  targets: Targets,
): CountedThing[] {
  const inTime = (kind: CaseKind) =>
    of.facts
      .filter((fact) => fact.kind === kind && isWithin(fact.at, filter))
      .toSorted((a, b) => a.at.getTime() - b.at.getTime())
  const own = (facts: readonly (TestCase['facts'][number] | undefined)[]): CountedThing[] =>
    facts
      .filter((fact) => fact !== undefined)
      .filter(({ agentId }) => isAmong(agentId, filter.agentIds))
      .map(({ at }) => ({ at, id: of.id, seconds: (at.getTime() - of.openedAt.getTime()) / 1000 }))
  const reopened = () => (of.openedAt < filter.from ? own([inTime('reopened')[0]]) : [])
  const resolved = () => own([inTime('closed').at(-1)]).filter(({ seconds }) => seconds !== 0)
  switch (figure) {
    case 'newTotal':
      return own(inTime('opened'))
    case 'newUser':
      return of.direction === 'incoming' ? own(inTime('opened')) : []
    case 'reopened':
      return reopened()
    case 'newAndReopened':
      return [...own(inTime('opened')), ...reopened()]
    case 'handled':
      return own(inTime('handled')).slice(0, 1)
    case 'responded':
      return own([inTime('responded')[0]])
    case 'totalResponses':
    case 'responsesForResolution':
      return own(inTime('responded'))
    case 'closed':
      return own([inTime('closed').at(-1)]).filter(({ at }) =>
        of.facts.some((fact) => fact.kind === 'responded' && fact.at <= at),
      )
    case 'resolved':
    case 'resolutionSeconds':
    case 'resolutionMedian':
    case 'resolution90':
    case 'slaResolutionKept':
      return resolved()
    case 'slaResolutionViolated':
      return resolved().filter(
        ({ at }) =>
          workingSecondsBetween(of.openedAt, at, targets.hours) > targets.resolutionSeconds,
      )
    default:
      return []
  }
}

/** What a figure of calls counts, or is computed of. */
export function countedCalls(
  figure: string,
  calls: readonly TestCall[],
  filter: TestFilter,
): CountedThing[] {
  return calls
    .filter((call) => isChosen(call, filter) && isWithin(call.at, filter))
    .filter(({ agentId }) => isAmong(agentId, filter.agentIds))
    .flatMap((call) => {
      const seconds = measureOf(figure, call)
      return seconds === null ? [] : [{ at: call.at, id: call.id, seconds }]
    })
}

/** Null: the call does not count. */
function measureOf(figure: string, call: TestCall): number | null {
  const { direction, outcome, calledBackAt } = call
  const when = (counts: boolean): number | null => (counts ? 0 : null)
  switch (figure.replace(/(Seconds|Median|90)$/, '')) {
    case 'incoming':
    case 'serviceLevel':
      return when(direction === 'incoming')
    case 'answered':
      return when(direction === 'incoming' && outcome === 'answered')
    case 'missed':
    case 'calledBackRatio':
      return when(outcome === 'missed')
    case 'abandoned':
      return when(outcome === 'missed' && call.queue !== null)
    case 'outgoing':
      return when(direction === 'outgoing')
    case 'outgoingAnswered':
      return when(direction === 'outgoing' && outcome === 'answered')
    case 'unanswered':
      return when(direction === 'outgoing' && outcome !== 'answered')
    case 'calledBack':
      return when(outcome === 'missed' && calledBackAt !== null)
    case 'ring':
      return call.ringSeconds
    case 'wait':
      return direction === 'incoming' ? call.waitSeconds : null
    case 'talk':
      return outcome === 'answered' ? call.talkSeconds : null
    case 'hold':
      return outcome === 'answered' ? call.holdSeconds : null
    case 'callback':
      if (outcome !== 'missed' || calledBackAt === null) return null
      return (calledBackAt.getTime() - call.endedAt.getTime()) / 1000
    default:
      throw new Error(`no such figure: ${figure}`)
  }
}

/** The figure's value, of what it counts or is computed of. */
export function valueOfFigure(
  figure: string,
  counted: readonly CountedThing[],
  parts: (figure: string) => number,
): number | null {
  if (['firstResponse', 'response', 'writing'].includes(figure)) return null
  if (['slaFirstViolated', 'slaResponseViolated'].includes(figure)) return null
  if (figure === 'slaResolutionKept')
    return ratio(counted.length - parts('slaResolutionViolated'), counted.length)
  if (figure === 'serviceLevel') return ratio(parts('inTime'), counted.length)
  if (figure === 'calledBackRatio') return ratio(parts('calledBack'), counted.length)
  const seconds = counted.map((each) => each.seconds).sort((a, b) => a - b)
  if (figure.endsWith('Seconds'))
    return ratio(
      seconds.reduce((sum, each) => sum + each, 0),
      seconds.length,
    )
  if (figure.endsWith('Median')) return between(seconds, 0.5)
  if (figure.endsWith('90')) return between(seconds, 0.9)
  return counted.length
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function between(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null
  const rank = share * (sorted.length - 1)
  const below = sorted[Math.floor(rank)]!
  return below + (sorted[Math.ceil(rank)]! - below) * (rank % 1)
}

function isChosen(
  each: { readonly direction: string; readonly outcome: string | null; queue: string | null },
  { direction, queues, outcome }: TestFilter,
): boolean {
  return (
    (direction === null || each.direction === direction) &&
    isAmong(each.queue, queues) &&
    (outcome === undefined || each.outcome === outcome)
  )
}

function isAmong(value: string | null, values: readonly (string | null)[] | null): boolean {
  return values === null || values.includes(value)
}

function isWithin(at: Date, { from, to }: Window): boolean {
  return at >= from && at < to
}
