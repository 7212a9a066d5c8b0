/**
 * What was meant by a word with a typing mistake (USER-2): the words that users have and that are like it. There are
 * far fewer words than users: 3 ms for a million users, where the texts themselves take seconds.
 */
import { sql } from 'kysely'
import { type Db, inTransaction } from './database.ts'

export interface NearWord {
  readonly word: string
  /** From 0 to 1: how likely it was meant. */
  readonly score: number
}

/** As many are compared letter by letter. */
const MAX_COMPARED = 60
const MAX_NEAR = 8
/** With more mistakes than that, only what has much in common counts. */
const SCORES = [1, 0.9, 0.8]

/** For each of the words those that may have been meant, best first; itself where users have it. */
export async function nearWords(
  db: Db,
  words: readonly string[],
): Promise<ReadonlyMap<string, readonly NearWord[]>> {
  const found = new Map<string, NearWord[]>()
  for (const { asked, word, alike } of await likeWords(db, words)) {
    const mistakes = distance(asked, word)
    const score = asked.length < 6 && mistakes === 2 ? alike : (SCORES[mistakes] ?? alike)
    found.set(asked, [...(found.get(asked) ?? []), { word, score }])
  }
  for (const [asked, near] of found) {
    near.sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
    found.set(asked, near.slice(0, MAX_NEAR))
  }
  return found
}

interface Like {
  readonly asked: string
  readonly word: string
  readonly alike: number
}

/** By the trigrams in common; of letters in the wrong order, short words have none. */
function likeWords(db: Db, words: readonly string[]): Promise<readonly Like[]> {
  return inTransaction(db, async (tx) => {
    const found: Like[] = []
    for (const word of words) {
      const near = await likeWord(tx, word, leastAlike(word))
      // With more than one mistake: only then, because it costs ten times as much.
      found.push(...(near.length > 0 ? near : await likeWord(tx, word, LEAST_ALIKE)))
    }
    return found
  })
}

const LEAST_ALIKE = 0.4

/** One mistake takes three trigrams: of a long word most are left. */
function leastAlike(word: string): number {
  if (word.length < 6) return LEAST_ALIKE
  return word.length < 8 ? 0.5 : 0.6
}

async function likeWord(tx: Db, word: string, least: number): Promise<readonly Like[]> {
  const swapped = sql.join([word, ...transpositions(word)])
  await sql`select set_config('pg_trgm.word_similarity_threshold', ${String(least)}, true)`.execute(
    tx,
  )
  const { rows } = await sql<Like>`
    (select ${word}::text as asked, word, 0.9::float8 as alike from user_words
      where word in (${swapped}))
    union all
    (select ${word}::text, word, similarity(${word}, word)::float8 from user_words
      where ${word} <% word and word not in (${swapped})
      order by 3 desc, word limit ${sql.lit(MAX_COMPARED)})
  `.execute(tx)
  return rows
}

/** Those of the words that users have just so. */
export async function knownWords(db: Db, words: readonly string[]): Promise<ReadonlySet<string>> {
  if (words.length === 0) return new Set()
  const { rows } = await sql<{ word: string }>`
    select word from user_words where word in (${sql.join(words)})
  `.execute(db)
  return new Set(rows.map(({ word }) => word))
}

/** `jhon` → `hjon`, `john`, `jhno`; only of words in which that is a likely mistake. */
export function transpositions(word: string): string[] {
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

/** How many letters are missing, too many, others, or in the wrong order. */
export function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      let least = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
      )
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwapped) least = Math.min(least, rows[i - 2]![j - 2]! + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
