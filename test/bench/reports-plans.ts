import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { CamelCasePlugin, CompiledQuery, Kysely } from 'kysely'
import { PostgresJSDialect } from 'kysely-postgres-js'
import type { Db } from '../../db/database.ts'
import { createPostgresPool } from '../../db/postgres-pool.ts'
import type { Tables } from '../../db/schema.ts'
import type { Settings } from '../../db/settings.ts'
import { listBehind } from '../../server/reports/behind.ts'
import { defaultGrouping } from '../../server/reports/columns.ts'
import { makeReport } from '../../server/reports/report.ts'
import { pages } from './reports-measure.ts'
import { ASKED, reportsOf } from './reports-questions.ts'

const FILE = new URL('../../docs/reports-plans.md', import.meta.url)
const KEPT = ['a year', 'a day', 'a year of two agents and nobody']
/** Boundaries of days and hours are long, and say nothing in a plan. */
const WIDTH = 200

/** Writes how PostgreSQL answers the queries of reports, as it really ran them. */
export async function keepPlans(url: string, settings: Settings, filled: string): Promise<void> {
  const queries: CompiledQuery[] = []
  const pool = createPostgresPool({ onnotice: () => undefined }, url, 10)
  const db = new Kysely<Tables>({
    dialect: new PostgresJSDialect({ postgres: pool.client }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    log: ({ query }) => void queries.push(query),
  })
  try {
    const parts = [headOf(filled)]
    for (const [title, ask] of askedOf(db, settings)) {
      parts.push(`## ${title}\n`)
      await ask()
      for (const query of queries.splice(0)) {
        if (query.sql.includes('_facts')) parts.push(await planOf(db, query))
      }
      queries.length = 0
    }
    writeFileSync(FILE, parts.join('\n'))
  } finally {
    await db.destroy()
  }
}

function* askedOf(db: Db, settings: Settings): Generator<[string, () => Promise<unknown>]> {
  for (const asked of ASKED.filter(({ name }) => KEPT.includes(name))) {
    for (const question of reportsOf(asked)) {
      const title = `${question.report} by ${question.by}: ${asked.name}`
      if (isTold(question)) yield [title, () => makeReport(db, question, settings)]
    }
  }
  for (const [name, question, page] of pages()) {
    yield [`${name}: a year`, () => listBehind(db, question, settings, page)]
  }
}

/** Each report by its own rows; reports by the same rows have like plans. */
function isTold({ report, by }: ReturnType<typeof reportsOf>[number]): boolean {
  return by === defaultGrouping(report) || (report === 'workload' && by === 'hour')
}

async function planOf(db: Db, { sql: text, parameters }: CompiledQuery): Promise<string> {
  const words = `explain (analyze, buffers, costs off) ${text}`
  const { rows } = await db.executeQuery<Record<string, string>>(
    CompiledQuery.raw(words, [...parameters]),
  )
  const lines = rows.flatMap((row) => Object.values(row)).map(shortened)
  return `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`
}

function shortened(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH)}…`
}

function headOf(filled: string): string {
  const day = new Date().toISOString().slice(0, 10)
  return `# Plans of the reports' queries

Written by \`npm run bench:reports\` on ${day}, ${availableParallelism()} processors: ${filled}. Each query of a report as PostgreSQL ran it with its
default settings, warm, the period before among them; \`analyze\` makes them slower than they are. Long lines are cut.
`
}
