/**
 * `npm run test:fuzz`: hostile requests, hostile bytes from a manager interface and hostile frames
 * from ARI, against the server as people start it (SAFE-3).
 */
import { parseArgs } from 'node:util'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { fuzzParser } from './fuzz-parser.ts'
import { playAll } from './fuzz-play.ts'
import { startFuzzServer } from './fuzz-server.ts'

const HELP = `npm run test:fuzz -- [options]; 0 leaves a part out
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
    seed: { type: 'string', default: String(pickSeed()) },
    embedded: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(`${HELP}\n`)
else process.exitCode = await main()

async function main(): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const seed = wholeNumber('seed', values.seed, 0)
  const parserMegabytes = wholeNumber('ami-mb', values['ami-mb'], 0)
  const options = {
    seed,
    requests: wholeNumber('requests', values.requests, 0),
    inFlight: wholeNumber('in-flight', values['in-flight']),
    megabytes: wholeNumber('server-mb', values['server-mb'], 0),
    frames: wholeNumber('ari-frames', values['ari-frames'], 0),
    onProgress: (done: number) => {
      if (done % 50_000 === 0) say(`  ${done} requests`)
    },
    say,
  }
  const postgres = values.embedded ? null : await startPostgresOrFail()
  say(`seed: ${seed}; ${postgres === null ? 'embedded database' : 'PostgreSQL'}`)
  const failures: string[] = []
  try {
    if (parserMegabytes > 0) {
      const parsed = await fuzzParser({ megabytes: parserMegabytes, seed })
      for (const line of parsed.lines) say(line)
      failures.push(...parsed.failures)
    }
    await using server = await startFuzzServer(postgres?.url ?? null)
    failures.push(...(await playAll(server, options)))
    for (const failure of failures) say(`FAILED ${failure}`)
  } finally {
    postgres?.stop()
  }
  say(
    `answers ≥ 500, crashes, hangs and what else failed: ${failures.length} (expected 0), seed ${seed}`,
  )
  return failures.length === 0 ? 0 : 1
}
