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

/** The event that a status names; null where it names none. The connection's own phrases go first. */
export function parseStatus(
  found: string,
  phrases: Readonly<Record<string, Alias>>,
): Status | null {
  const text = found
    .trim()
    .replace(/[\s+]+/g, ' ')
    .trim()
  const wanted = normal(text)
  const own = Object.entries(phrases).map(([phrase, alias]) => [normal(phrase), alias] as const)
  const exact = own.find(([phrase]) => phrase === wanted)?.[1] ?? BUILT_IN.get(wanted)
  if (exact !== undefined) return { alias: exact, queue: null }
  for (const [phrase, alias] of [...own, ['call to queue', 'incoming_queue'] as const]) {
    if (alias === 'incoming_queue' && phrase !== '' && wanted.startsWith(`${phrase} `)) {
      return { alias, queue: queueName(found, phrase) }
    }
  }
  return null
}

/** True for text that can only be an event's name. */
export function isPhrase(text: string, phrases: Readonly<Record<string, Alias>>): boolean {
  return parseStatus(text, phrases) !== null
}

/** What follows the phrase, as it was written. */
function queueName(found: string, phrase: string): string {
  const words = phrase.split(' ').length
  return found
    .trim()
    .replace(new RegExp(`^(?:[^\\s+]+[\\s+]+){${words}}`), '')
    .trim()
}

function normal(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s+]+/g, ' ')
    .trim()
}
