/**
 * `npm run bench:intake`: webhooks on a PostgreSQL of its own, 64 at a time, durable (PERF-1). In turns: a bare server
 * with group commit and the server with applying held back; a bare server with one committed INSERT each and the
 * server until everything is applied and told; then events at their own times. `--calls` and `--requests` of each
 * turn, `--runs`, `--rate` and `--seconds` (600 for the figure), `--seed`, `--only=accept,told,paced`. `--database`: a
 * PostgreSQL that runs already; `--profile`: where the time goes instead (`intake-profile.ts`).
 */
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { startPostgres } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { measureAccepting, measurePaced, measureTold } from './intake-measure.ts'
import { profile } from './intake-profile.ts'

const PARTS = ['accept', 'told', 'paced'] as const
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '20000' },
    runs: { type: 'string', default: '3' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(pickSeed()) },
    only: { type: 'string', default: PARTS.join() },
    database: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
})

const own = values.database === undefined ? await startPostgres() : null
if (own !== null && 'missing' in own) throw new Error(own.missing)
try {
  process.exitCode = (await bench(own?.url ?? String(values.database))) ? 0 : 1
} finally {
  own?.stop()
}

async function bench(server: string): Promise<boolean> {
  await printSettings(server)
  const size = {
    server,
    calls: wholeNumber('calls', values.calls),
    requests: wholeNumber('requests', values.requests),
    runs: wholeNumber('runs', values.runs),
    seed: wholeNumber('seed', values.seed, 0),
    print,
  }
  if (values.profile) {
    await profile(size)
    return true
  }
  const parts = someOf(values.only.split(','), PARTS)
  const results: boolean[] = []
  if (parts.includes('accept')) results.push(await measureAccepting(size))
  if (parts.includes('told')) results.push(await measureTold(size))
  if (parts.includes('paced')) {
    const paced = {
      ...size,
      rate: wholeNumber('rate', values.rate),
      seconds: wholeNumber('seconds', values.seconds),
    }
    results.push(await measurePaced(paced))
  }
  return results.every(Boolean)
}

/** A commit that is not on the disk would measure something else. */
async function printSettings(server: string): Promise<void> {
  const sql = postgres(server, { max: 1 })
  const [row] = await sql`select current_setting('server_version') as version,
    current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`
  await sql.end()
  const { version, fsync, commit } = row as Record<'version' | 'fsync' | 'commit', string>
  print(
    `node ${process.version}, PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}`,
  )
  print(`64 in flight, medians of ${values.runs} runs in turns, seed ${values.seed}\n`)
  if (fsync !== 'on' || commit !== 'on') throw new Error('the database does not keep what it says')
}
