import type { Direction, Source } from './call.ts'
import type { LegFact, SourceFacts } from './source-facts.ts'

/** What all sources together say about a call, before it is anybody's call. */
export interface JoinedFacts extends Omit<SourceFacts, 'direction' | 'heardStart'> {
  readonly direction: Direction
}

/** The finest clock first: ARI tells milliseconds, AMI's are those of arrival, a webhook tells seconds. */
const PRECISION: readonly Source[] = ['ari', 'ami', 'cti', 'webhook']

/**
 * Joins the facts of the sources: a fact told by several takes the finest clock (CALL-1), of those
 * that heard the call from its start. A source that came up in the middle takes a later answer for
 * the first one.
 */
export function join(bySource: ReadonlyMap<Source, SourceFacts>): JoinedFacts | null {
  const finest = PRECISION.flatMap((source) => bySource.get(source) ?? [])
  const heard = [
    ...finest.filter(({ heardStart }) => heardStart),
    ...finest.filter(({ heardStart }) => !heardStart),
  ]
  // Who dialled here knows whom (CTL-2); what became of it, the PBX knows once it tells anything.
  const dialled = bySource.get('ringside')
  const parties = dialled === undefined ? heard : [dialled, ...heard]
  const facts = heard.length === 0 ? parties : heard
  const first = facts[0]
  if (first === undefined) return null
  return {
    direction: told(parties, (each) => each.direction) ?? 'incoming',
    from: told(parties, (each) => each.from || null) ?? '',
    to: told(parties, (each) => each.to || null) ?? '',
    queue: told(facts, (each) => each.queue),
    startedAt: first.startedAt,
    ringingAt: told(facts, (each) => each.ringingAt),
    answeredAt: told(facts, (each) => each.answeredAt),
    endedAt: told(facts, (each) => each.endedAt),
    lastAt: new Date(Math.max(...facts.map((each) => each.lastAt.getTime()))),
    legs: joinLegs(facts),
    holds: told(facts, (each) => (each.holds.length > 0 ? each.holds : null)) ?? [],
    failed: facts.some((each) => each.failed),
    extra: Object.assign({}, ...facts.toReversed().map((each) => each.extra)),
  }
}

function told<T>(facts: readonly SourceFacts[], read: (facts: SourceFacts) => T | null): T | null {
  for (const each of facts) {
    const value = read(each)
    if (value !== null) return value
  }
  return null
}

/**
 * Where ARI or AMI tell of the call they alone say who rang; a webhook's list makes no legs then,
 * but it can still tell that one of those legs answered.
 */
function joinLegs(facts: readonly SourceFacts[]): readonly LegFact[] {
  const [first, ...others] = facts.map((each) => each.legs)
  const legs = (first ?? []).map((leg) => ({ ...leg }))
  for (const other of others) {
    for (const [extension, told] of Map.groupBy(other, (leg) => leg.extension)) {
      const own = legs.filter((leg) => leg.extension === extension)
      const answers = told.filter(isAnswered)
      // The same answer by its occurrence: an extension may have rung more often than it answered.
      for (const answer of answers.slice(own.filter(isAnswered).length)) complete(own, answer)
    }
  }
  return legs
}

/** The answer is of the leg that rang last before it, by clocks that differ by a second or so. */
function complete(own: readonly LegFact[], answer: LegFact): void {
  const answeredAt = answer.answeredAt?.getTime() ?? 0
  const leg =
    own.findLast(
      (each) => !isAnswered(each) && (each.rangAt?.getTime() ?? 0) <= answeredAt + 1000,
    ) ?? own.find((each) => !isAnswered(each))
  if (leg === undefined) return
  leg.answeredAt = answer.answeredAt
  leg.result = 'answered'
  leg.endedAt = answer.endedAt
}

function isAnswered(leg: LegFact): boolean {
  return leg.answeredAt !== null
}
