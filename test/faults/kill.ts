/**
 * `npm run test:kill`: the server is killed while phones call (HOLD-1), and started twice on one folder
 * (HOLD-8). `--postgres` and `--pglite`: how often it is killed under load, 0 for not at all; `--rate` in events/s;
 * `--races` of `--at-once` starts; `--seed`. The PostgreSQL is one of its own.
 */
import { parseArgs } from 'node:util'
import { startPostgresOrFail } from '../support/postgres.ts'
import { medianOf } from '../support/quantile.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createFigures } from './figures.ts'
import { type Killed, killRounds } from './killing.ts'
import { raceRounds } from './second-start.ts'

const { values } = parseArgs({
  options: {
    postgres: { type: 'string', default: '200' },
    pglite: { type: 'string', default: '100' },
    rate: { type: 'string', default: '100' },
    races: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '20' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const rate = wholeNumber('rate', values.rate)
const seed = wholeNumber('seed', values.seed, 0)

say(`seed ${seed}`)
const onPostgres = wholeNumber('postgres', values.postgres, 0)
if (onPostgres > 0) {
  const server = await startPostgresOrFail()
  try {
    await kill('PostgreSQL', onPostgres, server.url, 3)
  } finally {
    server.stop()
  }
}
const onPglite = wholeNumber('pglite', values.pglite, 0)
if (onPglite > 0) await kill('PGlite', onPglite, null, 5)
const races = wholeNumber('races', values.races, 0)
if (races > 0) await race(races, wholeNumber('at-once', values['at-once'], 2))
say(`seed ${seed}`)
process.exitCode = figures.areMet() ? 0 : 1

async function kill(
  name: string,
  rounds: number,
  postgresUrl: string | null,
  readyWithin: number,
): Promise<void> {
  say(
    `\nHOLD-1 ${rounds} kills on ${name} at ${rate} events/s, and some more in the start that follows`,
  )
  const killed = await killRounds({ rounds, rate, seed, postgresUrl, say })
  describe(killed)
  figures.none('acknowledged and lost', killed.lost)
  figures.none('doubled', killed.doubled)
  figures.none('wrong end states', killed.wrong)
  figures.atMost('longest start, seconds', Math.max(...killed.readySeconds), readyWithin)
}

function describe({ sent, acknowledged, kept, withoutAnswer, notCompared, ...more }: Killed): void {
  say(
    `  ${sent} told (${more.notTold} more were due),  ${acknowledged} acknowledged, ${kept} kept, ${withoutAnswer} without answer; ${notCompared} callers not compared`,
  )
  const median = medianOf(more.readySeconds).toFixed(2)
  say(
    `  ${more.killedUnderLoad} killed under load, ${more.killedInStart} more while starting; median start ${median} s`,
  )
}

async function race(rounds: number, atOnce: number): Promise<void> {
  say(`\nHOLD-8 ${atOnce} starts on one folder at once, ${rounds} times, each winner killed`)
  const { differences, refused } = await raceRounds(rounds, atOnce)
  say(`  ${refused} starts refused`)
  figures.none('two on one folder, none, or no clear word', differences)
}
