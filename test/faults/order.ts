/**
 * `npm run test:order`: recorded calls of real PBXs told in every order of up to `--permutations`
 * events, and in `--postgres` and `--pglite` random ones: late, twice, shuffled, by several sources
 * (HOLD-3). `--folds`: so many more of the fold alone; `--at-once`: so many calls go on at the same
 * time; `--seed`. The PostgreSQL is one of its own.
 */
import { parseArgs } from 'node:util'
import type { Database } from '../../db/database.ts'
import { createPostgresDatabase, type Open } from '../support/database.ts'
import { openInMemory } from '../support/in-memory.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createFigures } from './figures.ts'
import { foldRounds, type Ordered, orderRounds } from './order-rounds.ts'

const { values } = parseArgs({
  options: {
    postgres: { type: 'string', default: '100000' },
    pglite: { type: 'string', default: '2000' },
    permutations: { type: 'string', default: '6' },
    folds: { type: 'string', default: '1000000' },
    'at-once': { type: 'string', default: '500' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const seed = wholeNumber('seed', values.seed, 0)
const permutations = wholeNumber('permutations', values.permutations, 0)

say(`seed ${seed}`)
const folds = wholeNumber('folds', values.folds, 0)
if (folds > 0) {
  say(`\nHOLD-3 the fold alone, ${folds} schedules and every order of up to ${permutations} events`)
  const { played, differences } = await foldRounds({ seed, schedules: folds, permutations })
  figures.none(`different calls of ${played}`, differences)
}
const onPostgres = wholeNumber('postgres', values.postgres, 0)
if (onPostgres > 0) {
  const server = await startPostgresOrFail()
  try {
    const open = async () => (await createPostgresDatabase(server.url)).database
    await order('PostgreSQL', open, onPostgres)
  } finally {
    server.stop()
  }
}
const onPglite = wholeNumber('pglite', values.pglite, 0)
if (onPglite > 0) await order('PGlite', openInMemory, onPglite)
say(`seed ${seed}`)
process.exitCode = figures.areMet() ? 0 : 1

async function order(name: string, open: Open, schedules: number): Promise<void> {
  say(`\nHOLD-3 on ${name}, ${schedules} schedules and every order of up to ${permutations} events`)
  const atOnce = wholeNumber('at-once', values['at-once'])
  const opened: Database[] = []
  const opening: Open = async () => {
    const database = await open()
    opened.push(database)
    return database
  }
  const found = await orderRounds({ open: opening, seed, schedules, permutations, atOnce, say })
  for (const database of opened) await database.close()
  describe(found)
  figures.none('different end states of call and case', found.differences)
}

function describe({ played, events, judgedBy, seconds }: Ordered): void {
  const perSecond = (events / seconds).toFixed(0)
  say(`  ${played} schedules, judged by ${judgedBy} calls told in order`)
  say(`  ${events} events in ${seconds.toFixed(0)} s, ${perSecond}/s`)
}
