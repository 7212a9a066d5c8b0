/**
 * `npm test`: the server's tests on PGlite and on a PostgreSQL started for them, the widget's in a
 * real Chromium, and the whole line end to end. With file names: only those, of the server's.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { endToEnd } from './e2e/run.ts'
import { CACHE } from './support/cache.ts'
import { chromiumPath, fetchNeeds, NEEDS } from './support/needs.ts'
import { startPostgresOrFail } from './support/postgres.ts'
import { pickSeed } from './support/random.ts'
import { AT_ONCE, run } from './support/run.ts'

/** Nothing here is about a power cut, and each commit would wait for the disk. */
const UNSAFE = ['fsync=off', 'full_page_writes=off']
const patterns = process.argv.slice(2)
try {
  process.exitCode = await main(patterns)
} catch (error) {
  process.stderr.write(`npm test: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main(patterns: readonly string[]): Promise<number> {
  fetchNeeds(NEEDS)
  const postgres = process.env.TEST_DATABASE_URL
    ? null
    : await startPostgresOrFail(undefined, UNSAFE)
  // One for all: a file that runs a second time tries the same again.
  const seed = String(pickSeed())
  process.stdout.write(`TEST_SEED=${seed}\n`)
  const env = {
    ...process.env,
    TEST_SEED: seed,
    TEST_DATABASE_URL: process.env.TEST_DATABASE_URL ?? postgres?.url,
    CHROME_PATH: chromiumPath() ?? undefined,
    // Types are stripped once, not in each of some hundred processes.
    NODE_COMPILE_CACHE: join(CACHE, 'compiled'),
  }
  try {
    const failed = await serverTests(patterns, env)
    if (failed !== 0 || patterns.length > 0) return failed
    return (await widgetTests(env)) || (await endToEnd(env))
  } finally {
    postgres?.stop()
  }
}

function serverTests(patterns: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const files = globSync(patterns.length > 0 ? [...patterns] : 'test/**/*.test.ts', {
    exclude: ['test/widget/**', 'test/e2e/**', 'test/asterisk/**'],
  }).sort()
  return run(
    process.execPath,
    [
      '--test',
      '--test-force-exit',
      `--test-concurrency=${AT_ONCE}`,
      '--test-timeout=120000',
      ...files,
    ],
    env,
  )
}

function widgetTests(env: NodeJS.ProcessEnv): Promise<number> {
  return run('node_modules/.bin/wtr', [], env)
}
