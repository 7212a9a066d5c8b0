/**
 * `npm test`: the server's tests on PGlite and on a PostgreSQL started for them, the widget's in a
 * real Chromium, and the whole line end to end. With file names: only those, of the server's.
 */
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chromiumPath, fetchNeeds, NEEDS } from './support/needs.ts'
import { type PostgresServer, startPostgres } from './support/postgres.ts'

const patterns = process.argv.slice(2)
try {
  process.exitCode = await main(patterns)
} catch (error) {
  process.stderr.write(`npm test: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main(patterns: readonly string[]): Promise<number> {
  fetchNeeds(NEEDS)
  const postgres = process.env.TEST_DATABASE_URL ? null : await startOrFail()
  const env = {
    ...process.env,
    TEST_DATABASE_URL: process.env.TEST_DATABASE_URL ?? postgres?.url,
    CHROME_PATH: chromiumPath() ?? undefined,
  }
  try {
    const failed = await serverTests(patterns, env)
    if (failed !== 0 || patterns.length > 0) return failed
    return (await widgetTests(env)) || (await endToEnd(env))
  } finally {
    postgres?.stop()
  }
}

async function startOrFail(): Promise<PostgresServer> {
  const server = await startPostgres()
  if ('missing' in server) throw new Error(server.missing)
  return server
}

function serverTests(patterns: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const files = globSync(patterns.length > 0 ? [...patterns] : 'test/**/*.test.ts', {
    exclude: ['test/widget/**', 'test/e2e/**', 'test/asterisk/**'],
  }).sort()
  return run(process.execPath, ['--test', '--test-timeout=120000', ...files], env)
}

function widgetTests(env: NodeJS.ProcessEnv): Promise<number> {
  return run('node_modules/.bin/wtr', [], env)
}

function endToEnd(env: NodeJS.ProcessEnv): Promise<number> {
  const files = globSync('test/e2e/*.test.ts').sort()
  return run(
    process.execPath,
    ['--test', '--test-concurrency=1', '--test-timeout=180000', ...files],
    env,
  )
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (command.includes('/') && !existsSync(command))
    throw new Error(`${command} is missing: run npm ci`)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
