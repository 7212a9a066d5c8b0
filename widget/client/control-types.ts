/** Words of call control, as the widget uses them (CTL-1…7). */
import type { QueueView } from '../../server/http/control-schemas.ts'
import type { ColleagueView } from '../../server/http/schemas.ts'
import type { Control } from '../../server/sources/pbx.ts'

export type { Control }

/** What each connection can do for this agent, by its id; nothing listed: nothing works. */
export type Controls = Readonly<Record<string, readonly string[]>>
export type AgentState = ColleagueView['state']
/** A state that agents set themselves (CTL-6). */
export type OwnState = 'free' | 'away' | 'offline'
export type Queue = QueueView
export type QueueMember = QueueView['members'][number]

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
