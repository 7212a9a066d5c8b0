import { createRandom } from '../support/random.ts'

/** What a dialplan says of one call, event after event. */
export interface Story {
  readonly uniqueId: string
  /** Which PBX tells it. */
  readonly connection: number
  readonly steps: readonly Step[]
}

export interface Step {
  /** The fields of the webhook, all but the time. */
  readonly fields: string
  /** How far the call is after this event: the place of its state in `STATES`. */
  readonly rank: number
}

/** The states of a call in the order in which they come. */
export const STATES = ['started', 'ringing', 'answered', 'ended']

export const CONNECTIONS = 4
export const EXTENSIONS = Array.from({ length: 20 }, (_, index) => String(101 + index))
const TRUNK = '74951000100'
/** Every number calls about twice. */
const CALLS_PER_NUMBER = 2

type Told = readonly [status: string, rank: number, to: string]

/**
 * Calls as an office has them, the same for the same seed: answered ones, missed ones, some through a queue, some
 * outgoing. `first`: where their ids begin, so that two loads tell of different calls.
 */
export function createStories(seed: number, calls: number, first = 0): () => Story {
  const random = createRandom(seed)
  const pick = (count: number): number => Math.floor(random() * count)
  const numbers = Math.max(1, Math.ceil(calls / CALLS_PER_NUMBER))
  let told = first
  return () => {
    told += 1
    const connection = pick(CONNECTIONS)
    const number = `7916${String(first + pick(numbers)).padStart(7, '0')}`
    const at = pick(EXTENSIONS.length - 2)
    const kind = random()
    const uniqueId = `1640854015.${told}`
    const isOutgoing = kind >= 0.85
    const from = isOutgoing ? EXTENSIONS[at]! : number
    const steps = isOutgoing ? outgoing(number) : incoming(kind, EXTENSIONS.slice(at, at + 3))
    return {
      uniqueId,
      connection,
      steps: steps.map(([status, rank, to]) => ({
        rank,
        fields: `unique_id=${uniqueId}&status=${encodeURIComponent(status)}&from_user=${from}&to_user=${encodeURIComponent(to)}`,
      })),
    }
  }
}

function outgoing(number: string): readonly Told[] {
  return [
    ['outgoing_start', 0, number],
    ['outgoing_answer', 2, number],
    ['outgoing_end', 3, number],
  ]
}

function incoming(kind: number, extensions: readonly string[]): readonly Told[] {
  const extension = extensions[0]!
  const start: Told = ['incoming_start', 0, TRUNK]
  const ring: Told = ['incoming_ring', 1, extension]
  const end: Told = ['incoming_end', 3, extension]
  if (kind < 0.2) return [start, ring, end]
  const answer: Told = ['incoming_answer', 2, extension]
  if (kind < 0.65) return [start, ring, answer, end]
  return [start, ['call to queue support', 1, extensions.join(',')], answer, end]
}

/** `21.11.2026-02:19:19`, as a dialplan in UTC writes it. */
export function createDialplanClock(): () => string {
  let second = -1
  let text = ''
  return () => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      second = now
      const [date = '', time = ''] = new Date(now * 1000).toISOString().slice(0, 19).split('T')
      text = `${date.split('-').reverse().join('.')}-${time}`
    }
    return text
  }
}
