/** `npm run bench`: every benchmark of package.json, one after another; ends with 1 where a figure is missed. */
import packageJson from '../../package.json' with { type: 'json' }
import { run } from '../support/run.ts'

const missed: string[] = []
const names = Object.keys(packageJson.scripts).filter((name) => name.startsWith('bench:'))
for (const name of names) {
  process.stdout.write(`\n== npm run ${name}\n`)
  if ((await run('npm', ['run', '-s', name], process.env)) !== 0) missed.push(name)
}
process.stdout.write(
  `\n${names.length - missed.length} of ${names.length} meet their figures` +
    `${missed.length === 0 ? '' : `; not ${missed.join(', ')}`}\n`,
)
process.exitCode = missed.length === 0 ? 0 : 1
