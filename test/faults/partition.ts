/**
 * `npm run test:partition`: two servers over one PostgreSQL while a PBX has calls; the one that holds
 * the PBX is killed, stopped and cut off (HOLD-7). `--times`: how often in all, in turn; `--stalls`:
 * how often it is stopped for about as long as its lease lasts; `--seed`. The PostgreSQL is one of its own.
 * Where no network namespaces can be made, nothing can be cut off: it says so and fails.
 */
import { parseArgs } from 'node:util'
import { medianOf } from '../support/quantile.ts'
import { createRandom, pickSeed, shuffled } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createFigures } from './figures.ts'
import { layLines, whyNoNamespaces } from './partition-network.ts'
import { type Fault, partition } from './partition-rounds.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '30' },
    stalls: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const TAKEN_OVER_WITHIN_S = 10
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const seed = wholeNumber('seed', values.seed, 0)
const times = wholeNumber('times', values.times)
const stalls = wholeNumber('stalls', values.stalls, 0)

const obstacle = whyNoNamespaces()
if (obstacle !== null) throw new Error(obstacle)
using network = layLines(2)
const kinds: readonly Fault[] = ['killed', 'stopped', 'cut off', 'cut off from the database']
const drawn = Array.from({ length: times }, (_, index) => kinds[index % kinds.length] ?? 'killed')
const stalled = Array.from({ length: stalls }, (): Fault => 'stalled')
const faults = shuffled([...drawn, ...stalled], createRandom(seed))

say(`seed ${seed}`)
say(`HOLD-7 the owner of a PBX fails ${times} times, and is stalled ${stalls} times`)
const figures = createFigures(say)
const result = await partition({ faults, seed, network, say })
say(
  `  ${result.calls} calls, ${result.logins} logins at the PBX, ${result.fromBoth} facts heard by one owner and read by the next`,
)
for (const kind of new Set(result.takenOver.map(({ fault }) => fault))) {
  const seconds = result.takenOver.filter(({ fault }) => fault === kind).map((each) => each.seconds)
  const median = medianOf(seconds).toFixed(1)
  say(
    `  ${kind}: ${seconds.length} times, median ${median} s, at most ${Math.max(...seconds).toFixed(1)} s`,
  )
}
const failed = result.takenOver.filter(({ fault }) => fault !== 'stalled')
figures.atMost(
  'slowest take-over, seconds',
  Math.max(...failed.map(({ seconds }) => seconds)),
  TAKEN_OVER_WITHIN_S,
)
figures.none('nobody took over', result.missed)
figures.none('calls lost', result.lost)
figures.none('doubled', result.doubled)
figures.none('wrong', result.wrong)
figures.none('two owners acting at once', result.together)
say(`seed ${seed}`)
process.exitCode = figures.areMet() ? 0 : 1
