import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import {
  type Cut,
  facts,
  type GroupKey,
  groupBy,
  groupColumns,
  groupNames,
  type ReportFilter,
  toGroupKey,
} from './report-filter.ts'

/** Calls by what became of them (REP-7); `inTime`: answered within the service level's time. */
const COUNTED = {
  incoming: sql`fact.direction = 'incoming'`,
  answered: sql`fact.direction = 'incoming' and fact.outcome = 'answered'`,
  missed: sql`fact.outcome = 'missed'`,
  abandoned: sql`fact.outcome = 'missed' and fact.queue is not null`,
  outgoing: sql`fact.direction = 'outgoing'`,
  outgoingAnswered: sql`fact.direction = 'outgoing' and fact.outcome = 'answered'`,
  unanswered: sql`fact.direction = 'outgoing' and fact.outcome <> 'answered'`,
  calledBack: sql`fact.outcome = 'missed' and fact.called_back_at is not null`,
} as const

/** Durations of calls, in whole seconds; null where a call has none. */
const MEASURED = {
  ring: sql`fact.ring_seconds`,
  wait: sql`case when fact.direction = 'incoming' then fact.wait_seconds end`,
  talk: sql`case when fact.outcome = 'answered' then fact.talk_seconds end`,
  hold: sql`case when fact.outcome = 'answered' then fact.hold_seconds end`,
  callback: sql`case when fact.outcome = 'missed'
    then round(date_part('epoch', fact.called_back_at - fact.ended_at))::integer end`,
} as const

export type CallFigure = keyof typeof COUNTED
export type CallDuration = keyof typeof MEASURED

export const CALL_FIGURES = Object.keys(COUNTED) as readonly CallFigure[]
export const CALL_DURATIONS = Object.keys(MEASURED) as readonly CallDuration[]

export interface CallQuestion {
  readonly filter: ReportFilter
  readonly cut: Cut
}

/** The calls that a figure counts, or that a duration is measured of. */
export function countsCall(what: CallFigure | CallDuration): RawBuilder<boolean> {
  if (what in COUNTED) return sql`${COUNTED[what as CallFigure]}`
  return sql`(${MEASURED[what as CallDuration]}) is not null`
}

/** A row's figures; the rows of calls add up to the whole. */
export interface CallCounts {
  readonly key: GroupKey
  readonly counts: Readonly<Record<string, number>>
}

/** Counts calls; `inTime` are those answered within so many seconds of waiting. */
export async function countCalls(
  db: Db,
  { filter, cut, inTimeSeconds }: CallQuestion & { readonly inTimeSeconds: number },
): Promise<CallCounts[]> {
  const columns = groupColumns(cut)
  const inTime = sql`${COUNTED.answered} and fact.wait_seconds <= ${inTimeSeconds}`
  const figures = [...CALL_FIGURES, 'inTime']
  const conditions = [...CALL_FIGURES.map((each) => COUNTED[each]), inTime]
  const { rows } = await sql<Record<string, unknown>>`
    select ${sql.join([
      ...columns,
      ...conditions.map((each, i) => sql`count(*) filter (where ${each}) as ${sql.ref(`c${i}`)}`),
    ])}
    from ${facts('callFacts', filter, cut)} ${groupBy(columns.length)}
  `.execute(db)
  return rows.map((row) => ({
    key: toGroupKey(cut, row),
    counts: Object.fromEntries(figures.map((figure, i) => [figure, Number(row[`c${i}`])])),
  }))
}

/** How often each duration was there, in a row. */
export interface CallDurations {
  readonly key: GroupKey
  readonly duration: CallDuration
  readonly counted: ReadonlyMap<number, number>
}

/**
 * Counts the durations of calls by their length, from which means and percentiles are exact. One scan
 * for each duration: workers share it, and all rows five times over are never there. What a group has is
 * handed over as one text: a year by days would be some hundred thousand rows.
 */
export async function countDurations(db: Db, question: CallQuestion): Promise<CallDurations[]> {
  const outer = groupNames(question.cut)
  const { rows } = await sql<{ duration: number; counted: string } & Record<string, unknown>>`
    select ${sql.join([...outer, sql`duration`])},
      string_agg(seconds || ':' || calls, ',') as counted
    from (${sql.join(
      CALL_DURATIONS.map((each) => lengthsOf(each, question)),
      sql` union all `,
    )}) as lengths
    ${groupBy(outer.length + 1)}
  `.execute(db)
  return rows.map((row) => ({
    key: toGroupKey(question.cut, row),
    duration: CALL_DURATIONS[row.duration]!,
    counted: readCounted(row.counted),
  }))
}

/** How often a duration was how long, by group. */
function lengthsOf(duration: CallDuration, { filter, cut }: CallQuestion): RawBuilder<unknown> {
  const columns = groupColumns(cut)
  const seconds = MEASURED[duration]
  const index = sql.lit(CALL_DURATIONS.indexOf(duration))
  return sql`select ${sql.join([
    ...columns,
    sql`${seconds} as seconds`,
    sql`count(*) as calls`,
    sql`${index} as duration`,
  ])}
    from ${facts('callFacts', filter, cut)} where ${seconds} is not null
    ${groupBy(columns.length + 1)}`
}

function readCounted(text: string): ReadonlyMap<number, number> {
  return new Map(
    text.split(',').map((each): [number, number] => {
      const colon = each.indexOf(':')
      return [Number(each.slice(0, colon)), Number(each.slice(colon + 1))]
    }),
  )
}
