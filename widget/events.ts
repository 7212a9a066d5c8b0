/** The events of `<ringside-widget>` (EMBED-3). All bubble and cross shadow roots; `detail.v` is the version. */
import type { CallView, CaseEventView, RecordingView, UserView } from '../server/http/schemas.ts'
import type { ApiError } from './client/api.ts'
import type { ConnectionState, Message, State } from './client/state.ts'

export interface Details {
  'ringside-ready': { readonly v: 1; readonly agentId: string | null }
  'ringside-connection': { readonly v: 1; readonly state: ConnectionState }
  'ringside-call': { readonly v: 1; readonly call: CallView; readonly leader: boolean }
  'ringside-open-user': { readonly v: 1; readonly user: UserView; readonly callId: string | null }
  'ringside-open-case': { readonly v: 1; readonly caseId: string; readonly callId: string | null }
  'ringside-case-created': { readonly v: 1; readonly case: CaseEventView }
  'ringside-case-updated': { readonly v: 1; readonly case: CaseEventView }
  'ringside-user-linked': { readonly v: 1; readonly callId: string; readonly userId: string }
  'ringside-recording-ready': { readonly v: 1; readonly recording: RecordingView }
  'ringside-error': { readonly v: 1; readonly code: string; readonly message: string }
}
export type EventName = keyof Details

/** One public event. */
export class RingsideEvent<N extends EventName> extends CustomEvent<Details[N]> {
  constructor(name: N, detail: Details[N], cancelable = false) {
    super(name, { detail, bubbles: true, composed: true, cancelable })
  }
}

/** What the page hears of something that failed with nobody waiting for it. */
export function errorDetail(error: unknown): Details['ringside-error'] {
  const { status, code, message } = error as Partial<ApiError>
  return { v: 1, code: code || CODES[status ?? -1] || 'unavailable', message: message ?? '' }
}
const CODES: Readonly<Record<number, string>> = {
  0: 'offline',
  401: 'signed-out',
  404: 'not-found',
}

/** Which public events a change of state means. */
export function eventsOf(
  message: Message,
  before: State,
  after: State,
): RingsideEvent<EventName>[] {
  const events: RingsideEvent<EventName>[] = []
  if (message.type === 'connection' && before.connection !== after.connection) {
    events.push(new RingsideEvent('ringside-connection', { v: 1, state: after.connection }))
  }
  if (message.type === 'hello' && !before.isReady) {
    events.push(new RingsideEvent('ringside-ready', { v: 1, agentId: after.me?.id ?? null }))
  }
  const calls = message.type === 'hello' ? message.hello.calls : []
  for (const call of message.type === 'call' ? [message.call] : calls) {
    // Each tab has its own stream so far, so each is the one that should act.
    events.push(new RingsideEvent('ringside-call', { v: 1, call, leader: true }))
    const had = before.calls[call.id]
    if (had !== undefined && had.userId !== call.userId && call.userId !== null) {
      const detail = { v: 1, callId: call.id, userId: call.userId } as const
      events.push(new RingsideEvent('ringside-user-linked', detail))
    }
  }
  if (message.type === 'case') {
    const name = message.case.version === 1 ? 'ringside-case-created' : 'ringside-case-updated'
    events.push(new RingsideEvent(name, { v: 1, case: message.case }))
  }
  if (message.type === 'recording') {
    const detail = { v: 1, recording: message.recording } as const
    events.push(new RingsideEvent('ringside-recording-ready', detail))
  }
  return events
}

declare global {
  interface HTMLElementEventMap {
    'ringside-ready': RingsideEvent<'ringside-ready'>
    'ringside-connection': RingsideEvent<'ringside-connection'>
    'ringside-call': RingsideEvent<'ringside-call'>
    'ringside-open-user': RingsideEvent<'ringside-open-user'>
    'ringside-open-case': RingsideEvent<'ringside-open-case'>
    'ringside-case-created': RingsideEvent<'ringside-case-created'>
    'ringside-case-updated': RingsideEvent<'ringside-case-updated'>
    'ringside-user-linked': RingsideEvent<'ringside-user-linked'>
    'ringside-recording-ready': RingsideEvent<'ringside-recording-ready'>
    'ringside-error': RingsideEvent<'ringside-error'>
  }
}
