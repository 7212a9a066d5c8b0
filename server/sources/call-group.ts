import type { Direction, LegResult } from '../calls/call.ts'
import type { EventTime } from './channel-event.ts'
import type { Channel } from './channel-table.ts'

/** What the listeners were told of a call so far; only what is new is told. */
export interface Told {
  isStarted: boolean
  isAnswered: boolean
  isEnded: boolean
  /** Extensions that ring or talk. */
  readonly legs: Map<string, 'ringing' | 'talking'>
  /** The extension that holds the customer, `''` for a parking lot; null: nobody holds. */
  heldBy: string | null
}

/** The channels of one call. */
export interface CallGroup {
  /** The call's unique id: that of its first channel. */
  readonly id: string
  /** Null until it is known who calls whom: it may never become a call (voicemail, feature codes). */
  direction: Direction | null
  from: string
  to: string
  queue: string | null
  readonly members: Set<Channel>
  /** Those with whom agents talk: the customer; of an internal call who dialled. */
  readonly anchors: Set<Channel>
  /** The agent's phone that dialled the call; it is no leg. */
  dialler: Channel | null
  /** Announced before its first channel is there (click-to-call). */
  isExpected: boolean
  /** Begun by a phone in the middle of another call. */
  isConsult: boolean
  /** Whose direction or numbers the PBX's state alone did not tell; later events may. */
  isIncomplete: boolean
  /** Somebody answered, and was gone before anybody heard of it. */
  hasLostCustomer: boolean
  readonly told: Told
  /** How a leg's last dial ended. */
  readonly results: Map<string, LegResult>
  failure: 'busy' | 'congestion' | 'not-found' | null
  startedAt: EventTime
  extra: Record<string, string>
}

export function createGroup(id: string, startedAt: EventTime): CallGroup {
  return {
    id,
    direction: null,
    from: '',
    to: '',
    queue: null,
    members: new Set(),
    anchors: new Set(),
    dialler: null,
    isExpected: false,
    isConsult: false,
    isIncomplete: false,
    hasLostCustomer: false,
    told: {
      isStarted: false,
      isAnswered: false,
      isEnded: false,
      legs: new Map(),
      heldBy: null,
    },
    results: new Map(),
    failure: null,
    startedAt,
    extra: {},
  }
}
