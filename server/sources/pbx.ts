/** What a PBX can be asked to do (CTL-1); who asks names the call and the agent's extension. */
export const CONTROLS = [
  'dial',
  'answer',
  'hangup',
  'hold',
  'resume',
  'mute',
  'unmute',
  'dtmf',
  'transfer',
  'transfer-complete',
  'transfer-cancel',
  'park',
  'retrieve',
  'pause-recording',
  'resume-recording',
  'queue-pause',
] as const
export type Control = (typeof CONTROLS)[number]

interface OnCall {
  /** The call's unique id (Asterisk's linked id). */
  readonly uniqueId: string
  /** The extension whose part of the call it is about. */
  readonly extension: string
}

export type PbxCommand =
  /** Rings `extension`, then dials `number`; `uniqueId` is the id that the new call gets. */
  | ({ readonly type: 'dial'; readonly number: string } & OnCall)
  | ({ readonly type: Exclude<Control, 'dial' | 'dtmf' | 'transfer' | 'queue-pause'> } & OnCall)
  | ({ readonly type: 'dtmf'; readonly digits: string } & OnCall)
  | ({
      readonly type: 'transfer'
      readonly to: string
      readonly mode: 'blind' | 'attended'
    } & OnCall)
  /** `queue` null: in all queues. */
  | {
      readonly type: 'queue-pause'
      readonly extension: string
      readonly queue: string | null
      readonly paused: boolean
      readonly reason: string
    }

/** `refused-by-pbx` carries the PBX's own words. */
export type PbxAnswer =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly code: 'not-supported' | 'wrong-state' | 'refused-by-pbx' | 'pbx-away'
      readonly message: string
    }

/** The channels of a call, for control; null where the PBX has none (any more). */
export interface CallParts {
  readonly uniqueId: string
  readonly customer: PartOfCall | null
  /** The agents' live channels, by extension. */
  readonly agents: ReadonlyMap<string, PartOfCall>
  /** Where the customer is parked. */
  readonly parked: { readonly space: string; readonly lot: string | null } | null
  /** The extension that is in a consultation before an attended transfer. */
  readonly consulting: string | null
}
export interface PartOfCall {
  readonly channelId: string
  readonly channelName: string
  readonly state: 'ringing' | 'talking' | 'other'
  readonly isHeld: boolean
}

/** A queue as the PBX shows it (traceQueuesState). */
export interface QueueState {
  readonly name: string
  readonly waiting: number
  readonly members: readonly {
    readonly extension: string
    readonly interface: string
    /** By the PBX's device state. */
    readonly state: DeviceState
    readonly paused: boolean
    readonly reason: string
  }[]
}
/** By it a pause that lasts as long as a conversation is known as ours, after a restart too (AMI-5). */
export const AUTO_PAUSE_REASON = 'Ringside: in conversation'
export type DeviceState = 'idle' | 'in-use' | 'ringing' | 'on-hold' | 'unavailable' | 'unknown'

/** An account's link to a PBX, as admins see it. */
export interface LinkStatus {
  readonly state: 'off' | 'connecting' | 'up' | 'down'
  readonly since: Date | null
  readonly error: string | null
  /** The PBX's version. */
  readonly version: string | null
}

/** `GET /ari/endpoints`, or AMI's lists. */
export interface Endpoint {
  readonly technology: string
  readonly resource: string
  readonly state: 'online' | 'offline' | 'unknown'
}

/** What a connection test found (ADMIN-1): `hint` says what to do. */
export interface Check {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly hint: string
  /** The phones and trunks that were found, where the account is good (ADMIN-2). */
  readonly endpoints?: readonly Endpoint[]
}
