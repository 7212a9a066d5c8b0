/**
 * `npm run test:hostile [-- --texts=836 --only=data,questions,statements,browser --seed=N]`: the lists of hostile texts (SAFE-1) through every
 * intake into every place where text shows; ends with 1 where one of them was more than text. `--from=N`: goes on after so many of them, of the
 * same seed; the browser takes hours. `--lists=FILE,…`: the texts of other lists instead, one a line, as the wordlists of Debian's
 * package `wfuzz`.
 */
import { parseArgs } from 'node:util'
import { launchBrowser } from '../support/browser.ts'
import { openInMemory } from '../support/in-memory.ts'
import { pickSeed } from '../support/random.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { createWorld } from '../support/world.ts'
import { tryBrowser } from './hostile-browser.ts'
import { tryData } from './hostile-data.ts'
import { trySpool } from './hostile-files.ts'
import { WAYS } from './hostile-live.ts'
import { unseenIn } from './hostile-seen.ts'
import { compareShapes } from './hostile-shapes.ts'
import { compareStatements } from './hostile-statements.ts'
import { HOSTILE_TEXTS, someOf, textsOf } from './hostile-texts.ts'

const TEXTS_A_TIME = 60

const { values } = parseArgs({
  options: {
    texts: { type: 'string', default: String(HOSTILE_TEXTS.length) },
    from: { type: 'string', default: '0' },
    lists: { type: 'string' },
    only: { type: 'string', default: 'data,questions,statements,browser' },
    seed: { type: 'string', default: String(pickSeed()) },
  },
})
const seed = wholeNumber('seed', values.seed, 0)
const all =
  values.lists === undefined
    ? someOf(wholeNumber('texts', values.texts), seed)
    : textsOf(values.lists.split(','))
const texts = all.slice(wholeNumber('from', values.from, 0))
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const failures: string[] = []

say(`${texts.length} of ${all.length} texts, --seed=${seed}`)
const parts = { data, questions, statements, browser }
for (const name of values.only.split(',')) {
  const part = parts[name as keyof typeof parts]
  if (part === undefined) {
    throw new Error(`--only has "${name}", expected some of ${Object.keys(parts).join()}`)
  }
  const from = performance.now()
  failures.push(...(await part()))
  say(`${name}: ${((performance.now() - from) / 1000).toFixed(0)} s`)
}
for (const each of failures) say(`  ${each}`)
say(`${failures.length} failures (figure: 0)`)
process.exitCode = failures.length === 0 ? 0 : 1

async function data(): Promise<readonly string[]> {
  const database = await openInMemory()
  const world = await createWorld(async () => database)
  const result = await tryData(world, texts, { round: 1 })
  await world.close()
  await database.close()
  say(`kept as told: ${result.calls} calls, ${result.failures.length} failures`)
  return [...result.failures, ...(await trySpool(texts))]
}

async function questions(): Promise<readonly string[]> {
  await using database = await openInMemory()
  const result = await compareStatements(database, texts)
  const { questions: asked, asTwin, failures: found } = result
  say(`statements of a question: ${asked} compared, ${asTwin} of them as its harmless twin’s`)
  return found
}

async function statements(): Promise<readonly string[]> {
  const result = await compareShapes(texts)
  if ('missing' in result) return [result.missing]
  const { hostile, harmless, onlyHostile, onlyHarmless } = result
  say(`shapes of statements: ${hostile} by hostile texts, ${harmless} by harmless ones`)
  return [
    ...result.failures,
    ...onlyHostile.map((each) => `only by hostile texts: ${each}`),
    ...onlyHarmless.map((each) => `only by harmless texts: ${each}`),
  ]
}

/** In parts, each with pages of its own: a token is good for an hour. */
async function browser(): Promise<readonly string[]> {
  const chromium = await launchBrowser()
  const places = new Map<string, number>()
  const found: string[] = []
  for (let start = 0; start < texts.length; start += TEXTS_A_TIME) {
    const part = texts.slice(start, start + TEXTS_A_TIME)
    const result = await tryBrowser(chromium, { texts: part, wayOf: () => WAYS })
    for (const [place, count] of Object.entries(result.shown)) {
      places.set(place, (places.get(place) ?? 0) + count)
    }
    found.push(...result.failures, ...unseenIn(result.shown, part))
    say(`browser: ${start + part.length} texts, ${found.length} failures`)
  }
  await chromium.close()
  for (const [place, count] of places) say(`shown in ${place}: ${count}`)
  return found
}
