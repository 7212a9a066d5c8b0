import { createDialplanClock } from '../bench/intake-stories.ts'

/** What a dialplan says of a call, one request after another. */
export type Status =
  | 'incoming_start'
  | 'incoming_ring'
  | 'incoming_answer'
  | 'incoming_end'
  | 'outgoing_start'
  | 'outgoing_answer'
  | 'outgoing_end'

/** One request: told, and perhaps acknowledged. */
export interface Sent {
  readonly uniqueId: string
  readonly status: Status
  /** Of the time in which it was sent: the life of a server, the absence of a database. */
  readonly round: number
  readonly sentAt: number
  /** Null until there is an answer; a request whose server was killed never has one. */
  answer: { readonly status: number; readonly text: string; readonly at: number } | null
  /** Why there is none; null as long as that is not known. */
  lost: string | null
}

/** What was sent, and what came of it, for people. */
export function sentInWords({ uniqueId, status, round, answer, lost }: Sent): string {
  const what =
    answer === null ? `no answer (${lost})` : `${answer.status} ${answer.text.slice(0, 100)}`
  return `${uniqueId} ${status} in round ${round}: ${what}`
}

export interface TestCall {
  readonly uniqueId: string
  readonly extension: string
  readonly steps: readonly Status[]
}

/** Somebody with a number of their own, who is in one call or misses two, one after the other. */
export interface Person {
  readonly number: string
  readonly calls: readonly TestCall[]
}

export const EXTENSIONS = ['101', '102', '103', '104', '105', '106']
/** What the unique ids of their calls begin with. */
export const CALLS = '1795265000.'
const TRUNK = '74951000100'
const NUMBERS_FROM = 79_160_000_000

const MISSED: readonly Status[] = ['incoming_start', 'incoming_ring', 'incoming_end']
const ANSWERED: readonly Status[] = [
  'incoming_start',
  'incoming_ring',
  'incoming_answer',
  'incoming_end',
]
const CALLED: readonly Status[] = ['outgoing_start', 'outgoing_answer', 'outgoing_end']
const CALLED_IN_VAIN: readonly Status[] = ['outgoing_start', 'outgoing_end']

/** Makes people, each of them other than all before. */
export function createPeople(random: () => number): () => Person {
  let people = 0
  return () => {
    people += 1
    const first = Math.floor(random() * EXTENSIONS.length)
    const call = (steps: readonly Status[], nth = 0): TestCall => ({
      uniqueId: `${CALLS}${people * 2 + nth}`,
      // Another one each time: an end that lost its call is never taken for that of the first.
      extension: EXTENSIONS[(first + nth) % EXTENSIONS.length]!,
      steps,
    })
    return { number: String(NUMBERS_FROM + people), calls: callsBy(random(), call) }
  }
}

function callsBy(
  chance: number,
  call: (steps: readonly Status[], nth?: number) => TestCall,
): readonly TestCall[] {
  if (chance < 0.4) return [call(ANSWERED)]
  if (chance < 0.55) return [call(MISSED)]
  if (chance < 0.75) return [call(MISSED), call(MISSED, 1)]
  return [call(chance < 0.9 ? CALLED : CALLED_IN_VAIN)]
}

const now = createDialplanClock()

/** The body of a request. */
export function bodyOf({ number }: Person, call: TestCall, status: Status): string {
  const isOutgoing = status.startsWith('outgoing')
  const from = isOutgoing ? call.extension : number
  const to = isOutgoing ? number : status === 'incoming_start' ? TRUNK : call.extension
  const fields = `unique_id=${call.uniqueId}&status=${status}&from_user=${from}&to_user=${to}`
  return `datetime=${now()}&${fields}`
}
