import { type RawBuilder, sql } from 'kysely'

/** What of a call decides by which figures it is counted; true or false, never null. */
const TRAITS = {
  incoming: sql<boolean>`fact.direction = 'incoming'`,
  answered: sql<boolean>`fact.outcome = 'answered'`,
  missed: sql<boolean>`fact.outcome = 'missed'`,
  queued: sql<boolean>`fact.queue is not null`,
  calledBack: sql<boolean>`fact.called_back_at is not null`,
} as const

type Trait = keyof typeof TRAITS

interface Counting {
  readonly has: readonly Trait[]
  readonly hasNot?: readonly Trait[]
}

/** Calls by what became of them (REP-7). */
const COUNTED = {
  incoming: { has: ['incoming'] },
  answered: { has: ['incoming', 'answered'] },
  missed: { has: ['missed'] },
  abandoned: { has: ['missed', 'queued'] },
  outgoing: { has: [], hasNot: ['incoming'] },
  outgoingAnswered: { has: ['answered'], hasNot: ['incoming'] },
  unanswered: { has: [], hasNot: ['incoming', 'answered'] },
  calledBack: { has: ['missed', 'calledBack'] },
} as const satisfies Record<string, Counting>

/** Durations of calls, in whole seconds; null where a call has none: who was not answered did not talk. */
export const MEASURED = {
  ring: sql<number | null>`fact.ring_seconds`,
  wait: sql<number | null>`fact.wait_seconds`,
  talk: sql<number | null>`fact.talk_seconds`,
  hold: sql<number | null>`fact.hold_seconds`,
  callback: sql<
    number | null
  >`round(date_part('epoch', fact.called_back_at - fact.ended_at))::integer`,
} as const

export type CallFigure = keyof typeof COUNTED
export type CallDuration = keyof typeof MEASURED

export const CALL_FIGURES = Object.keys(COUNTED) as readonly CallFigure[]
export const CALL_DURATIONS = Object.keys(MEASURED) as readonly CallDuration[]

/** The calls that a figure counts, or that a duration is measured of. */
export function countsCall(what: CallFigure | CallDuration): RawBuilder<boolean> {
  if (!(what in COUNTED)) return sql`${MEASURED[what as CallDuration]} is not null`
  const { has, hasNot = [] }: Counting = COUNTED[what as CallFigure]
  const conditions = [
    ...has.map((trait) => TRAITS[trait]),
    ...hasNot.map((trait) => sql`not ${TRAITS[trait]}`),
  ]
  return sql`(${sql.join(conditions, sql` and `)})`
}

const IN_TIME = Object.keys(TRAITS).length

/**
 * The traits of a call as bits of a number: the text of each column is looked at once or twice, not for each
 * figure. The last one is that the caller waited for so many seconds at most.
 */
export function traitsOf(inTimeSeconds: number): RawBuilder<number> {
  const inTime = sql<boolean>`fact.wait_seconds <= ${inTimeSeconds}`
  const bits = [...Object.values(TRAITS), inTime].map(
    (trait, bit) => sql`case when ${trait} then ${sql.lit(2 ** bit)} else 0 end`,
  )
  return sql`${sql.join(bits, sql` + `)}`
}

/** The figures that count a call with these traits; `inTime`: answered within the service level's time. */
export function figuresOf(traits: number): readonly (CallFigure | 'inTime')[] {
  const names = Object.keys(TRAITS)
  const isThere = (trait: Trait): boolean => (traits & (2 ** names.indexOf(trait))) !== 0
  const figures = CALL_FIGURES.filter((figure) => {
    const { has, hasNot = [] }: Counting = COUNTED[figure]
    return has.every(isThere) && !hasNot.some(isThere)
  })
  const isInTime = figures.includes('answered') && (traits & (2 ** IN_TIME)) !== 0
  return isInTime ? [...figures, 'inTime'] : figures
}
