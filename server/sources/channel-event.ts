/**
 * What AMI (both generations of events) and ARI say about a PBX, in one vocabulary. Protocol quirks
 * end here: after this nothing knows old event names, odd casing or which of the two it was.
 */

/** Asterisk's channel states as far as a call depends on them. `ring`: it dials us; `ringing`: we dial it. */
export type ChannelState = 'down' | 'ring' | 'ringing' | 'up' | 'other'

/** A channel as an event describes it; null where the event does not tell. */
export interface ChannelFacts {
  /** Asterisk's `Uniqueid`, ARI's channel `id`. */
  readonly id: string
  /** Such as `PJSIP/101-0000001f`. */
  readonly name: string
  readonly state: ChannelState
  readonly callerNumber: string | null
  readonly callerName: string | null
  readonly connectedNumber: string | null
  readonly context: string | null
  readonly exten: string | null
  /** Null in ARI and until Asterisk 11: calls are then joined by dial and bridge. */
  readonly linkedId: string | null
  /** The application that the dialplan runs on it, such as `Dial`, `AppDial`, `Queue`, `Parked Call`. */
  readonly application: string | null
}

/** How a dial ended, as Asterisk's `DIALSTATUS`. */
export type DialStatus =
  | 'answer'
  | 'busy'
  | 'cancel'
  | 'chanunavail'
  | 'congestion'
  | 'noanswer'
  | 'other'

export type ChannelEvent =
  /** The channel has just been made; what it is like is told after this. */
  | { readonly type: 'created'; readonly channelId: string }
  /** The channel is there, or something about it is new. `extra`: fields that the connection carries into the call. */
  | {
      readonly type: 'channel'
      readonly channel: ChannelFacts
      readonly extra: Readonly<Record<string, string>>
    }
  /** `callerId` is null where nobody's channel dials (originate). */
  | { readonly type: 'dial-begin'; readonly callerId: string | null; readonly destId: string }
  | { readonly type: 'dial-end'; readonly destId: string; readonly status: DialStatus }
  | {
      readonly type: 'bridge-enter' | 'bridge-leave'
      readonly bridgeId: string
      readonly channelId: string
    }
  /** Two bridges become one (`fromId` goes): whoever moves is told to leave and to enter after this. */
  | { readonly type: 'bridge-merge'; readonly fromId: string; readonly intoId: string }
  | { readonly type: 'hold' | 'unhold'; readonly channelId: string }
  /** Its phone hung up, or Asterisk ends it: it talks no more, but may be there until its dialplan is done. */
  | { readonly type: 'hangup-request'; readonly channelId: string }
  /** `cause`: Q.850; `last`: the channel as it was, null where that is not told. */
  | {
      readonly type: 'hangup'
      readonly channelId: string
      readonly cause: number | null
      readonly last: ListedChannel | null
    }
  | {
      readonly type: 'queue-join' | 'queue-leave'
      readonly channelId: string
      readonly queue: string
    }
  /** The queue rings a member: the dial of `destId` comes from this queue. */
  | {
      readonly type: 'agent-called'
      readonly channelId: string
      readonly destId: string | null
      readonly queue: string
    }
  | {
      readonly type: 'parked'
      readonly channelId: string
      readonly space: string
      readonly lot: string | null
      readonly parkerName: string | null
    }
  /** Taken back, timed out or given up; `retrieverId` where somebody took the caller back. */
  | { readonly type: 'unparked'; readonly channelId: string; readonly retrieverId: string | null }
  /** The two halves of a `Local` channel: what happens to one happens to the other. */
  | { readonly type: 'local-pair'; readonly oneId: string; readonly twoId: string }
  /** `transfererId`'s phone gave the other party of its bridge to `exten`. */
  | {
      readonly type: 'blind-transfer'
      readonly transfererId: string
      readonly transfereeId: string | null
      readonly exten: string
    }
  /** The two calls of one transferer (`secondId`: its consultation) become one. */
  | {
      readonly type: 'attended-transfer'
      readonly transfererId: string
      readonly secondId: string | null
      readonly transfereeId: string | null
      readonly targetId: string | null
    }
  | { readonly type: 'renamed'; readonly channelId: string; readonly name: string }
  /** Until 11: `cloneId`'s phone takes the place of `originalId`'s. */
  | { readonly type: 'masquerade'; readonly cloneId: string; readonly originalId: string }
  /** Recording of a channel began, paused, went on or ended (MixMonitor). */
  | {
      readonly type: 'recording'
      readonly channelId: string
      readonly state: 'started' | 'paused' | 'resumed' | 'stopped'
    }

/** When an event happened: AMI has no times of its own (`atKnown` false, `at` is arrival). */
export interface EventTime {
  readonly at: Date
  readonly atKnown: boolean
  readonly arrivedAt: Date
}

/** A channel with when it was made, where that is told. */
export type ListedChannel = ChannelFacts & { readonly createdAt: Date | null }

/** Everything that a PBX has going on at one moment, read after a (re)connect (ARI-2, AMI-6). */
export interface PbxSnapshot {
  readonly channels: readonly ListedChannel[]
  readonly bridges: readonly { readonly id: string; readonly channelIds: readonly string[] }[]
}

/** A call that the database holds as going on when a snapshot is read. */
export interface OpenCall {
  readonly uniqueId: string
  readonly direction: 'incoming' | 'outgoing' | 'internal'
  readonly from: string
  readonly to: string
  readonly queue: string | null
  readonly startedAt: Date
  readonly answered: boolean
  readonly held: boolean
  /** It has ended, though the PBX still has a channel of it: what its dialplan does at the end of a call. */
  readonly isOver?: boolean
  readonly legs: readonly {
    readonly extension: string
    readonly state: 'ringing' | 'talking' | 'over'
  }[]
}
