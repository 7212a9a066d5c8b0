import { fold } from '../../db/user-search.ts'
import { createRandom } from '../support/random.ts'
import { type Person, personAt } from './users-people.ts'

/** What somebody looks for, with one typing mistake, and how to see that it was found. */
export interface Question {
  readonly kind: string
  readonly text: string
  readonly meant: string
  isFound(search: string): boolean
}

type Pick = <T>(items: readonly T[]) => T

const KINDS: Readonly<Record<string, (person: Person) => string | null>> = {
  'first and last name': ({ facts }) => facts.name,
  'last name': ({ facts }) => facts.name.split(' ')[1] ?? null,
  'e-mail': ({ facts }) => facts.email,
  company: ({ facts }) => facts.company,
  'name and company': ({ facts }) =>
    facts.company === null ? null : `${facts.name.split(' ')[1]} ${facts.company.split(' ')[0]}`,
  'words of the note': ({ facts }) =>
    facts.note === '' ? null : `${facts.name.split(' ')[1]} ${facts.note.split(' ')[0]}`,
  'a field': ({ facts }) =>
    facts.fields.city === undefined ? null : `${facts.name} ${String(facts.fields.city)}`,
  number: ({ facts }) => facts.phones[0]?.key ?? null,
}

/** As many of each kind, of people chosen by the seed. */
export function createQuestions(seed: number, people: number, ofEach: number): Question[] {
  const random = createRandom(seed + 99)
  const pick: Pick = (items) => items[Math.floor(random() * items.length)]!
  const all: Question[] = []
  for (const [kind, textOf] of Object.entries(KINDS)) {
    for (let made = 0; made < ofEach; ) {
      const person = personAt(seed, Math.floor(random() * people))
      const meant = textOf(person)
      if (meant === null) continue
      all.push(questionOf(kind, meant, person, pick))
      made += 1
    }
  }
  return all
}

function questionOf(kind: string, meant: string, person: Person, pick: Pick): Question {
  const text = kind === 'number' ? mistyped(meant, pick, '0123456789') : mistyped(meant, pick)
  // Whoever has what was meant is right: a name has many bearers, a number mostly one.
  const words = kind === 'number' ? [`\n${person.facts.externalId}\n`] : fold(meant).split(' ')
  return { kind, text, meant, isFound: (search) => words.every((word) => search.includes(word)) }
}

/** One mistake in one word of at least four letters: one left out, doubled, another, or two swapped. */
function mistyped(text: string, pick: Pick, letters?: string): string {
  const words = text.split(' ')
  const long = words.flatMap((word, at) => (word.length >= 4 ? [at] : []))
  const at = pick(long.length > 0 ? long : [0])
  return words.with(at, inWord(words[at] ?? '', pick, letters)).join(' ')
}

function inWord(word: string, pick: Pick, given?: string): string {
  const letters = [...word]
  const places = letters.flatMap((letter, at) => (/[\p{L}\d]/u.test(letter) ? [at] : []))
  // Of an e-mail address the letters before the number, which people mistype as any.
  const at = pick(
    given === undefined ? places.filter((place) => /\p{L}/u.test(letters[place]!)) : places,
  )
  const other = pick([...(given ?? (/\p{Script=Cyrillic}/u.test(word) ? 'аеиоснт' : 'aeionrst'))])
  const mistakes: readonly (() => string[])[] = [
    () => letters.toSpliced(at, 1),
    () => letters.toSpliced(at, 0, letters[at]!),
    () => letters.with(at, other),
    () => (at + 1 < letters.length ? swapped(letters, at) : swapped(letters, at - 1)),
  ]
  return pick(mistakes)().join('')
}

function swapped(letters: readonly string[], at: number): string[] {
  const from = Math.max(at, 0)
  return [
    ...letters.slice(0, from),
    letters[from + 1] ?? '',
    letters[from]!,
    ...letters.slice(from + 2),
  ]
}
