/** `npm test`: the server's tests, on PGlite and on a PostgreSQL started for them. */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { startPostgres } from './support/postgres.ts'

const patterns = process.argv.slice(2)
const files = globSync(patterns.length > 0 ? patterns : 'test/**/*.test.ts', {
  exclude: ['test/widget/**', 'test/e2e/**'],
}).sort()
const server = process.env.TEST_DATABASE_URL ? null : await startPostgres()
if (server !== null && 'missing' in server) {
  process.stderr.write(`npm test: ${server.missing}\n`)
  process.exit(1)
}
const child = spawn(process.execPath, ['--test', '--test-timeout=120000', ...files], {
  stdio: 'inherit',
  env: { ...process.env, TEST_DATABASE_URL: process.env.TEST_DATABASE_URL ?? server?.url },
})
child.on('exit', (code) => {
  server?.stop()
  process.exitCode = code ?? 1
})
