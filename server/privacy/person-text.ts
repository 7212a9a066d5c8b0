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
/** Shorter ones are extensions, and parts of everything. */
const MIN_DIGITS = 5
/** So many are nobody else's, also inside a longer string of digits, such as a file's name. */
const TELLING_DIGITS = 9
const MIN_WORD = 6
/** An instant or an id, whatever digits it is made of. */
const NOT_A_TEXT = /^(\d{4}-\d\d-\d\dT[\d:.]+Z|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/

/** `7 9161234567`: the country's code, and the number within the country. */
export function numberForms({ raw, e164, display }: Phone): readonly string[] {
  if (e164 === null) return [raw.replaceAll(/\D/g, '')]
  const country = /^\+(\d+) /.exec(display)?.[1]
  if (country === undefined) return [e164.slice(1)]
  return [`${country} ${e164.slice(1 + country.length)}`]
}

/** `numbers`: of `numberForms`; `words`: names and addresses. One short word is everybody's: it is not looked for. */
export function personText(numbers: readonly string[], words: readonly string[]): PersonText {
  const found = [...new Set(numbers)]
    .map(toNumber)
    .filter(({ digits }) => digits.length >= MIN_DIGITS)
  const names = [
    ...new Set(
      words
        .map(toWords)
        .filter(isTelling)
        .map((each) => each.join(' ')),
    ),
  ]
  const inSql = [
    ...found.map(({ digits }) => spell(digits)),
    ...names.map((name) => name.split(' ').map(inAnyCase).join(BETWEEN_WORDS.sql)),
  ]
  const inJs = [...found.map(numberPattern), ...names.map(namePattern)]
  const pattern = inJs.length === 0 ? null : new RegExp(inJs.join('|'), 'giu')
  const redact = (text: string): string =>
    pattern === null || NOT_A_TEXT.test(text) ? text : text.replaceAll(pattern, ERASED)
  const redactJson = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value)
    if (typeof value === 'number') return redact(String(value)) === String(value) ? value : ERASED
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(redactJson)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [redact(name), redactJson(item)]),
    )
  }
  return { pattern: inSql.length === 0 ? null : inSql.join('|'), redact, redactJson }
}

interface Number {
  readonly country: string
  readonly digits: string
}

function toNumber(form: string): Number {
  const [first = '', second] = form.split(' ')
  return second === undefined ? { country: '', digits: first } : { country: first, digits: second }
}

function spell(digits: string): string {
  return [...digits].join(BETWEEN_DIGITS)
}

/** With what is dialled in front of it: `+375 (`, `8 (0`, `00375`, `9,8`. */
function numberPattern({ country, digits }: Number): string {
  if (digits.length < TELLING_DIGITS) {
    const spelled = [...digits].join('[ ().-]{0,2}')
    return `(?<![0-9])(?:\\+?${country}[ ().-]{0,3})?${spelled}(?![0-9])`
  }
  const abroad = `(?:\\+|00|011|8[ -]?10)?[ -]?${country}[\\s().\\-/]{0,3}`
  const within = `(?:[08][\\s().\\-/]{0,3}){0,2}`
  return `(?:(?<![0-9])(?:${abroad})?${within}|\\+?[0-9]*)${spell(digits)}[0-9]*`
}

function namePattern(name: string): string {
  const spelled = name.split(' ').join(BETWEEN_WORDS.js)
  return String.raw`(?<![\p{L}\p{N}])${spelled}(?![\p{L}\p{N}])`
}

/** A database that was made for the locale `C` knows the case of ASCII only. */
function inAnyCase(word: string): string {
  return [...word]
    .map((letter) => {
      const cases = [letter, letter.toLowerCase(), letter.toUpperCase()]
      const others = cases.filter((each) => [...each].length === 1)
      return new Set(others).size > 1 ? `[${[...new Set(others)].join('')}]` : letter
    })
    .join('')
}

function toWords(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? []
}

function isTelling(words: readonly string[]): boolean {
  return words.length > 1 || (words[0]?.length ?? 0) >= MIN_WORD
}
