/**
 * `npm run bench:reports`: a generated year of a million cases on a PostgreSQL of its own (PERF-6). Every figure is
 * compared with the generator's own count, then each report is measured: warm, the median of ten. The plans of
 * its queries go to docs/reports-plans.md. `--cases=20000` is quicker and keeps no plans; TEST_SEED sets the year.
 */
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { loadSettings } from '../../db/settings.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { fillYear } from './reports-fill.ts'
import { measureAll } from './reports-measure.ts'
import { keepPlans } from './reports-plans.ts'
import { compareAll, createCounted } from './reports-questions.ts'
import { settingsOf, yearOf } from './reports-year.ts'

const MILLION = 1_000_000
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({ options: { cases: { type: 'string', default: String(MILLION) } } })
const cases = wholeNumber('cases', values.cases)
const seed = pickSeed()
const server = await startPostgresOrFail()
try {
  process.exitCode = (await bench(server.url)) ? 0 : 1
} finally {
  server.stop()
}

async function bench(serverUrl: string): Promise<boolean> {
  const { database, url, drop } = await createPostgresDatabase(serverUrl)
  try {
    const { db } = database
    const counted = createCounted()
    const start = performance.now()
    await fillYear(url, () => yearOf(cases, seed), counted.see)
    const { rows } = await sql<{ facts: number; calls: number; size: string; version: string }>`
      select (select count(*) from case_facts) as facts, (select count(*) from call_facts) as calls,
        pg_size_pretty(pg_table_size('case_facts')) as size,
        current_setting('server_version') as version`.execute(db)
    const { facts, calls, size, version } = rows[0]!
    const filled = `${cases} cases, ${facts} facts of them (${size}), ${calls} calls`
    const spent = ((performance.now() - start) / 1000).toFixed(0)
    print(`${filled}; PostgreSQL ${version}, seed ${seed}, written in ${spent} s`)
    const settings = settingsOf(await loadSettings(db))
    const compared = await compareAll(db, settings, counted)
    print(`${compared} values of reports are what the generator counted\n`)
    const isKept = await measureAll(database, settings, print)
    if (cases === MILLION) await keepPlans(url, settings, `${filled}; PostgreSQL ${version}`)
    return isKept
  } finally {
    await drop()
  }
}
