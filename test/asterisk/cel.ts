/**
 * `npm run test:cel [-- 16|22]`: calls through real Asterisk servers while those and Ringside are killed;
 * every call with somebody outside that Asterisk's own event log (CEL) has must be a call here, in one
 * case (HOLD-5). `--calls`, `--pbx-kills`, `--server-kills`, `--seed`. Where no Asterisk can run it says so and fails.
 * A short form of it is part of `npm run test:asterisk`.
 */
import { parseArgs } from 'node:util'
import { VERSIONS } from '../../server/simulate/scenario.ts'
import { createFigures } from '../faults/figures.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { tellByLog } from './cel/told.ts'
import { installAsterisk } from './rig.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    calls: { type: 'string', default: '1000' },
    'pbx-kills': { type: 'string', default: '10' },
    'server-kills': { type: 'string', default: '10' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(signal: AbortSignal): Promise<number> {
  const versions = someOf(positionals, VERSIONS)
  for (const version of versions) {
    const obstacle = await installAsterisk(version, signal)
    if (obstacle !== null) throw new Error(obstacle)
  }
  const postgres = await startPostgresOrFail()
  const options = {
    calls: wholeNumber('calls', values.calls),
    pbxKills: wholeNumber('pbx-kills', values['pbx-kills'], 0),
    serverKills: wholeNumber('server-kills', values['server-kills'], 0),
    seed: wholeNumber('seed', values.seed, 0),
    postgresUrl: postgres.url,
    say,
    signal,
  }
  say(`seed ${options.seed}`)
  const figures = createFigures(say)
  try {
    for (const version of versions) {
      const { calls, pbxKills, serverKills } = options
      say(
        `\nHOLD-5 Asterisk ${version}: ${calls} calls, PBX killed ${pbxKills} times, servers ${serverKills}`,
      )
      await tellByLog({ ...options, version }, figures)
    }
  } finally {
    postgres.stop()
  }
  say(`seed ${options.seed}`)
  return figures.areMet() ? 0 : 1
}

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
process.exitCode = await main(stop.signal)
