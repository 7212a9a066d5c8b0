/**
 * PERF-7: how big the widget is. The first script is `widget.js` with all that it imports; everything is that
 * and what loads later, without the texts of languages, of which an agent has one; the settings, which only admins
 * load, and the reports have measures of their own.
 *
 * `npm run size [folder]`
 */
import { listLanguages, listParts, type Part } from './parts.ts'

const BUDGETS = [
  { name: 'first script', bytes: 25_000, kinds: ['first'] },
  { name: 'everything', bytes: 120_000, kinds: ['first', 'later'] },
  { name: 'settings', bytes: 80_000, kinds: ['settings'] },
  { name: 'reports', bytes: 40_000, kinds: ['reports'] },
] as const

const [folder = 'dist'] = process.argv.slice(2)
const parts = listParts(folder, listLanguages('widget/i18n'))
for (const kind of ['first', 'later', 'settings', 'reports', 'language'] as const) {
  const some = parts.filter((part) => part.kind === kind)
  if (some.length > 0) print(`${kind}\n${some.map(row).join('\n')}`)
}
print('')
process.exitCode = BUDGETS.map(check).every(Boolean) ? 0 : 1

function row({ file, bytes, gzip }: Part): string {
  return `  ${file.padEnd(44)}${count(bytes)} bytes ${count(gzip)} gzip`
}

function check({ name, bytes, kinds }: (typeof BUDGETS)[number]): boolean {
  const some = parts.filter((part) => kinds.some((kind) => kind === part.kind))
  const gzip = some.reduce((sum, part) => sum + part.gzip, 0)
  const isMet = gzip <= bytes
  print(`${isMet ? 'pass' : 'FAIL'}  ${name}: ${count(gzip)} bytes gzip, at most ${count(bytes)}`)
  return isMet
}

function count(value: number): string {
  return value.toLocaleString('en').padStart(8)
}

/** A line for people: this file is a command. */
function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
