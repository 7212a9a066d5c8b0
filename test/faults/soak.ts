/**
 * `npm run test:soak`: calls without end (HOLD-12), `--calls` of them as fast as answers come and
 * `--steady` of them at `--rate` events/s, on each of `--on=postgres,pglite`; in `--parts`, with a
 * look at the server after each: memory after a collection, handles, size of the database; `--seed`.
 * The PostgreSQL is one of its own.
 */
import { parseArgs } from 'node:util'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createFigures } from './figures.ts'
import { type Soaked, soak } from './soaking.ts'

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
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const seed = wholeNumber('seed', values.seed, 0)
const parts = wholeNumber('parts', values.parts, 6)

say(`seed ${seed}`)
for (const name of values.on.split(',')) {
  if (name === 'postgres') {
    const server = await startPostgresOrFail()
    try {
      await soakOn('PostgreSQL', server.url)
    } finally {
      server.stop()
    }
  } else if (name === 'pglite') await soakOn('PGlite', null)
  else throw new Error(`--on has "${name}", expected postgres or pglite`)
}
say(`seed ${seed}`)
process.exitCode = figures.areMet() ? 0 : 1

async function soakOn(name: string, postgresUrl: string | null): Promise<void> {
  const fast = wholeNumber('calls', values.calls, 0)
  if (fast > 0) {
    say(`\nHOLD-12 ${fast} calls on ${name}, as fast as answers come`)
    check(await soak({ postgresUrl, calls: fast, rate: null, parts, seed, say }))
  }
  const steady = wholeNumber('steady', values.steady, 0)
  if (steady > 0) {
    const rate = wholeNumber('rate', values.rate)
    say(`\nHOLD-12 ${steady} calls on ${name}, at ${rate} events/s`)
    check(await soak({ postgresUrl, calls: steady, rate, parts, seed, say }))
  }
}

function check(soaked: Soaked): void {
  const minutes = (soaked.parts.at(-1)!.hours * 60).toFixed(0)
  say(`  ${minutes} minutes; ${(soaked.bytesPerCall / 1024).toFixed(1)} KiB of database a call`)
  figures.atMost('heap after a collection, % an hour, second half', soaked.heapSlope, 5)
  figures.atMost('RSS after a collection, % an hour, second half', soaked.rssSlope, 5)
  figures.atMost('open files, last third more than the first', soaked.moreFiles, 0)
  figures.atMost('active resources, last third more than the first', soaked.moreResources, 0)
  figures.atMost('p99 of the answer, last third / first', soaked.answerRatio, 1.2)
  figures.atMost('p99 until it is told, last third / first', soaked.behindRatio, 1.2)
  figures.atMost('answers other than 200, and holes', soaked.failures, 0)
}
