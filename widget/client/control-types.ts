/** What call control adds to the contract, as the widget reads it (CTL-1…7). */
import type { ColleagueView, HelloView, MeView, RecordingView } from '../../server/http/schemas.ts'
import type { Control } from '../../server/sources/pbx.ts'

export type { Control }

/** What each connection can do for this agent, by its id; nothing listed: nothing works. */
export type Controls = Readonly<Record<string, readonly Control[]>>

/** `canAnswer`: the phone can be told to pick up (CTL-3). */
export interface OwnExtension {
  readonly connectionId: string
  readonly extension: string
  readonly canAnswer?: boolean
}
export type Me = Omit<MeView, 'extensions'> & {
  readonly extensions: readonly OwnExtension[]
  readonly controls?: Controls
}
export type Hello = HelloView & { readonly controls?: Controls }

export type AgentState = 'offline' | 'free' | 'busy' | 'away' | 'wrap-up'
/** A state that agents set themselves (CTL-6). */
export type OwnState = 'free' | 'away' | 'offline'
export type Colleague = Omit<ColleagueView, 'state'> & {
  readonly state: AgentState
  readonly reason?: string | null
  readonly since?: string | null
  /** When the wrap-up ends by itself. */
  readonly until?: string | null
}

export interface QueueMember {
  readonly agentId: string | null
  readonly extension: string
  readonly state: string
  readonly paused: boolean
  readonly reason?: string | null
}
export interface Queue {
  readonly connectionId: string
  readonly name: string
  readonly waiting: number
  readonly members: readonly QueueMember[]
}

/** Seconds from the start of a recording; `to` null: until its end. */
export interface Pause {
  readonly from: number
  readonly to: number | null
}
export type RecordingWithPauses = RecordingView & { readonly pauses?: readonly Pause[] }

/** What an agent asks the PBX to do about a call. */
export type CallAction =
  | {
      readonly name: 'transfer'
      readonly to: string
      readonly mode: 'blind' | 'attended'
      /** Whom people read while the consultation goes on. */
      readonly label: string
    }
  | { readonly name: 'dtmf'; readonly digits: string }
  | { readonly name: Exclude<Control, 'dial' | 'queue-pause' | 'transfer' | 'dtmf'> }
export type ActionName = CallAction['name']
