/** The events of `<ringside-widget>` (EMBED-3). All bubble and cross shadow roots; `detail.v` is the version. */
import type {
  CallView,
  CaseEventView,
  MeView,
  RecordingView,
  UserView,
} from '../server/http/schemas.ts'
import type { ApiError } from './client/api.ts'
import type { ConnectionState, Message, State } from './client/state.ts'

export interface Details {
  /** Once per connection: the agent is known, and what goes on. */
  'ringside-ready': { readonly v: 1; readonly agentId: string; readonly role: MeView['role'] }
  /** `connecting`, `open`, `waiting` (lost, trying again), `refused` (signed out) or `blocked` (by the page’s policy). */
  'ringside-connection': { readonly v: 1; readonly state: ConnectionState }
  /** Every change of a call of this agent, in every tab; `leader`: this tab is the one that should act. */
  'ringside-call': { readonly v: 1; readonly call: CallView; readonly leader: boolean }
  /** A user is about to be opened; after `preventDefault()` the widget opens nothing itself. */
  'ringside-open-user': { readonly v: 1; readonly user: UserView; readonly callId: string | null }
  /** A case is about to be opened; after `preventDefault()` the widget opens nothing itself. */
  'ringside-open-case': { readonly v: 1; readonly caseId: string; readonly callId: string | null }
  /** A case was created, by whomever. */
  'ringside-case-created': { readonly v: 1; readonly case: CaseEventView }
  /** A case was changed, by whomever. */
  'ringside-case-updated': { readonly v: 1; readonly case: CaseEventView }
  /** It became known who a call is with. */
  'ringside-user-linked': { readonly v: 1; readonly callId: string; readonly userId: string }
  /** A recording can be heard. */
  'ringside-recording-ready': { readonly v: 1; readonly recording: RecordingView }
  /** Something failed that nobody was waiting for. */
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

/** Which public events a change of state means; without a message the state was known before anybody listened. */
export function eventsOf(
  message: Message | null,
  before: State,
  after: State,
): RingsideEvent<EventName>[] {
  const events: RingsideEvent<EventName>[] = []
  const add = <N extends EventName>(name: N, detail: Details[N]) =>
    events.push(new RingsideEvent(name, detail))
  if (before.connection !== after.connection)
    add('ringside-connection', { v: 1, state: after.connection })
  if (!isReady(before) && isReady(after))
    add('ringside-ready', {
      v: 1,
      agentId: after.me?.id ?? '',
      role: after.me?.role ?? 'agent',
    })
  for (const call of callsOf(message, after)) {
    const had = before.calls.get(call.id)
    if (JSON.stringify(had) === JSON.stringify(call)) continue
    add('ringside-call', { v: 1, call, leader: after.isLeader })
    if (had !== undefined && had.userId !== call.userId && call.userId !== null)
      add('ringside-user-linked', { v: 1, callId: call.id, userId: call.userId })
  }
  if (message?.type === 'case') {
    const name = message.case.version === 1 ? 'ringside-case-created' : 'ringside-case-updated'
    add(name, { v: 1, case: message.case })
  }
  if (message?.type === 'recording')
    add('ringside-recording-ready', { v: 1, recording: message.recording })
  return events
}

/** The agent is known, and what goes on. */
function isReady({ isReady, me }: State): boolean {
  return isReady && me !== null
}

/** Calls that a message tells of, as they are in the state: late answers change nothing there. */
function callsOf(message: Message | null, { calls }: State): readonly CallView[] {
  if (message === null) return [...calls.values()]
  const told =
    message.type === 'call' ? [message.call] : message.type === 'hello' ? message.hello.calls : []
  return told.flatMap(({ id }) => calls.get(id) ?? [])
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
