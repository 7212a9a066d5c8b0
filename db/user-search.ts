/**
 * USER-2: one folded text per user, found by trigrams. What is looked for is folded the same way, so
 * that case, accents and the punctuation of numbers do not matter.
 */
import { type RawBuilder, sql } from 'kysely'
import { type Db, inTransaction } from './database.ts'
import type { UserFacts } from './users.ts'

/** The name first, then everything else, one thing a line. */
export function toSearchText(facts: UserFacts): string {
  const { name, email, company, externalId, note, fields, phones } = facts
  const numbers = phones.flatMap(({ raw, e164, display }) => [
    display,
    raw,
    (e164 ?? '').replaceAll(/\D/g, ''),
    raw.replaceAll(/\D/g, ''),
  ])
  const values = Object.values(fields).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  )
  const parts = [name, email ?? '', company ?? '', externalId ?? '', ...numbers, ...values, note]
  const lines = new Set(parts.map((part) => fold(part)).filter((part) => part !== ''))
  return `${[...lines].join('\n')}\n`
}

/** Without case and accents: `José` is found as `jose`, `Ё` as `е`. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toWellFormed()
}

export interface UserSearch {
  readonly text: string
  /** The text read as a number: its key and its E.164 digits, where it can be one. */
  readonly phoneKey: string | null
  /** Only users with this number. */
  readonly onlyPhoneKey: string | null
}

export interface Hit {
  readonly id: string
  readonly score: number
}

/** One word of what is looked for, with other ways to write it. */
interface Term {
  readonly word: string
  readonly spellings: readonly string[]
}

/** As many as are ranked; who looks for more than that has not said enough. */
const MAX_CANDIDATES = 500
/** With fewer exact finds than this, those with typing mistakes are looked for too. */
const ENOUGH = 20
const MAX_TERMS = 8

/** The users that the text finds, best first, the same order every time. */
export async function searchUsers(db: Db, search: UserSearch): Promise<readonly Hit[]> {
  const phrase = fold(search.text).slice(0, 200)
  const terms = toTerms(phrase, search.phoneKey)
  if (terms.length === 0) return []
  const exact = await findExact(db, phrase, terms, search)
  const known = new Set(exact.map(({ id }) => id))
  const near = exact.length >= ENOUGH ? [] : await findNear(db, terms, search)
  return [...exact, ...near.filter(({ id }) => !known.has(id))].sort(
    (a, b) => b.score - a.score || (a.id < b.id ? 1 : -1),
  )
}

/** Several words, or one number with its punctuation. */
function toTerms(phrase: string, phoneKey: string | null): Term[] {
  if (isNumber(phrase)) return [toTerm(phrase, phoneKey)]
  return phrase
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, MAX_TERMS)
    .map((word) => toTerm(word, null))
}

function toTerm(word: string, phoneKey: string | null): Term {
  if (!isNumber(word)) return { word, spellings: [word] }
  const digits = word.replaceAll(/\D/g, '')
  const spellings = [word, digits]
  if (phoneKey !== null) spellings.push(phoneKey.replaceAll(/\D/g, ''))
  // Without what is dialled in front of a number within its country: 8 029…, 0171…
  if (digits.length >= 9) spellings.push(digits.slice(-7))
  return { word: digits, spellings: [...new Set(spellings)].filter((text) => text !== '') }
}

function isNumber(text: string): boolean {
  return /^[+\d\s().\-/]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 3
}

async function findExact(
  db: Db,
  phrase: string,
  terms: readonly Term[],
  search: UserSearch,
): Promise<Hit[]> {
  const all = sql.join(
    terms.map(({ spellings }) => anyOf(spellings.map((text) => `%${escapeLike(text)}%`))),
    sql` and `,
  )
  const whole = escapeLike(phrase)
  const owns =
    search.phoneKey === null
      ? sql`false`
      : sql`id in (select user_id from user_phones where key = ${search.phoneKey})`
  const { rows } = await sql<Hit>`
    select id, (case
      when ${owns} then 5
      when search like ${`${whole}\n%`} then 4
      when search like ${`%\n${whole}\n%`} then 3.5
      when search like ${`${whole}%`} then 3
      when ${anyOf([`% ${whole}%`, `%\n${whole}%`])} then 2
      when search like ${`%${whole}%`} then 1.5
      else 1 end)::float8 as score
    from (
      (select id, search from users where ${all} ${only(search)}
        order by id desc limit ${sql.lit(MAX_CANDIDATES)})
      union
      (select id, search from users where ${owns} ${only(search)}
        order by id desc limit ${sql.lit(MAX_CANDIDATES)})
    ) as candidates
  `.execute(db)
  return rows
}

/**
 * With typing mistakes: letters in the wrong order are tried as they may have been meant, for all
 * others the trigrams in common decide. The index serves both.
 */
async function findNear(db: Db, terms: readonly Term[], search: UserSearch): Promise<Hit[]> {
  if (terms.every(({ word }) => word.length < 3)) return []
  const all = sql.join(terms.map(isNear), sql` and `)
  const scores = terms.map(
    ({ word, spellings }) => sql`case
      when ${anyOf(spellings.map((text) => `%${escapeLike(text)}%`))} then 1
      when ${anyOf(transpositions(word).map((text) => `%${escapeLike(text)}%`))} then 0.9
      else word_similarity(${word}, search) end`,
  )
  const sum = sql.join(scores, sql` + `)
  return inTransaction(db, async (tx) => {
    await sql`select set_config('pg_trgm.word_similarity_threshold', '0.4', true)`.execute(tx)
    const { rows } = await sql<Hit>`
      select id, round((0.9 * (${sum}) / ${sql.lit(terms.length)})::numeric, 4)::float8 as score
      from (
        select id, search from users where ${all} ${only(search)}
        order by id desc limit ${sql.lit(MAX_CANDIDATES)}
      ) as candidates
    `.execute(tx)
    return rows
  })
}

function isNear({ word, spellings }: Term): RawBuilder<unknown> {
  const written = [...spellings, ...transpositions(word)].map((text) => `%${escapeLike(text)}%`)
  if (word.length < 3) return anyOf(written)
  return sql`(${anyOf(written)} or ${word} <% search)`
}

/** `jhon` → `hjon`, `john`, `jhno`; only of words in which that is a likely mistake. */
function transpositions(word: string): string[] {
  if (word.length < 3 || word.length > 12) return []
  const letters = [...word]
  return letters.slice(1).flatMap((letter, index) => {
    const before = letters[index] ?? ''
    if (letter === before) return []
    return letters
      .with(index, letter)
      .with(index + 1, before)
      .join('')
  })
}

function only({ onlyPhoneKey }: UserSearch): RawBuilder<unknown> {
  return onlyPhoneKey === null
    ? sql``
    : sql`and id in (select user_id from user_phones where key = ${onlyPhoneKey})`
}

function anyOf(patterns: readonly string[]): RawBuilder<unknown> {
  if (patterns.length === 0) return sql`false`
  return sql`(${sql.join(
    patterns.map((pattern) => sql`search like ${pattern}`),
    sql` or `,
  )})`
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}
