/**
 * A call, and the events that it is folded from.
 *
 *   started ──► ringing ──► answered ◄──► held
 *      │           │            │           │
 *      └───────────┴─────►  ended  ◄────────┘
 *
 * A call never goes back to an earlier state; a later event can only tell more of what happened.
 */

/** Where an event came from. `ringside` is the server itself: time ran out, an agent dialled or said so. */
export type Source = 'webhook' | 'cti' | 'ari' | 'ami' | 'ringside'

export type Direction = 'incoming' | 'outgoing' | 'internal'
export type CallState = 'started' | 'ringing' | 'answered' | 'held' | 'ended'
export type Outcome = 'answered' | 'missed' | 'unanswered' | 'failed'
export type LegResult =
  | 'ringing'
  | 'answered'
  | 'elsewhere'
  | 'noanswer'
  | 'busy'
  | 'cancelled'
  | 'failed'

/** A number as received, as E.164 where it can be read as one, and as people write it. */
export interface Phone {
  readonly raw: string
  readonly e164: string | null
  readonly display: string
}

/** One agent's extension being rung within a call (CALL-14). */
export interface Leg {
  readonly extension: string
  readonly agentId: string | null
  readonly rangAt: Date | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
  readonly result: LegResult
}

/** What the events of one call add up to. Times are UTC, durations whole seconds. */
export interface FoldedCall {
  readonly direction: Direction
  readonly state: CallState
  readonly outcome: Outcome | null
  readonly from: Phone
  readonly to: Phone
  readonly queue: string | null
  readonly startedAt: Date
  readonly ringingAt: Date | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
  readonly ringSeconds: number | null
  readonly talkSeconds: number | null
  readonly holdSeconds: number
  /** The last agent who talked with the customer; of one that was dialled here, who dialled. */
  readonly agentId: string | null
  readonly legs: readonly Leg[]
  readonly endNotReported: boolean
  readonly extra: Readonly<Record<string, string>>
  /** The customer's number as a key (E.164, else cleaned text); null for an anonymous caller. */
  readonly personKey: string | null
}

/** A call as it is kept. */
export interface Call extends FoldedCall {
  readonly id: string
  readonly connectionId: string
  readonly uniqueId: string
  readonly userId: string | null
  /** Users who have the number, where there are several and nobody has chosen one (USER-3). */
  readonly candidateUserIds: readonly string[]
  /** Why recordings that there were are there no longer. */
  readonly recordingsGone?: 'over-age' | 'erased' | null
}

/** What all events tell. */
export interface EventBase {
  readonly source: Source
  readonly connectionId: string
  readonly uniqueId: string
  /** When it happened, by the PBX's clock; the time of arrival where the event told none. */
  readonly at: Date
  /** False where the event told no time of its own. */
  readonly atKnown: boolean
  readonly arrivedAt: Date
  /** Place in the source's own stream (ARI, AMI); 0 where the source has no order of its own. */
  readonly order: number
  /** Further fields of the event that are carried into the call. */
  readonly extra: Readonly<Record<string, string>>
  /** Channels of the PBX that the event is about: other sources may know the call by one of them (CALL-3). */
  readonly channelIds?: readonly string[]
}

export interface StartedEvent extends EventBase {
  readonly type: 'started'
  readonly direction: Direction
  readonly from: string
  readonly to: string
}
/** By webhook and CTI the whole ringing set, which replaces the one before; by ARI and AMI one dial. */
export interface RingingEvent extends EventBase {
  readonly type: 'ringing'
  readonly direction: Direction
  readonly from: string
  readonly extensions: readonly string[]
  readonly queue: string | null
  /** False: the PBX itself tells who rings, this list does not (CALL-1). */
  readonly makesLegs?: boolean
}
/** One extension stopped ringing (ARI and AMI). */
export interface RingEndedEvent extends EventBase {
  readonly type: 'ring-ended'
  readonly extension: string
  readonly result: LegResult
}
/** `extension`: the agent's, null for the customer answering an outgoing call or when not told. */
export interface AnsweredEvent extends EventBase {
  readonly type: 'answered'
  readonly direction: Direction
  readonly from: string
  readonly to: string
  readonly extension: string | null
}
export interface HoldEvent extends EventBase {
  readonly type: 'held' | 'resumed'
  readonly extension: string | null
}
/** An agent's part in the conversation is over while the call goes on (ARI and AMI). */
export interface LeftEvent extends EventBase {
  readonly type: 'left'
  readonly extension: string
}
export interface EndedEvent extends EventBase {
  readonly type: 'ended'
  readonly direction: Direction
  readonly from: string
  readonly to: string
  readonly durationSeconds: number | null
  /** Why an outgoing call could not be connected, where the source tells. */
  readonly failure: 'busy' | 'congestion' | 'not-found' | null
}
export interface RecordedEvent extends EventBase {
  readonly type: 'recorded'
  readonly recording: StoredRecording
}
/** No end was reported: time ran out (`agentId` null), or an agent said that it is over (CALL-12). */
export interface ClosedEvent extends EventBase {
  readonly type: 'closed'
  /** The call that is meant: its unique id can have come again. */
  readonly callId: string
  readonly agentId: string | null
}

export type CallEvent =
  | StartedEvent
  | RingingEvent
  | RingEndedEvent
  | AnsweredEvent
  | HoldEvent
  | LeftEvent
  | EndedEvent
  | RecordedEvent
  | ClosedEvent

/** A recording's file as the storage keeps it. `bytes` is its size, `sha256` hex of its content. */
export interface StoredRecording {
  readonly key: string
  readonly sha256: string
  readonly mime: string
  readonly bytes: number
}

/** True once somebody talked: the case rules treat everything else as not answered. */
export function isAnswered(call: FoldedCall): boolean {
  return call.answeredAt !== null
}

export function isEnded(call: FoldedCall): boolean {
  return call.endedAt !== null
}

/** The customer's side of a call. */
export function customerOf(call: FoldedCall): Phone {
  return call.direction === 'incoming' ? call.from : call.to
}
