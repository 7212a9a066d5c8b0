import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import test, { type TestContext } from 'node:test'
import { createPostgresDatabase } from '../support/database.ts'
import { ADMIN_KEY, checkReport, watchImport } from '../support/import-users.ts'
import { newDataFolder } from '../support/migrated.ts'
import { type ServerProcess, startServer } from '../support/process.ts'
import { type UserFormat, userFile } from '../support/user-file.ts'

/** `npm run bench:import` does the same with 100,000. */
const LINES = 2000
const SEED = 20_26

const url = process.env.TEST_DATABASE_URL
const cases: readonly { kind: 'PGlite' | 'PostgreSQL'; format: UserFormat }[] = [
  { kind: 'PGlite', format: 'csv' },
  { kind: 'PostgreSQL', format: 'ndjson' },
]
for (const { kind, format } of cases) {
  const skip = kind === 'PostgreSQL' && !url ? 'TEST_DATABASE_URL is not set' : false
  test(`USER-5 ${format} with bad lines on ${kind}: progress, report, killed in the middle, again`, {
    skip,
  }, async (t) => {
    const env = await newEnv(t, kind)
    const file = userFile(format, LINES, SEED)
    const first = await started(t, env)
    const cut = await watchImport(first, file, LINES / 4)
    assert.equal(cut.report.state, 'running', 'the middle was missed')
    await first.stop('SIGKILL')

    const second = await started(t, env)
    const again = await watchImport(second, file)
    const { created, unchanged, ...rest } = again.report
    assert.equal(created + unchanged, file.good)
    assert.ok(unchanged >= cut.report.created, 'what was saved before the kill is there')
    assert.ok(created > 0)
    assert.ok(again.progress.length > 2, `no progress: ${again.progress.join(' ')}`)
    checkReport(file, { ...again, report: { ...rest, created: file.good, unchanged: 0 } })

    const { report } = await watchImport(second, file)
    const { created: new_, updated, unchanged: same, failed } = report
    assert.deepEqual([new_, updated, same, failed], [0, 0, file.good, file.bad])
    await second.stop()
  })
}

async function newEnv(t: TestContext, kind: string): Promise<Record<string, string>> {
  const folder = await newDataFolder('ringside-import-')
  t.after(() => rm(folder, { recursive: true, force: true }))
  const env = { DATA_DIR: folder, ADMIN_API_KEY: ADMIN_KEY }
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
