import assert from 'node:assert/strict'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createPostgresDatabase } from '../support/database.ts'
import { ADMIN_KEY, checkReport, watchImport, watchStarted } from '../support/import-users.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { type UserFormat, userFile } from '../support/user-file.ts'

/** `npm run bench:import` does the same with 100,000. */
const LINES = 2000
const SEED = 20_26

const url = process.env.TEST_DATABASE_URL
interface Case {
  readonly kind: 'PGlite' | 'PostgreSQL'
  readonly format: UserFormat
  readonly signal: 'SIGTERM' | 'SIGKILL'
}
const cases: readonly Case[] = [
  { kind: 'PGlite', format: 'csv', signal: 'SIGKILL' },
  { kind: 'PGlite', format: 'ndjson', signal: 'SIGTERM' },
  { kind: 'PostgreSQL', format: 'ndjson', signal: 'SIGKILL' },
  { kind: 'PostgreSQL', format: 'csv', signal: 'SIGTERM' },
]
for (const { kind, format, signal } of cases) {
  const skip = kind === 'PostgreSQL' && !url ? 'TEST_DATABASE_URL is not set' : false
  test(`USER-5 HOLD-1 ${format} with bad lines on ${kind}: progress, report, ${signal} in the middle, goes on under its id, again`, {
    skip,
  }, async (t) => {
    const env = await newEnv(t, kind)
    const file = userFile(format, LINES, SEED)
    const first = await started(t, env)
    const cut = await watchImport(first, file, LINES / 4)
    assert.equal(cut.report.state, 'running', 'the middle was missed')
    const code = await first.stop(signal)
    const folder = join(env.DATA_DIR ?? '', 'imports')
    assert.ok((await readdir(folder)).includes(`${cut.id}.${format}.import`), 'the file is there')

    const second = await started(t, env)
    assert.ok(tells(second, 'import.resumed', cut.id))
    const rest = await watchStarted(second, cut.id)
    const { created, unchanged } = rest.report
    assert.equal(created + unchanged, file.good)
    assert.ok(created > 0)
    if (signal === 'SIGTERM') {
      assert.equal(code, 0)
      assert.ok(tells(first, 'import.interrupted', cut.id))
      assert.equal(unchanged, 0, 'nothing is read twice')
    }
    checkReport(file, { ...rest, report: { ...rest.report, created: file.good, unchanged: 0 } })

    const { report } = await watchImport(second, file)
    const { created: new_, updated, unchanged: same, failed } = report
    assert.deepEqual([new_, updated, same, failed], [0, 0, file.good, file.bad])
    await second.stop()
    assert.deepEqual(await readdir(folder), [])
  })
}

function tells(server: ServerProcess, event: string, importId: string): boolean {
  return server.errors.some((line) => line.includes(`"${event}"`) && line.includes(importId))
}

async function newEnv(t: TestContext, kind: string): Promise<Record<string, string>> {
  const folder = await newDataFolder('ringside-import-')
  t.after(() => rm(folder, { recursive: true, force: true }))
  const env = { DATA_DIR: folder, ADMIN_API_KEY: ADMIN_KEY, LOG_LEVEL: 'info' }
  if (kind === 'PGlite') return env
  const database = await createPostgresDatabase(String(url))
  t.after(database.drop)
  return { ...env, DATABASE_URL: database.url }
}

async function started(t: TestContext, env: Record<string, string>): Promise<ServerProcess> {
  const server = await startServer(env)
  t.after(() => server.stop('SIGKILL'))
  return server
}
