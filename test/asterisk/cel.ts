/**
 * `npm run test:cel [-- 16|22]`: calls through real Asterisk servers while those and Ringside are killed;
 * every call with somebody outside that Asterisk's own event log (CEL) has must be a call here, in one
 * case (HOLD-5). `--calls`, `--pbx-kills`, `--server-kills`, `--seed`. Where no Asterisk can run it says so and fails.
 */
import { parseArgs } from 'node:util'
import { VERSIONS } from '../../server/simulate/scenario.ts'
import { createFigures, type Figures } from '../faults/figures.ts'
import { startPostgresOrFail } from '../support/postgres.ts'
import { pickSeed } from '../support/random.ts'
import { someOf } from '../support/some-of.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { callByLog, type Heard } from './cel/rounds.ts'
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
      for (const heard of await callByLog({ ...options, version })) print(heard, figures)
    }
  } finally {
    postgres.stop()
  }
  say(`seed ${options.seed}`)
  return figures.areMet() ? 0 : 1
}

function print(heard: Heard, figures: Figures): void {
  const { kind, logged, known, hidden, undisturbed } = heard
  say(`  ${kind} alone: ${logged} calls in the PBX's log, ${known} known here`)
  say(
    `  ${hidden.length} wholly inside the ${heard.deafSeconds.toFixed(0)} s in which nothing could be heard, and in no CDR that ${kind} tells afterwards (HOLD-4): not known`,
  )
  figures.none('heard in part, and lost', heard.lost)
  figures.none('several calls for one', heard.doubled)
  figures.none('not in exactly one case', heard.notInOneCase)
  figures.none('calls that the PBX does not know', heard.invented)
  figures.none(`wrong, of ${undisturbed} that no fault was near, or not ended`, heard.wrong)
}

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
process.exitCode = await main(stop.signal)
