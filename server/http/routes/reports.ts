import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { listAgentsById } from '../../../db/agents.ts'
import type { Db } from '../../../db/database.ts'
import { loadSettings } from '../../../db/settings.ts'
import { toCaseSummary } from '../../cases/case-view.ts'
import { viewCalls } from '../../pipeline/view-calls.ts'
import { type BehindItem, listBehind } from '../../reports/behind.ts'
import { makeReport, type ReportQuestion } from '../../reports/report.ts'
import { createReportQueue } from '../../reports/report-queue.ts'
import type { AppEnv } from '../access.ts'
import { DEFAULT_LIMIT, decodeCursor, idPosition, toPage } from '../pagination.ts'
import { readAsked, readFigure, readReportName } from '../report-asked.ts'
import { reportFileName, toReportCsv } from '../report-csv.ts'
import {
  type BehindItemView,
  behindQuery,
  behindSchema,
  type ReportView,
  reportQuery,
  reportSchema,
} from '../report-schemas.ts'
import { describe, param, query } from '../route.ts'
import { instant } from '../schemas.ts'

export interface ReportDeps {
  readonly db: Db
  readonly clock: () => Date
}

const supervisor = { tag: 'reports', access: 'supervisor' } as const

/** `/api/reports`: the reports, and the cases and calls behind their figures. */
export function reportRoutes({ db, clock }: ReportDeps) {
  const queue = createReportQueue()
  return new Hono<AppEnv>()
    .get(
      '/api/reports/:report',
      describe({
        ...supervisor,
        summary: 'A report over a period, as JSON or CSV',
        answers: { 200: reportSchema },
        hasCsv: true,
      }),
      query(reportQuery),
      async (c) => {
        const name = readReportName(param(c, 'report'))
        const { format, ...asked } = c.req.valid('query')
        const settings = await loadSettings(db)
        const question = await readAsked(db, name, asked, { now: clock(), settings })
        const report = await queue.run(askedIn(c, question), () =>
          makeReport(db, question, settings),
        )
        if (format !== 'csv') return c.json(report)
        c.header('content-type', 'text/csv; charset=utf-8')
        c.header('content-disposition', `attachment; filename="${reportFileName(report)}"`)
        return c.body(toReportCsv(report, await namesOf(db, report)))
      },
    )
    .get(
      '/api/reports/:report/behind',
      describe({
        ...supervisor,
        summary: 'The cases or calls behind a figure of a report, newest first',
        answers: { 200: behindSchema },
      }),
      query(behindQuery),
      async (c) => {
        const name = readReportName(param(c, 'report'))
        const { limit = DEFAULT_LIMIT, cursor, ...asked } = c.req.valid('query')
        const settings = await loadSettings(db)
        const question = {
          ...(await readAsked(db, name, asked, { now: clock(), settings })),
          figure: readFigure(name, asked.figure),
          hour: asked.hour,
          weekday: asked.weekday,
          outcome: asked.outcome === '' ? null : asked.outcome,
        }
        const after = decodeCursor(cursor, name === 'calls' ? callPosition : factPosition)
        const wanted = {
          after: after === null ? null : { at: new Date(after[0]), id: after[1] },
          limit: limit + 1,
        }
        const rows = await queue.run(askedIn(c, question), () =>
          listBehind(db, question, settings, wanted),
        )
        const page = toPage(rows, limit, ({ at, id }) => [at, id])
        return c.json({ items: await viewBehind(db, page.items), next: page.next })
      },
    )
}

/** What decides when it is a report's turn. */
function askedIn(c: Context<AppEnv>, { period }: ReportQuestion) {
  return { lengthMs: period.to.getTime() - period.from.getTime(), signal: c.req.raw.signal }
}

const callPosition = v.tuple([instant, idPosition])
/** Facts of cases are numbered. */
const factPosition = v.tuple([instant, v.pipe(v.string(), v.regex(/^\d{1,18}$/))])

async function namesOf(db: Db, { rows }: ReportView): Promise<ReadonlyMap<string, string>> {
  const ids = rows.flatMap(({ group }) => group.agentId ?? [])
  const agents = await listAgentsById(db, ids)
  return new Map([...agents].map(([id, { name }]) => [id, name]))
}

async function viewBehind(db: Db, items: readonly BehindItem[]): Promise<BehindItemView[]> {
  const calls = items.flatMap((item) => item.call ?? [])
  const byId = new Map((await viewCalls(db, calls)).map((call) => [call.id, call]))
  return items.map(({ at, agentId, case: found, call }) => ({
    at: at.toISOString(),
    agentId,
    case: found === null ? null : toCaseSummary(found),
    call: byId.get(call?.id ?? '') ?? null,
  }))
}
