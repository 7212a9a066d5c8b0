/**
 * The part of the HTTP contract by which reports are asked for and answered (REP-1 to REP-7). What a
 * period is, is read by `reports/period.ts`, which says more about a wrong one than a schema can.
 */
import * as v from 'valibot'
import { REPORT_NAMES } from '../reports/columns.ts'
import {
  callSchema,
  caseSummarySchema,
  instant,
  listOf,
  listQuery,
  text,
  wholeNumber,
} from './schemas.ts'

const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)

export const reportNameSchema = v.picklist(REPORT_NAMES)
/** What a row stands for. */
export const groupingSchema = v.picklist([
  'day',
  'hour-of-week',
  'hour',
  'channel',
  'agent',
  'queue',
  'none',
])
const directionSchema = v.picklist(['incoming', 'outgoing'])
const outcomeSchema = v.picklist(['answered', 'missed', 'unanswered'])

// ---- what is asked ---------------------------------------------------------

/** A parameter that may come several times; what is wrong with one of them is told of the parameter. */
function severalOf(least: number, most: number) {
  const item = text(most, least)
  const words = `must have ${least} to ${most} characters, none of them U+0000`
  return v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((found) => (Array.isArray(found) ? found : [found])),
    v.maxLength(200),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return
      const wrong = dataset.value.filter((one) => !v.is(item, one))
      for (const input of wrong) addIssue({ input, message: words })
    }),
    v.transform((list) => list.map((one) => one.toWellFormed())),
  )
}

const filterEntries = {
  /** A day (`2026-03-01`: its beginning in `tz`) or an instant with its zone. */
  from: v.optional(text(100)),
  /** The same, itself not in the period any more. */
  to: v.optional(text(100)),
  tz: v.optional(text(100)),
  /** `nobody`: what is nobody's. */
  agentId: v.optional(severalOf(1, 100)),
  /** Empty: without a queue. */
  queue: v.optional(severalOf(0, 200)),
  direction: v.optional(directionSchema),
  by: v.optional(groupingSchema),
}
export const reportQuery = v.object({
  ...filterEntries,
  format: v.optional(v.picklist(['json', 'csv'])),
})
export const behindQuery = v.object({
  ...filterEntries,
  ...listQuery.entries,
  figure: text(100, 1),
  /** Of a row by hour or by hour of the week, in `tz`. */
  hour: v.optional(wholeNumber(0, 23)),
  /** 1 (Monday) to 7 (Sunday). */
  weekday: v.optional(wholeNumber(1, 7)),
  /** Of a row by channel; empty: not known. */
  outcome: v.optional(v.picklist([...outcomeSchema.options, ''])),
})

// ---- what is answered ------------------------------------------------------

export const reportColumnSchema = v.object({
  key: v.string(),
  unit: v.picklist(['count', 'seconds', 'ratio']),
  /** False: the figure does not apply to calls, and is null everywhere. */
  applies: v.boolean(),
  /** The rows of parts (days, agents) add up to the whole. */
  adds: v.boolean(),
})
/** Which of these a group has, is said by the report's `by`. */
export const reportGroupSchema = v.object({
  /** `day`: `2026-03-01`. */
  date: v.optional(v.string()),
  /** `hour-of-week`, `hour`: 0 to 23. */
  hour: v.optional(v.number()),
  /** `hour-of-week`: 1 (Monday) to 7 (Sunday). */
  weekday: v.optional(v.number()),
  /** `channel`, of the call that opened the case; in the report `calls` of the call. */
  direction: v.optional(v.picklist(['incoming', 'outgoing', 'internal'])),
  outcome: v.optional(nullable(outcomeSchema)),
  /** `channel`, `queue`; null: without one. */
  queue: v.optional(nullable(v.string())),
  /** `agent`; null: nobody. */
  agentId: v.optional(nullable(v.string())),
})
/** By the columns' keys; null: there is no such value. */
const valuesSchema = v.record(v.string(), nullable(v.number()))

export const reportSchema = v.object({
  report: reportNameSchema,
  from: instant,
  to: instant,
  tz: v.string(),
  by: groupingSchema,
  /** The period before, with which this one is compared. */
  previousFrom: instant,
  previousTo: instant,
  /** What the admins set, by which `serviceLevel` and the resolution SLA count. */
  targets: v.object({ serviceLevelSeconds: v.number(), resolutionSeconds: v.number() }),
  columns: v.array(reportColumnSchema),
  rows: v.array(v.object({ group: reportGroupSchema, values: valuesSchema })),
  total: valuesSchema,
  previous: valuesSchema,
})
/** One thing behind a figure: what happened when, and the case or call that it happened to. */
export const behindItemSchema = v.object({
  at: instant,
  agentId: nullable(v.string()),
  case: nullable(caseSummarySchema),
  call: nullable(callSchema),
})
export const behindSchema = listOf(behindItemSchema)

export type ReportNameView = v.InferOutput<typeof reportNameSchema>
export type GroupingView = v.InferOutput<typeof groupingSchema>
export type ReportColumnView = v.InferOutput<typeof reportColumnSchema>
export type ReportGroupView = v.InferOutput<typeof reportGroupSchema>
export type ReportValuesView = v.InferOutput<typeof valuesSchema>
export type ReportRowView = ReportView['rows'][number]
export type ReportView = v.InferOutput<typeof reportSchema>
export type BehindItemView = v.InferOutput<typeof behindItemSchema>
export type BehindView = v.InferOutput<typeof behindSchema>
