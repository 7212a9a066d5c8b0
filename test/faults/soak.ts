/**
 * `npm run test:soak`: calls without end (HOLD-12), `--calls` of them as fast as answers come and
 * `--steady` of them at `--rate` events/s, on each of `--on=postgres,pglite`; in `--parts`, with a
 * look at the server after each: memory after a collection, handles, size of the database; `--seed`.
 * The PostgreSQL is one of its own.
 */
import { parseArgs } from 'node:util'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createFigures } from './figures.ts'
import { type Soaked, type Soaking, soak } from './soaking.ts'

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'postgres,pglite' },
    calls: { type: 'string', default: '100000' },
    steady: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '50' },
    parts: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const AN_HOUR_PERCENT = 5
/**
 * At full speed the second half of 100,000 calls takes minutes: 5 % an hour would be 0.4 % of the heap, and two looks
 * at one that does not grow differ by some per cent. What shows is what each call leaves: 10 % of 40 MB after 50,000
 * calls are 80 bytes.
 */
const LEAK_PERCENT = 10
const LONG_HOURS = 1 / 6
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const seed = wholeNumber('seed', values.seed, 0)
const parts = wholeNumber('parts', values.parts, 6)

say(`seed ${seed}`)
for (const name of someOf(values.on.split(','), ['postgres', 'pglite'])) {
  if (name === 'postgres') {
    const server = await startPostgresOrFail()
    try {
      await soakOn('PostgreSQL', server.url)
    } finally {
      server.stop()
    }
  } else await soakOn('PGlite', null)
}
say(`seed ${seed}`)
process.exitCode = figures.areMet() ? 0 : 1

async function soakOn(name: string, postgresUrl: string | null): Promise<void> {
  const fast = wholeNumber('calls', values.calls, 0)
  if (fast > 0) {
    say(`\nHOLD-12 ${fast} calls on ${name}, as fast as answers come`)
    await soakWith({ postgresUrl, calls: fast, rate: null })
  }
  const steady = wholeNumber('steady', values.steady, 0)
  if (steady > 0) {
    const rate = wholeNumber('rate', values.rate)
    say(`\nHOLD-12 ${steady} calls on ${name}, at ${rate} events/s`)
    await soakWith({ postgresUrl, calls: steady, rate })
  }
}

async function soakWith(part: Pick<Soaking, 'postgresUrl' | 'calls' | 'rate'>): Promise<void> {
  const soaked = await soak({ ...part, parts, seed, say })
  const minutes = (soaked.parts.at(-1)!.hours * 60).toFixed(0)
  say(`  ${minutes} minutes; ${(soaked.bytesPerCall / 1024).toFixed(1)} KiB of database a call`)
  figures.atMost('open files, more at the end of the second half', soaked.moreFiles, 0)
  figures.atMost('active resources, more at the end of the second half', soaked.moreResources, 0)
  figures.atMost('p99 of the answer, last third / first', soaked.answerRatio, 1.2)
  figures.atMost('p99 until it is told, last third / first', soaked.behindRatio, 1.2)
  figures.atMost('answers other than 200, and holes', soaked.failures, 0)
  judgeMemory(soaked)
}

/** After a collection, over the second half. */
function judgeMemory({ halfHours, heapGrowth, heapSlope, rssSlope }: Soaked): void {
  if (halfHours < LONG_HOURS) figures.atMost('heap, % more', heapGrowth, LEAK_PERCENT)
  else {
    figures.atMost('heap, % an hour', heapSlope, AN_HOUR_PERCENT)
    figures.atMost('RSS, % an hour', rssSlope, AN_HOUR_PERCENT)
  }
}
