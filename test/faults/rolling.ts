/** `npm run test:rolling [-- --rolls 20] [-- --drain 15]`: a rolling restart behind HAProxy while calls ring. */
import { parseArgs } from 'node:util'
import { startPostgres } from '../support/postgres.ts'
import { whyNot } from '../support/proxy.ts'
import { rollOver } from './rolling-check.ts'

const { values } = parseArgs({
  options: { rolls: { type: 'string', default: '20' }, drain: { type: 'string', default: '15' } },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const obstacle = whyNot('haproxy')
const postgres = obstacle === false ? await startPostgres() : { missing: obstacle }
if ('missing' in postgres) say(`skipped: ${postgres.missing}`)
else {
  try {
    const how = { rolls: Number(values.rolls), drainSeconds: Number(values.drain) }
    const findings = await rollOver(postgres.url, how)
    for (const { what, found, isRight } of findings)
      say(`${isRight ? 'right' : 'WRONG'}  ${what}: ${found}`)
    process.exitCode = findings.every(({ isRight }) => isRight) ? 0 : 1
  } finally {
    postgres.stop()
  }
}
