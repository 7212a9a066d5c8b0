/** What the reports are asked for, and who counts the same by themselves. */
import type { Db } from '../../db/database.ts'
import type { Settings } from '../../db/settings.ts'
import { defaultGrouping, REPORT_NAMES } from '../../server/reports/columns.ts'
import { makeReport, type ReportQuestion } from '../../server/reports/report.ts'
import { compareReport } from './reports-compare.ts'
import {
  countCall,
  countCase,
  createTruth,
  type Grouping,
  type Question,
  type Truth,
} from './reports-truth.ts'
import { AGENTS, QUEUES, TZ, YEAR, type YearCase } from './reports-year.ts'

/** One period with its filters, and by what its rows are. */
export interface Asked {
  readonly name: string
  /** What PERF-6 allows, in milliseconds; null: nothing said. */
  readonly limit: number | null
  readonly question: Question
  /** The period before. */
  readonly before: { readonly from: number; readonly to: number }
  /** Besides the report's own. */
  readonly groupings: readonly Grouping[]
}

const HOUR = 3_600_000
const ALL = { agentIds: null, queues: null, direction: null } as const
const LAST_YEAR = { from: Date.UTC(2024, 0, 1) - HOUR, to: YEAR.from }
const year = { limit: 1000, before: LAST_YEAR } as const
const day = { from: Date.UTC(2025, 5, 3, 22), to: Date.UTC(2025, 5, 4, 22) }
const dayBefore = { from: Date.UTC(2025, 5, 2, 22), to: Date.UTC(2025, 5, 3, 22) }
const july = Date.UTC(2025, 5, 30, 22)

export const ASKED: readonly Asked[] = [
  {
    name: 'a year',
    ...year,
    question: { ...YEAR, ...ALL },
    groupings: ['day', 'hour-of-week', 'hour', 'channel', 'agent', 'queue', 'none'],
  },
  {
    name: 'a year of an agent',
    ...year,
    question: { ...YEAR, ...ALL, agentIds: [AGENTS[3]!] },
    groupings: [],
  },
  {
    name: 'a year of two agents and nobody',
    ...year,
    question: { ...YEAR, ...ALL, agentIds: [AGENTS[3]!, AGENTS[40]!, null] },
    groupings: [],
  },
  {
    name: 'a year of two queues, incoming',
    ...year,
    question: { ...YEAR, ...ALL, queues: [QUEUES[0]!, QUEUES[5]!], direction: 'incoming' },
    groupings: [],
  },
  {
    name: 'half a year, and the half before',
    // Two full periods in one report: PERF-6 speaks of one.
    limit: null,
    question: { from: july, to: YEAR.to, ...ALL },
    before: { from: YEAR.from, to: july },
    groupings: [],
  },
  {
    name: 'a day',
    limit: 50,
    question: { ...day, ...ALL },
    before: dayBefore,
    groupings: ['agent', 'hour', 'queue'],
  },
  {
    name: 'a day of an agent',
    limit: 50,
    question: { ...day, ...ALL, agentIds: [AGENTS[3]!] },
    before: dayBefore,
    groupings: [],
  },
]

/** What the reports are asked, one after the other: each by its own rows, and by those asked for. */
export function reportsOf({ question, groupings }: Asked): ReportQuestion[] {
  const period = { from: new Date(question.from), to: new Date(question.to), tz: TZ }
  const { agentIds, queues, direction } = question
  return REPORT_NAMES.flatMap((report) =>
    [...new Set([defaultGrouping(report), ...groupings])].map((by) => ({
      ...{ report, by, period, agentIds, queues, direction },
    })),
  )
}

/** The generator's own count of everything that is asked. */
export interface Counted {
  see(of: YearCase): void
  of(asked: Asked): { readonly truth: Truth; readonly before: Truth }
}

export function createCounted(): Counted {
  const truths = new Map(
    ASKED.map((asked) => {
      const groupings = reportsOf(asked).map(({ by }) => by)
      const before = createTruth({ ...asked.question, ...asked.before }, ['none'])
      return [asked, { truth: createTruth(asked.question, groupings), before }]
    }),
  )
  const all = [...truths.values()].flatMap(({ truth, before }) => [truth, before])
  return {
    see: (of) => {
      for (const truth of all) {
        countCase(truth, of)
        countCall(truth, of.call)
      }
    },
    of: (asked) => truths.get(asked)!,
  }
}

/** Compares every report that is asked for with the count; how many values there were. */
export async function compareAll(db: Db, settings: Settings, counted: Counted): Promise<number> {
  let compared = 0
  for (const asked of ASKED) {
    const { truth, before } = counted.of(asked)
    for (const question of reportsOf(asked)) {
      compared += compareReport(await makeReport(db, question, settings), truth, before)
    }
  }
  return compared
}
