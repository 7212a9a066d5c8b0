import type { Phone } from '../calls/call.ts'

/** How somebody is found in a text: by their numbers, names and addresses. */
export interface PersonText {
  /** For the database: finds a little too much, also in JSON as it is kept. Null: nothing to look for. */
  readonly pattern: string | null
  /** The text without the person; the same text where nobody of them is in it. */
  redact(text: string): string
  /** Any JSON value, its strings redacted; the same value where nothing was found. */
  redactJson(value: unknown): unknown
}

const ERASED = '***'
/** What people put between digits and words; in JSON a line break is two characters. */
const BETWEEN_DIGITS = '[^0-9A-Za-z]{0,3}'
const BETWEEN_WORDS = { sql: '[^[:alnum:]]{1,4}n?', js: String.raw`[^\p{L}\p{N}]{1,4}` }
/** What is dialled in front of a number: `8 (0`, `00375`, `+375 `. */
const PREFIX = `\\+?(?:[0-9]{1,5}${BETWEEN_DIGITS}){0,3}`
/** Shorter ones are extensions, and parts of everything. */
const MIN_DIGITS = 5
const MIN_WORD = 6

/** The digits of a number without what depends on from where it is dialled. */
export function numberForms({ raw, e164, display }: Phone): readonly string[] {
  if (e164 === null) return [raw.replaceAll(/\D/g, '')]
  const country = /^\+(\d+) /.exec(display)?.[1] ?? ''
  return [e164.slice(1 + country.length)]
}

/** `numbers`: digits; `words`: names and addresses. One short word is everybody's: it is not looked for. */
export function personText(numbers: readonly string[], words: readonly string[]): PersonText {
  const digits = [...new Set(numbers)].filter((number) => number.length >= MIN_DIGITS)
  const names = [
    ...new Set(
      words
        .map(toWords)
        .filter(isTelling)
        .map((each) => each.join(' ')),
    ),
  ]
  const spelled = digits.map((number) => [...number].join(BETWEEN_DIGITS))
  const inSql = [...spelled, ...names.map((name) => name.split(' ').join(BETWEEN_WORDS.sql))]
  const inJs = [
    ...spelled.map((number) => `(?<![0-9])(?:${PREFIX})?${number}(?![0-9])`),
    ...names.map(
      (name) =>
        String.raw`(?<![\p{L}\p{N}])${name.split(' ').join(BETWEEN_WORDS.js)}(?![\p{L}\p{N}])`,
    ),
  ]
  const found = inJs.length === 0 ? null : new RegExp(inJs.join('|'), 'giu')
  const redact = (text: string): string => (found === null ? text : text.replaceAll(found, ERASED))
  const redactJson = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value)
    if (typeof value === 'number') {
      const text = String(value)
      return redact(text) === text ? value : ERASED
    }
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(redactJson)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [redact(name), redactJson(item)]),
    )
  }
  return { pattern: inSql.length === 0 ? null : inSql.join('|'), redact, redactJson }
}

function toWords(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? []
}

function isTelling(words: readonly string[]): boolean {
  return words.length > 1 || (words[0]?.length ?? 0) >= MIN_WORD
}
