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

/** Durations of calls, in whole seconds; null where a call has none: who was not answered did not talk. */
const MEASURED = {
  ring: sql`fact.ring_seconds`,
  wait: sql`fact.wait_seconds`,
  talk: sql`fact.talk_seconds`,
  hold: sql`fact.hold_seconds`,
  callback: sql`round(date_part('epoch', fact.called_back_at - fact.ended_at))::integer`,
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
  return sql`${MEASURED[what as CallDuration]} is not null`
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
  /** All of them added up, in seconds. */
  readonly sum: number
}

/**
 * Counts the durations of calls by their length, from which means and percentiles are exact; on a grid, where
 * there are very many calls, percentiles are off by 1.6 % at most (PERF-6). One query for each duration: workers
 * share its scan, and it is too small for PostgreSQL to compile it, which took longer than to run it.
 */
export async function countDurations(
  db: Db,
  question: CallQuestion & { readonly onGrid: boolean },
): Promise<CallDurations[]> {
  const all: CallDurations[] = []
  for (const duration of CALL_DURATIONS) all.push(...(await countDuration(db, duration, question)))
  return all
}

/** What a group has is handed over as one text: a year by days would be some hundred thousand rows. */
async function countDuration(
  db: Db,
  duration: CallDuration,
  { filter, cut, onGrid }: CallQuestion & { readonly onGrid: boolean },
): Promise<CallDurations[]> {
  const [columns, outer] = [groupColumns(cut), groupNames(cut)]
  const seconds = MEASURED[duration]
  const { rows } = await sql<{ counted: string | null; sum: number } & Record<string, unknown>>`
    select ${sql.join([...outer, sql`string_agg(seconds || ':' || calls, ',') as counted`, sql`sum(total)::float8 as sum`])}
    from (
      select ${sql.join([
        ...columns,
        sql`${onGrid ? stepOf(seconds) : seconds} as seconds`,
        sql`count(*) as calls`,
        sql`sum(${seconds}) as total`,
      ])}
      from ${facts('callFacts', filter, cut)} where ${seconds} is not null
      ${groupBy(columns.length + 1)}
    ) as lengths
    ${groupBy(outer.length)}
  `.execute(db)
  const lengthOf = onGrid ? middleOf : (length: number) => length
  // Without groups there is a row also where nothing was counted.
  return rows.flatMap(({ counted, sum, ...group }) =>
    counted === null
      ? []
      : [{ key: toGroupKey(cut, group), duration, counted: readCounted(counted, lengthOf), sum }],
  )
}

/** Below this each second is a step of its own; from here on each octave has 32 steps. */
const FINE_SECONDS = 64
const OCTAVES = Array.from({ length: 20 }, (_, octave) => FINE_SECONDS * 2 ** octave)

/** Where the step begins that a duration is in. */
function stepOf(seconds: RawBuilder<unknown>): RawBuilder<unknown> {
  const octaves = sql.lit(`{${OCTAVES.join(',')}}`)
  return sql`${seconds} & -(1 << width_bucket(${seconds}::float8, ${octaves}::float8[]))`
}

function middleOf(step: number): number {
  const width = 2 ** OCTAVES.filter((octave) => octave <= step).length
  return step + (width - 1) / 2
}

function readCounted(
  text: string,
  lengthOf: (seconds: number) => number,
): ReadonlyMap<number, number> {
  return new Map(
    text.split(',').map((each): [number, number] => {
      const colon = each.indexOf(':')
      return [lengthOf(Number(each.slice(0, colon))), Number(each.slice(colon + 1))]
    }),
  )
}
