/**
 * `npm run test:fuzz`: hostile requests, hostile bytes from a manager interface and hostile frames
 * from ARI, against the server as people start it (SAFE-3).
 */
import { parseArgs } from 'node:util'
import { startPostgres } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { fuzzAmi, fuzzParser } from './fuzz-ami.ts'
import { fuzzAri } from './fuzz-ari.ts'
import { describeFuzz, fuzzRequests } from './fuzz-run.ts'
import { startFuzzServer } from './fuzz-server.ts'

const HELP = `npm run test:fuzz -- [options]
  --requests N      requests made from openapi.json (1000000)
  --ami-mb N        megabytes through the parser (1024)
  --server-mb N     megabytes from a scripted manager interface to the running server (1024)
  --ari-frames N    frames on a websocket of ARI (200000)
  --in-flight N     requests at once (16)
  --seed N          of everything that is random; TEST_SEED sets it too
  --embedded        on the embedded database instead of a PostgreSQL of its own`

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    'ami-mb': { type: 'string', default: '1024' },
    'server-mb': { type: 'string', default: '1024' },
    'ari-frames': { type: 'string', default: '200000' },
    'in-flight': { type: 'string', default: '16' },
    seed: { type: 'string' },
    embedded: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(`${HELP}\n`)
else process.exitCode = await main()

async function main(): Promise<number> {
  const seed = values.seed === undefined ? pickSeed() : Number(values.seed)
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const progress = (done: number): void => {
    if (done % 50_000 === 0) say(`  ${done} requests`)
  }
  const postgres = values.embedded ? null : await startPostgres()
  if (postgres !== null && 'missing' in postgres) throw new Error(postgres.missing)
  say(`seed: ${seed}; ${postgres === null ? 'embedded database' : 'PostgreSQL'}`)
  const failures: string[] = []
  try {
    if (Number(values['ami-mb']) > 0) {
      const parsed = await fuzzParser({ megabytes: Number(values['ami-mb']), seed })
      for (const line of parsed.lines) say(line)
      failures.push(...parsed.failures)
    }
    await using server = await startFuzzServer(postgres?.url ?? null)
    if (Number(values.requests) > 0) {
      const result = await fuzzRequests(server, {
        requests: Number(values.requests),
        inFlight: Number(values['in-flight']),
        seed,
        onProgress: progress,
      })
      for (const line of describeFuzz(result, server)) say(line)
      failures.push(...result.failures)
    }
    for (const played of [
      await fuzzAmi(server, { megabytes: Number(values['server-mb']), seed }),
      await fuzzAri(server, { frames: Number(values['ari-frames']), seed }),
    ]) {
      for (const line of played.lines) say(line)
      failures.push(...played.failures)
    }
  } finally {
    postgres?.stop()
  }
  for (const failure of failures) say(`FAILED ${failure}`)
  say(`answers ≥ 500, crashes and hangs: ${failures.length} (expected 0), seed ${seed}`)
  return failures.length === 0 ? 0 : 1
}
