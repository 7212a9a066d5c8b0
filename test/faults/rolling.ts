/** `npm run test:rolling [-- --rolls 20] [-- --drain 15]`: a rolling restart behind HAProxy, without which it fails, while calls ring. */
import { parseArgs } from 'node:util'
import { startPostgresOrFail } from '../support/postgres.ts'
import { whyNot } from '../support/proxy.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { rollOver } from './rolling-check.ts'

const { values } = parseArgs({
  options: { rolls: { type: 'string', default: '20' }, drain: { type: 'string', default: '15' } },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const rolls = wholeNumber('rolls', values.rolls)
const drainSeconds = wholeNumber('drain', values.drain, 0)
const obstacle = whyNot('haproxy')
if (obstacle !== false) throw new Error(obstacle)
const postgres = await startPostgresOrFail()
try {
  const findings = await rollOver(postgres.url, { rolls, drainSeconds })
  for (const { what, found, isRight } of findings)
    say(`${isRight ? 'right' : 'WRONG'}  ${what}: ${found}`)
  process.exitCode = findings.every(({ isRight }) => isRight) ? 0 : 1
} finally {
  postgres.stop()
}
