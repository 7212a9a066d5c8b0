/**
 * `npm run bench:stream`: the event stream with many clients, on a PostgreSQL of its own (PERF-3): an event to one
 * agent, from the webhook's request on, beside a commit of that PostgreSQL; an event to all beside the same bytes by a plain TCP writer, in turns; memory
 * of a client. `--clients`, `--runs`, `--rings` and `--events` of each run, `--per-second` of the rings, `--rest`: so
 * many seconds memory gets to settle; `--seed`.
 */
import { parseArgs } from 'node:util'
import { createFigures } from '../faults/figures.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { benchStream } from './stream-figures.ts'
import { whyNotSoMany } from './stream-load.ts'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '5' },
    rings: { type: 'string', default: '500' },
    events: { type: 'string', default: '30' },
    'per-second': { type: 'string', default: '50' },
    rest: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const clients = wholeNumber('clients', values.clients)
const seed = wholeNumber('seed', values.seed, 0)
const obstacle = whyNotSoMany(clients)
if (obstacle !== null) throw new Error(obstacle)
const postgres = await startPostgresOrFail()
say(`PERF-3 node ${process.version}, seed ${seed}`)
try {
  const bench = {
    postgresUrl: postgres.url,
    clients,
    seed,
    runs: wholeNumber('runs', values.runs),
    rings: wholeNumber('rings', values.rings),
    events: wholeNumber('events', values.events),
    perSecond: wholeNumber('per-second', values['per-second']),
    restSeconds: wholeNumber('rest', values.rest, 0),
  }
  await benchStream(bench, figures, say)
} finally {
  postgres.stop()
}
process.exitCode = figures.areMet() ? 0 : 1
