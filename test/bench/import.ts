/**
 * `npm run bench:import`: 100,000 users with bad lines (USER-5), on PostgreSQL and on PGlite, beside
 * 10,000 of them: progress, memory, report, a second run, and a kill in the middle. `-- pglite`: only there.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPostgresDatabase } from '../support/database.ts'
import {
  ADMIN_KEY,
  checkReport,
  rssOf,
  type WatchedImport,
  watchImport,
} from '../support/import-users.ts'
import { startPostgres } from '../support/postgres.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { pickSeed } from '../support/random.ts'
import { type UserFormat, userFile } from '../support/user-file.ts'

type Kind = 'postgres' | 'pglite'
const FEW = 10_000
const MANY = 100_000
const MIB = 1024 * 1024
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const seed = pickSeed()
print(`seed ${seed} (TEST_SEED sets it)`)
const asked = process.argv.slice(2)
const kinds: readonly Kind[] = ['postgres', 'pglite']
for (const kind of kinds.filter((each) => asked.length === 0 || asked.includes(each))) {
  const postgres = kind === 'postgres' ? await startPostgres() : null
  if (postgres !== null && 'missing' in postgres) throw new Error(postgres.missing)
  try {
    for (const format of ['csv', 'ndjson'] as const) {
      await bench(kind, format, postgres?.url ?? null)
    }
  } finally {
    postgres?.stop()
  }
}

async function bench(kind: Kind, format: UserFormat, url: string | null): Promise<void> {
  print(`\n${format} on ${kind}`)
  const few = await inNewServer(url, (start) => importOnce('10,000', start, FEW, format))
  await inNewServer(url, async (start) => {
    const many = await importOnce('100,000', start, MANY, format)
    print(
      `  memory: 100,000 took ${mib(many.growth)} above its start, 10,000 took ${mib(few.growth)}`,
    )
    const server = await start()
    const { report } = await watchImport(server, userFile(format, MANY, seed))
    print(`  second run: ${report.created} created, ${report.updated} updated`)
    assert.deepEqual([report.created, report.updated], [0, 0])
    await server.stop()
  })
  await inNewServer(url, (start) => killInTheMiddle(start, format))
}

type Start = () => Promise<ServerProcess>

async function importOnce(
  name: string,
  start: Start,
  count: number,
  format: UserFormat,
): Promise<WatchedImport & { growth: number }> {
  const server = await start()
  const before = await rssOf(server)
  const file = userFile(format, count, seed)
  const begin = performance.now()
  const watched = await watchImport(server, file)
  const seconds = (performance.now() - begin) / 1000
  checkReport(file, watched)
  const { report, progress, slowestMs } = watched
  print(
    `  ${name}: ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} lines/s, ` +
      `${report.created} created, ${report.failed} bad (${report.errors.length} told), ` +
      `${progress.length} steps of progress, slowest answer meanwhile ${Math.round(slowestMs)} ms`,
  )
  await server.stop()
  return { ...watched, growth: watched.maxRss - before }
}

async function killInTheMiddle(start: Start, format: UserFormat): Promise<void> {
  const file = userFile(format, MANY, seed)
  const first = await start()
  const cut = await watchImport(first, file, MANY / 2)
  assert.equal(cut.report.state, 'running')
  await first.stop('SIGKILL')
  const second = await start()
  const { report } = await watchImport(second, file)
  print(
    `  killed after ${cut.report.lines} lines; again: ${report.unchanged} were there, ` +
      `${report.created} created, ${report.updated} updated`,
  )
  assert.equal(report.created + report.unchanged, file.good)
  assert.equal(report.updated, 0)
  assert.ok(report.unchanged >= cut.report.created)
  await second.stop()
}

async function inNewServer<T>(url: string | null, work: (start: Start) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-import-'))
  const database = url === null ? null : await createPostgresDatabase(url)
  const env = {
    DATA_DIR: folder,
    ADMIN_API_KEY: ADMIN_KEY,
    ...(database === null ? {} : { DATABASE_URL: database.url }),
  }
  try {
    return await work(() => startServer(env))
  } finally {
    await database?.drop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`
}
