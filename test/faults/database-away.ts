/**
 * `npm run test:database-away`: PostgreSQL is stopped, killed, frozen and cut off while phones call, and
 * comes back (HOLD-2). `--times`, `--away`: each up to so many seconds; `--rate` in events/s; `--seed`.
 */
import { parseArgs } from 'node:util'
import { startPostgresOrFail } from '../support/postgres.ts'
import { medianOf } from '../support/quantile.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { awayRounds } from './being-away.ts'
import { createFigures } from './figures.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    away: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const rounds = wholeNumber('times', values.times)
const awaySeconds = wholeNumber('away', values.away)
const rate = wholeNumber('rate', values.rate)
const seed = wholeNumber('seed', values.seed, 0)

const postgres = await startPostgresOrFail()
try {
  say(`seed ${seed}`)
  say(`HOLD-2 PostgreSQL away ${rounds} times, up to ${awaySeconds} s each, ${rate} events/s`)
  const was = await awayRounds({ rounds, rate, seed, awaySeconds, postgres, say })
  say(
    `  ${was.sent} told, ${was.acknowledged} acknowledged, ${was.kept} kept; ${was.notCompared} callers not compared`,
  )
  say(
    `  at most ${was.mostSpooled} in the spool; slowest answer ${was.slowestAnswerMs.toFixed(0)} ms`,
  )
  say(
    `  caught up after ${medianOf(was.caughtUpSeconds).toFixed(1)} s (median), ${Math.max(...was.caughtUpSeconds).toFixed(1)} s at most`,
  )
  figures.none('ways to be away in which nothing went to the spool', was.neverFelt)
  figures.none('webhook answers of 500 and more, or none', was.badAnswers)
  figures.none('acknowledged and lost', was.lost)
  figures.none('doubled', was.doubled)
  figures.none('wrong end states', was.wrong)
  figures.none('taken out of order', was.disorder)
  say(`seed ${seed}`)
  process.exitCode = figures.areMet() ? 0 : 1
} finally {
  postgres.stop()
}
