import type { Direction, Source } from './call.ts'
import type { Hold, LegFact, SourceFacts } from './source-facts.ts'

/** What all sources together say about a call, before it is anybody's call. */
export interface JoinedFacts {
  readonly direction: Direction
  readonly from: string
  readonly to: string
  readonly queue: string | null
  readonly startedAt: Date
  readonly ringingAt: Date | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
  readonly lastAt: Date
  readonly legs: readonly LegFact[]
  readonly holds: readonly Hold[]
  readonly failed: boolean
  readonly extra: Readonly<Record<string, string>>
}

/** The finest clock first: ARI tells milliseconds, AMI's are those of arrival, a webhook tells seconds. */
const PRECISION: readonly Source[] = ['ari', 'ami', 'cti', 'webhook']

/** Joins the facts of the sources: a fact told by several takes the finest clock (CALL-1). */
export function join(bySource: ReadonlyMap<Source, SourceFacts>): JoinedFacts | null {
  const sources = PRECISION.filter((source) => bySource.has(source))
  const facts = sources.map((source) => bySource.get(source)!)
  const first = facts[0]
  if (first === undefined) return null
  return {
    direction: told(facts, (each) => each.direction) ?? 'incoming',
    from: told(facts, (each) => each.from || null) ?? '',
    to: told(facts, (each) => each.to || null) ?? '',
    queue: told(facts, (each) => each.queue),
    startedAt: first.startedAt,
    ringingAt: told(facts, (each) => each.ringingAt),
    answeredAt: told(facts, (each) => each.answeredAt),
    endedAt: told(facts, (each) => each.endedAt),
    lastAt: new Date(Math.max(...facts.map((each) => each.lastAt.getTime()))),
    legs: joinLegs(sources, bySource),
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
function joinLegs(
  sources: readonly Source[],
  bySource: ReadonlyMap<Source, SourceFacts>,
): readonly LegFact[] {
  const [finest, ...others] = sources.map((source) => bySource.get(source)!.legs)
  const legs = (finest ?? []).map((leg) => ({ ...leg }))
  for (const other of others) {
    const occurrences = new Map<string, number>()
    for (const leg of other) {
      const occurrence = occurrences.get(leg.extension) ?? 0
      occurrences.set(leg.extension, occurrence + 1)
      const same = legs.filter((each) => each.extension === leg.extension)[occurrence]
      if (same !== undefined) complete(same, leg)
    }
  }
  return legs
}

function complete(leg: LegFact, other: LegFact): void {
  leg.rangAt ??= other.rangAt
  if (leg.answeredAt === null && other.answeredAt !== null) {
    leg.answeredAt = other.answeredAt
    leg.result = 'answered'
    leg.endedAt = other.endedAt
  }
}
