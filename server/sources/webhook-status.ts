import { ALIASES, type Alias } from '../setup/connection.ts'

/** What a `status` says: the event, and the queue where the phrase names it. */
export interface Status {
  readonly alias: Alias
  readonly queue: string | null
}

/** What existing dialplans send (CALL-4). */
const PHRASES = {
  'start of an incoming call': 'incoming_start',
  'incoming call to personal number': 'incoming_ring',
  'call to queue': 'incoming_queue',
  'incoming call answered': 'incoming_answer',
  'incoming call is ended': 'incoming_end',
  'outgoing call start': 'outgoing_start',
  'answering an outgoing call': 'outgoing_answer',
  'outgoing call ended': 'outgoing_end',
  'call record': 'record',
} as const satisfies Record<string, Alias>

const BUILT_IN = new Map<string, Alias>([
  ...ALIASES.map((alias) => [alias, alias] as const),
  ...Object.entries(PHRASES),
])

export const STATUS_EXPECTED = `one of: ${[...Object.keys(PHRASES), ...ALIASES]
  .map((phrase) => (phrase === 'call to queue' ? 'call to queue NAME' : phrase))
  .join(', ')}`

export const COMMA_HINT =
  'a comma in a Macro/Gosub argument shifts the following ones; send it as %2C, or use & between extensions.'

/** The phrases of a connection, its own before the built-in ones, in small letters. */
interface Book {
  readonly exact: ReadonlyMap<string, Alias>
  /** Phrases that the name of a queue may follow. */
  readonly beforeQueue: readonly string[]
}

const books = new WeakMap<Readonly<Record<string, Alias>>, Book>()

function bookOf(phrases: Readonly<Record<string, Alias>>): Book {
  const known = books.get(phrases)
  if (known !== undefined) return known
  const exact = new Map(BUILT_IN)
  const beforeQueue: string[] = []
  // The first of those that come to the same counts.
  for (const [phrase, alias] of Object.entries(phrases).reverse()) exact.set(normal(phrase), alias)
  for (const [phrase, alias] of Object.entries(phrases)) {
    const words = normal(phrase)
    if (alias === 'incoming_queue' && words !== '') beforeQueue.push(`${words} `)
  }
  const book = { exact, beforeQueue: [...beforeQueue, 'call to queue '] }
  books.set(phrases, book)
  return book
}

/** The event that a status names; null where it names none. The connection's own phrases go first. */
export function parseStatus(
  found: string,
  phrases: Readonly<Record<string, Alias>>,
): Status | null {
  const { exact, beforeQueue } = bookOf(phrases)
  const asSent = exact.get(found)
  if (asSent !== undefined) return { alias: asSent, queue: null }
  const wanted = normal(found)
  const alias = exact.get(wanted)
  if (alias !== undefined) return { alias, queue: null }
  const phrase = beforeQueue.find((each) => wanted.startsWith(each))
  if (phrase === undefined) return null
  return { alias: 'incoming_queue', queue: queueName(found, phrase.split(' ').length - 1) }
}

/** True for text that can only be an event's name. */
export function isPhrase(text: string, phrases: Readonly<Record<string, Alias>>): boolean {
  return parseStatus(text, phrases) !== null
}

/** What follows so many words, as it was written. */
function queueName(found: string, words: number): string {
  let rest = found.trim()
  for (let word = 0; word < words; word += 1) rest = rest.replace(FIRST_WORD, '')
  return rest.trim()
}

const FIRST_WORD = /^[^\s+]+[\s+]+/

function normal(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s+]+/g, ' ')
    .trim()
}
