import { readFileSync } from 'node:fs'
import { createRandom } from '../support/random.ts'

const FOLDER = new URL('../fixtures/hostile/', import.meta.url)

/** The texts of the lists in `test/fixtures/hostile`, each once; `README.md` there says whose they are. */
export const HOSTILE_TEXTS: readonly string[] = [
  ...new Set([...own('xss'), ...own('sql'), ...own('paths'), ...naughty()]),
]

/** The worst of each kind for the places that there are: always tried, however few are. */
export const WORST: readonly string[] = [
  '"><img src=x onerror=alert(1)><svg onload=alert(1)>',
  "'; drop table calls; -- %_\\",
  '$(touch /tmp/ringside-hostile); `touch /tmp/ringside-hostile` ../../../tmp/ringside-hostile',
  `=1+1 \u001b[8m\u202e ${'long '.repeat(40)}`,
]

/** As many of them as are asked for; with the same seed always the same ones. */
export function someOf(count: number, seed: number): readonly string[] {
  if (count >= HOSTILE_TEXTS.length) return HOSTILE_TEXTS
  const random = createRandom(seed)
  return HOSTILE_TEXTS.map((text) => ({ text, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ text }) => text)
}

/** What is left of a text of the phone network: no control characters, no spaces around it (CALL-5). */
export function asTold(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[\t\n\v\f\r]/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
      .trim()
  )
}

/** The texts of other lists, one a line, each once: files that somebody else publishes and that are not here. */
export function textsOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap(linesOf))]
}

function own(name: string): string[] {
  return linesOf(new URL(`${name}.txt`, FOLDER)).filter((line) => !line.startsWith('## '))
}

function linesOf(path: string | URL): string[] {
  return readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
}

function naughty(): string[] {
  const texts = JSON.parse(readFileSync(new URL('blns.json', FOLDER), 'utf8')) as string[]
  return texts.filter((text) => text !== '')
}
