/** Between the stream's events and the messages that change the state. */
import type {
  CallView,
  CaseEventView,
  ColleagueView,
  DraftView,
  HelloView,
  MeView,
  RecordingView,
  UserView,
} from '../../server/http/schemas.ts'
import type { Controls, Queue } from './control-types.ts'
import type { FieldView, Message, State } from './state.ts'
import type { Told } from './tabs.ts'

/** The events of the stream. */
export const EVENTS = [
  'hello',
  'call',
  'case',
  'user',
  'recording',
  'agent',
  'controls',
  'queue',
  'settings',
  'dismissed',
  'draft',
] as const

/** An event as a message; null for events of a newer server that this widget does not know. */
export function toMessage(event: string, data: unknown, now: number): Message | null {
  // The shapes are the contract's: the server made them with the schemas these types come from.
  switch (event as (typeof EVENTS)[number] | 'me') {
    case 'hello':
      return { type: 'hello', hello: data as HelloView, now }
    case 'me':
      return { type: 'me', me: data as MeView }
    case 'call':
      return { type: 'call', call: data as CallView, now }
    case 'case':
      return { type: 'case', case: data as CaseEventView }
    case 'user':
      return { type: 'user', user: data as UserView }
    case 'recording':
      return { type: 'recording', recording: data as RecordingView }
    case 'agent':
      return { type: 'agents', items: [data as ColleagueView] }
    case 'controls':
      return { type: 'controls', controls: (data as { controls: Controls }).controls }
    case 'queue':
      return { type: 'queue', items: [data as Queue] }
    case 'settings':
      return { type: 'fields', items: (data as { fields: FieldView[] }).fields }
    case 'dismissed':
      return { type: 'dismissed', callId: (data as { callId: string }).callId }
    case 'draft': {
      const { callId, ...draft } = data as DraftView & { callId: string }
      return { type: 'draft-heard', callId, draft: { ...draft, sync: 'saved' } }
    }
    default:
      return null
  }
}

/** The events that make a new tab know what this one knows; null while this one knows nothing. */
export function toSnapshot(state: State, now: number): readonly Told[] | null {
  if (!state.isReady) return null
  const { epoch, calls, unsure, dismissed, controls } = state
  const saved = [...state.drafts].filter(([, draft]) => draft.sync === 'saved')
  const hello: Omit<HelloView, 'controls'> & Pick<State, 'controls'> = {
    now: new Date(now + state.clockOffset).toISOString(),
    resumedFrom: null,
    epoch,
    calls: [...calls.values()].filter(({ id }) => !unsure.includes(id)),
    drafts: Object.fromEntries(saved),
    dismissed: [...dismissed],
    controls,
  }
  return [...(state.me === null ? [] : [['me', state.me] as const]), ['hello', hello]]
}
