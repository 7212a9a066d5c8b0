/**
 * `npm run test:stream-faults`: all clients of the stream come back at once, after the server was killed and after the
 * network was cut, as the widget does and in one instant (HOLD-6), with a bare server in the same run; slow readers among others (HOLD-11); on a
 * PostgreSQL of its own. `--only=killed,cut,instant,slow`;
 * `--clients` and `--rate` (webhooks in a second) of HOLD-6; `--readers`, `--slow`, `--events`, `--per-second` and
 * `--bytes` of HOLD-11; `--runs` of each; `--seed`.
 */
import { parseArgs } from 'node:util'
import { createBareStage } from '../bench/stream-bare-stage.ts'
import { whyNotSoMany } from '../bench/stream-load.ts'
import { createStreamStage, type StormStage } from '../bench/stream-stage.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { medianOf } from '../support/quantile.ts'
import { pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createFigures } from './figures.ts'
import { hearBesideSlow } from './stream-slow.ts'
import { type How, type Storm, type Weathered, weather, webhookP99 } from './stream-storm.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'killed,cut,instant,slow' },
    clients: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '20' },
    readers: { type: 'string', default: '1000' },
    slow: { type: 'string', default: '100' },
    events: { type: 'string', default: '200' },
    'per-second': { type: 'string', default: '5' },
    bytes: { type: 'string', default: '19000' },
    runs: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const BACK_SECONDS = 30
const WEBHOOK_MS = 250
const HOWS = ['killed', 'cut', 'instant'] as const
const MIB = 1024 * 1024
const CUT_SECONDS = 10
const CUT_KIB = 1024
/** Until the next event and the harness's next look. */
const NOTICED_SECONDS = 1
/** So much may chance make of two measurements of the same thing. */
const TIMES_WITHOUT = 1.3

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const figures = createFigures(say)
const seed = wholeNumber('seed', values.seed, 0)
const runs = wholeNumber('runs', values.runs)
const parts = someOf(values.only.split(','), [...HOWS, 'slow'])
say(`node ${process.version}, seed ${seed}`)
const postgres = await startPostgresOrFail()
try {
  for (const how of HOWS) if (parts.includes(how)) await comeBack(how, postgres.url)
  if (parts.includes('slow')) await besideSlow(postgres.url)
} finally {
  postgres.stop()
}
process.exitCode = figures.areMet() ? 0 : 1

async function comeBack(how: How, postgresUrl: string): Promise<void> {
  const clients = wholeNumber('clients', values.clients)
  const obstacle = whyNotSoMany(clients)
  if (obstacle !== null) throw new Error(obstacle)
  const rate = wholeNumber('rate', values.rate)
  say(`\nHOLD-6 ${clients} clients come back at once, ${how}; ${rate} webhooks a second`)
  const found: Weathered[] = []
  const floors: Weathered[] = []
  for (let run = 0; run < runs; run += 1) {
    const storm = { how, rate, seed: seed + run, watchMs: BACK_SECONDS * 1000 }
    const one = await on(await createStreamStage(postgresUrl, clients), storm)
    const floor = await on(await createBareStage(clients), storm)
    found.push(one)
    floors.push(floor)
    say(`  run ${run + 1}: ${inWords(one)}`)
    say(`    a bare server: ${inWords(floor)}`)
    figures.none(
      'not back',
      one.backSeconds.length === clients ? [] : [`${one.backSeconds.length} of ${clients} are`],
    )
  }
  figures.none(
    'missed, twice, to somebody else',
    found.flatMap(({ wrong }) => wrong),
  )
  figures.none(
    'webhooks without their 200 meanwhile',
    found.flatMap(({ webhooksWithout }) => Array.from({ length: webhooksWithout }, () => 'one')),
  )
  say(`  bare: the last one back after ${lastBack(floors).toFixed(1)} s`)
  const watched = [found, floors].map((all) =>
    medianOf(all.map((one) => webhookP99(one, 'watchedMs'))).toFixed(0),
  )
  say(`  webhooks of the first ${BACK_SECONDS} s, p99: ${watched[0]} ms, bare ${watched[1]} ms`)
  figures.atMost('the last one back, seconds', lastBack(found), BACK_SECONDS)
  figures.atMost(
    'webhook meanwhile, p99 ms',
    medianOf(found.map((one) => webhookP99(one))),
    WEBHOOK_MS,
  )
}

async function on(made: StormStage, storm: Omit<Storm, 'stage'>): Promise<Weathered> {
  await using stage = made
  // Only then the stage goes.
  return await weather({ ...storm, stage })
}

/** Of all runs: nobody has to wait longer. */
function lastBack(found: readonly Weathered[]): number {
  return Math.max(...found.map(({ backSeconds }) => backSeconds.at(-1) ?? Number.NaN))
}

function inWords(found: Weathered): string {
  const { backSeconds, told, acknowledged, webhookMs } = found
  const [first, last] = [backSeconds[0], backSeconds.at(-1)]
  return (
    `back after ${first?.toFixed(2)} to ${last?.toFixed(2)} s, ${told} events to all, ` +
    `${acknowledged} rings; ${webhookMs.length} webhooks meanwhile, p99 ${webhookP99(found).toFixed(0)} ms, ` +
    `of the first ${BACK_SECONDS} s ${webhookP99(found, 'watchedMs').toFixed(0)} ms`
  )
}

async function besideSlow(postgresUrl: string): Promise<void> {
  const clients = wholeNumber('readers', values.readers)
  const slow = wholeNumber('slow', values.slow, 2)
  say(`\nHOLD-11 ${slow} slow or stuck readers among ${clients}`)
  const options = {
    postgresUrl,
    clients,
    slow,
    events: wholeNumber('events', values.events),
    perSecond: wholeNumber('per-second', values['per-second']),
    bytes: wholeNumber('bytes', values.bytes),
  }
  // What the system's own buffers take is not behind for the server: at most one stream, which ends after 1 MB.
  const bufferedSeconds = MIB / (options.bytes * options.perSecond)
  const cutSeconds = CUT_SECONDS + bufferedSeconds + NOTICED_SECONDS
  const ratios: number[] = []
  for (let run = 1; run <= runs; run += 1) {
    const { p99, cutAfterSeconds, kibEach, wrong } = await hearBesideSlow(options)
    ratios.push(p99.meanwhile / ((p99.before + p99.after) / 2))
    say(
      `  run ${run}: p99 before ${p99.before.toFixed(1)}, with them ${p99.meanwhile.toFixed(1)}, ` +
        `after ${p99.after.toFixed(1)} ms; cut after ${inSeconds(cutAfterSeconds[0])} to ` +
        `${inSeconds(cutAfterSeconds.at(-1))}; ${kibEach.toFixed(0)} KiB of the server's memory for each`,
    )
    figures.none('missed or twice', wrong)
    figures.none(
      'slow ones still there',
      cutAfterSeconds.length === slow ? [] : [`${cutAfterSeconds.length} of ${slow} were cut`],
    )
    figures.atMost(
      'the last slow one cut, seconds',
      cutAfterSeconds.at(-1) ?? Number.POSITIVE_INFINITY,
      cutSeconds,
    )
    figures.atMost('memory of the server for each slow one, KiB', kibEach, CUT_KIB)
  }
  figures.atMost('p99 of the others, × without them', medianOf(ratios), TIMES_WITHOUT)
}

function inSeconds(seconds: number | undefined): string {
  return seconds === undefined ? 'never' : `${seconds.toFixed(1)} s`
}
