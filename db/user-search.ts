/**
 * USER-2: one folded text per user, found by trigrams. What is looked for is folded the same way, so
 * that case, accents and the punctuation of numbers do not matter.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Db } from './database.ts'
import { knownWords, type NearWord, nearWords, transpositions } from './user-words.ts'
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
const MAX_MEANINGS = 8
/** Of those with a mistake it does not matter which: to sort thousands of them takes longer than to find them. */
const MAX_NEAR = 200

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

/** A way in which a term may have been meant. */
interface Meant {
  readonly text: string
  readonly score: number
}

/**
 * With typing mistakes: each word that no user has is read as the nearest that users have, and only where that finds
 * nobody every word as all that are like it.
 */
async function findNear(db: Db, terms: readonly Term[], search: UserSearch): Promise<Hit[]> {
  if (terms.length === 1 && terms.every(({ word }) => isNumber(word))) {
    return findNearNumber(db, search)
  }
  const parts = [...new Set(terms.flatMap(({ word }) => partsOf(word)))]
  const known = await knownWords(db, parts)
  const unknown = parts.filter((part) => !known.has(part))
  const near = new Map(await nearWords(db, unknown))
  for (const word of known) near.set(word, [{ word, score: 1 }])
  const meant = terms.map((term) => meanings(term, near))
  const best = meant.map((each) => each.filter(({ score }) => score === each[0]?.score).slice(0, 3))
  const found = await findMeant(db, best, search)
  if (found.length > 0) return found
  for (const [word, each] of await nearWords(db, [...known])) near.set(word, each)
  return findMeant(
    db,
    terms.map((term) => meanings(term, near)),
    search,
  )
}

/** The letters of a term, without digits and punctuation: that is how `user_words` has them. */
function partsOf(word: string): string[] {
  return word.split(/[\s\d\p{P}\p{S}]+/u).filter((part) => part.length >= 3 && part.length <= 40)
}

/** The term as it was written, and with its parts as they may have been meant; best first. */
function meanings(
  { word, spellings }: Term,
  near: ReadonlyMap<string, readonly NearWord[]>,
): Meant[] {
  if (isNumber(word)) return spellings.map((text) => ({ text, score: 1 }))
  let all: Meant[] = [{ text: word, score: 1 }]
  const parts = partsOf(word)
  if (parts.length === 0) return all
  for (const part of parts) {
    // The best of all begin with the best so far; every way of fifty parts would be more than fits into memory.
    all = (near.get(part) ?? [])
      .flatMap((each) =>
        all.map(({ text, score }) => ({
          text: text.replace(part, () => each.word),
          score: score * each.score,
        })),
      )
      .sort((a, b) => b.score - a.score)
      .slice(0, MAX_MEANINGS)
  }
  return all
}

/** Those who have one meaning of each term. */
async function findMeant(
  db: Db,
  meant: readonly (readonly Meant[])[],
  search: UserSearch,
): Promise<Hit[]> {
  if (meant.some((each) => each.length === 0)) return []
  const all = sql.join(
    meant.map((each) => anyOf(each.map(({ text }) => `%${escapeLike(text)}%`))),
    sql` and `,
  )
  const scores = meant.map((each) => {
    const cases = each.map(
      ({ text, score }) => sql`when search like ${`%${escapeLike(text)}%`} then ${score}::float8`,
    )
    return sql`case ${sql.join(cases, sql` `)} else 0 end`
  })
  const { rows } = await sql<Hit>`
    select id, round((0.9 * (${sql.join(scores, sql` + `)}) / ${sql.lit(meant.length)})::numeric, 4)::float8 as score
    from (
      select id, search from users where ${all} ${only(search)} limit ${sql.lit(MAX_NEAR)}
    ) as candidates
  `.execute(db)
  return rows
}

/** A whole number with one mistake: each number that may have been meant is looked up. */
async function findNearNumber(db: Db, search: UserSearch): Promise<Hit[]> {
  if (search.phoneKey === null) return []
  const { rows } = await sql<Hit>`
    select id, 0.8::float8 as score from users
    where id in (select user_id from user_phones where key in (${sql.join(nearNumbers(search.phoneKey))}))
      ${only(search)}
    order by id desc limit ${sql.lit(MAX_CANDIDATES)}
  `.execute(db)
  return rows
}

const DIGITS = [...'0123456789']

/** The number with one digit missing, too many, another one, or two in the wrong order. */
function nearNumbers(key: string): string[] {
  const near = new Set<string>(transpositions(key))
  for (let at = key.startsWith('+') ? 1 : 0; at <= key.length; at += 1) {
    const [before, after] = [key.slice(0, at), key.slice(at)]
    near.add(before + after.slice(1))
    for (const digit of DIGITS) {
      near.add(before + digit + after)
      near.add(before + digit + after.slice(1))
    }
  }
  return [...near]
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
