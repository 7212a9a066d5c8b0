/**
 * `npm run test:disk-full`: a small disk is filled to the last bytes while phones call and files come, and
 * given back (HOLD-9). `--times` on each of `--only` (data-folder,pglite,postgres), `--rate` in events/s,
 * `--seed`. It mounts a file system in memory, which only root may: elsewhere it says so and fails.
 */
import { parseArgs } from 'node:util'
import { pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { type Full, fullRounds } from './being-full.ts'
import { createFigures } from './figures.ts'

const NAMES = ['data-folder', 'pglite', 'postgres'] as const
const DISKS: Readonly<Record<(typeof NAMES)[number], Full>> = {
  'data-folder': 'data folder',
  pglite: 'PGlite',
  postgres: 'PostgreSQL',
}
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '15' },
    only: { type: 'string', default: NAMES.join(',') },
    rate: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const rounds = wholeNumber('times', values.times)
const rate = wholeNumber('rate', values.rate)
const seed = wholeNumber('seed', values.seed, 0)

say(`seed ${seed}`)
for (const name of someOf(values.only.split(','), NAMES)) {
  const full = DISKS[name]
  say(`\nHOLD-9 the disk of the ${full} full ${rounds} times, at ${rate} events/s`)
  const was = await fullRounds({ full, rounds, rate, seed, say })
  if ('missing' in was) throw new Error(was.missing)
  say(
    `  ${was.sent} told, ${was.acknowledged} acknowledged, ${was.kept} kept, ${was.refused} refused; ${was.notCompared} callers not compared`,
  )
  const wasFull = was.refused + was.mostSpooled > 0
  figures.none('never full', wasFull ? [] : ['nothing was refused, and nothing went to the spool'])
  figures.none('answers other than taken and not now', was.badAnswers)
  figures.none('not healed by itself', was.notHealed)
  figures.none('acknowledged and lost', was.lost)
  figures.none('doubled', was.doubled)
  figures.none('wrong end states', was.wrong)
  figures.none('files left, missing or changed', was.files)
}
say(`seed ${seed}`)
process.exitCode = figures.areMet() ? 0 : 1
