/**
 * Longer than other files: what a message does to the state is read in one piece.
 *
 * All that the widget knows, and the one function that changes it. Pure: the clock comes in as `now`,
 * what to load next is decided by the client, what to show by the selectors in `select.ts`.
 */
import type {
  CallView,
  CaseEventView,
  CaseSummaryView,
  CaseView,
  ColleagueView,
  DraftView,
  HelloView,
  MessageView,
  MeView,
  RecordingView,
  UserView,
} from '../../server/http/schemas.ts'
import { type ById, byId, filtered, kept, mapped, put, without } from './by-id.ts'
import {
  type CallMark,
  type ControlMessage,
  withAction,
  withCallSeen,
  withControlTime,
} from './control-state.ts'
import type { Controls, Queue } from './control-types.ts'
import { isMissed, isRingingFor } from './select.ts'

/** `waiting`: lost, trying again; `refused`: the token is not accepted. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'refused' | 'blocked'
export type LoadState = 'loading' | 'done' | 'failed'
export type DraftSync = 'unsaved' | 'saving' | 'saved' | 'failed'

/** A field of users as admins set it up (ADMIN-5). */
export interface FieldView {
  readonly key: string
  readonly label: string
  readonly type: string
  readonly options?: readonly string[]
  readonly inPopup: boolean
}

export interface Draft extends DraftView {
  readonly sync: DraftSync
}

/** A pop-up that stays for a moment to say that the caller gave up (POP-2). */
export interface Notice {
  readonly callId: string
  readonly until: number
}

export interface State {
  readonly connection: ConnectionState
  /** This tab holds the stream that all tabs of this browser share; the one that should act. */
  readonly isLeader: boolean
  /** A first snapshot has come. */
  readonly isReady: boolean
  /** Which series of event ids the server counts in. */
  readonly epoch: string
  /** Server time minus this machine's, in milliseconds. */
  readonly clockOffset: number
  /** The server's time at the last message, in milliseconds. */
  readonly now: number
  readonly me: MeView | null
  /** What each connection can do for me (CTL-1). */
  readonly controls: Controls
  readonly fields: readonly FieldView[]
  readonly agents: ById<ColleagueView>
  readonly queues: ById<Queue>
  readonly calls: ById<CallView>
  /** What is under way with calls, by their id. */
  readonly marks: ById<CallMark>
  /** Calls that a new snapshot no longer lists: ended while we were away, asked for again. */
  readonly unsure: readonly string[]
  readonly dismissed: readonly string[]
  readonly notices: readonly Notice[]
  readonly drafts: ById<Draft>
  readonly users: ById<UserView>
  readonly cases: ById<CaseSummaryView>
  /** Messages of the cases that were opened. */
  readonly messages: ById<readonly MessageView[]>
  /** Cases that were withdrawn, and the case that took their call (CASE-19). */
  readonly withdrawn: ById<string>
  readonly loads: ById<LoadState>
}

export type Message =
  | ControlMessage
  | { readonly type: 'hello'; readonly hello: HelloView; readonly now: number }
  | { readonly type: 'call'; readonly call: CallView; readonly now: number }
  | { readonly type: 'case'; readonly case: CaseEventView }
  | { readonly type: 'user'; readonly user: UserView }
  | { readonly type: 'recording'; readonly recording: RecordingView }
  | { readonly type: 'agents'; readonly items: readonly ColleagueView[] }
  | { readonly type: 'controls'; readonly controls: Controls }
  /** All queues, or the one that changed. */
  | { readonly type: 'queues' | 'queue'; readonly items: readonly Queue[] }
  | { readonly type: 'me'; readonly me: MeView }
  | { readonly type: 'fields'; readonly items: readonly FieldView[] }
  /** `had`: what was known before all open missed calls were asked for. */
  | {
      readonly type: 'cases'
      readonly items: readonly CaseSummaryView[]
      readonly had?: ById<CaseSummaryView>
    }
  | { readonly type: 'case-loaded'; readonly case: CaseView }
  | { readonly type: 'call-gone'; readonly callId: string }
  | { readonly type: 'dismissed'; readonly callId: string }
  | { readonly type: 'draft'; readonly callId: string; readonly draft: Draft }
  /** Typed on another page: it does not write over what is being typed here. */
  | { readonly type: 'draft-heard'; readonly callId: string; readonly draft: Draft }
  | { readonly type: 'load'; readonly key: string; readonly state: LoadState }
  | { readonly type: 'forget-loads' }
  | { readonly type: 'connection'; readonly state: ConnectionState }
  | { readonly type: 'leader'; readonly isLeader: boolean }
  | { readonly type: 'tick'; readonly now: number }

const GAVE_UP_MS = 6_000
/** What ended longer ago, while the machine slept, is in the list of missed calls. */
const NEWS_MS = 30_000
const KEEP = {
  endedCalls: 50,
  users: 200,
  cases: 500,
  openedCases: 5,
  loads: 500,
  closedPopups: 200,
  drafts: 50,
  withdrawn: 200,
}
const RANK = { started: 0, ringing: 1, answered: 2, held: 2, ended: 3 }

export const emptyState: State = {
  connection: 'connecting',
  isLeader: true,
  isReady: false,
  epoch: '',
  clockOffset: 0,
  now: 0,
  me: null,
  controls: {},
  fields: [],
  agents: new Map(),
  queues: new Map(),
  calls: new Map(),
  marks: new Map(),
  unsure: [],
  dismissed: [],
  notices: [],
  drafts: new Map(),
  users: new Map(),
  cases: new Map(),
  messages: new Map(),
  withdrawn: new Map(),
  loads: new Map(),
}

/** The state after a message. */
export function reduce(state: State, message: Message): State {
  switch (message.type) {
    case 'hello':
      return withHello(state, message.hello, message.now)
    case 'call':
      return withCall(state, message.call, message.now + state.clockOffset)
    case 'case':
      return withCaseEvent(state, message.case)
    case 'user':
      return { ...state, users: kept(withUser(state.users, message.user), KEEP.users) }
    case 'recording':
      return withRecording(state, message.recording)
    case 'agents':
      return { ...state, agents: new Map([...state.agents, ...byId(message.items)]) }
    case 'me':
      return { ...state, me: message.me, controls: message.me.controls }
    case 'controls':
      return { ...state, controls: message.controls }
    case 'queues':
      return { ...state, queues: queuesById(message.items) }
    case 'queue':
      return { ...state, queues: new Map([...state.queues, ...queuesById(message.items)]) }
    case 'marks':
    case 'action-sent':
    case 'action-accepted':
    case 'action-refused':
      return withAction(state, message)
    case 'fields':
      return { ...state, fields: message.items }
    case 'cases':
      return message.items.reduce(withCase, withoutMissed(state, message.had))
    case 'case-loaded':
      return withLoadedCase(state, message.case)
    case 'call-gone':
      return withoutCall(state, message.callId)
    case 'dismissed':
      return withDismissed(state, message.callId)
    case 'draft':
      return { ...state, drafts: keptDrafts(put(state.drafts, message.callId, message.draft)) }
    case 'draft-heard':
      return withDraftHeard(state, message.callId, message.draft)
    case 'load':
      return { ...state, loads: kept(put(state.loads, message.key, message.state), KEEP.loads) }
    case 'forget-loads':
      return { ...state, loads: new Map() }
    case 'connection':
      return { ...state, connection: message.state }
    case 'leader':
      return { ...state, isLeader: message.isLeader }
    case 'tick':
      return withTime(state, message.now + state.clockOffset)
  }
}

function withDraftHeard(state: State, callId: string, draft: Draft): State {
  const own = state.drafts.get(callId)
  if (own !== undefined && own.sync !== 'saved') return state
  return { ...state, drafts: keptDrafts(put(state.drafts, callId, draft)) }
}

function withHello(state: State, hello: HelloView, now: number): State {
  const listed = new Set(hello.calls.map((call) => call.id))
  const clockOffset = Date.parse(hello.now) - now
  const isResumed = hello.resumedFrom !== null
  const lost = isResumed
    ? []
    : [...state.calls.values()].filter(({ id, state }) => state !== 'ended' && !listed.has(id))
  const start: State = {
    ...withTime(state, now + clockOffset),
    clockOffset,
    controls: hello.controls,
    isReady: true,
    epoch: hello.epoch,
    unsure: lost.map((call) => call.id),
    dismissed: [...new Set([...state.dismissed, ...hello.dismissed])].slice(-KEEP.closedPopups),
    drafts: withDrafts(state.drafts, hello.drafts),
  }
  return hello.calls.reduce((sum, call) => withCall(sum, call, now + clockOffset), start)
}

/** What is typed here and not yet saved is newer than what the server knows. */
function withDrafts(own: State['drafts'], told: HelloView['drafts']): State['drafts'] {
  const drafts = new Map(own)
  for (const [callId, draft] of Object.entries(told)) {
    const before = own.get(callId)
    if (before === undefined || before.sync === 'saved')
      drafts.set(callId, { ...draft, sync: 'saved' })
  }
  return drafts
}

function withCall(state: State, call: CallView, now: number): State {
  const before = state.calls.get(call.id)
  // Replayed or late answers: a call never goes back, but for one whose end nobody had reported.
  const isEarlier = before !== undefined && RANK[call.state] < RANK[before.state]
  if (isEarlier && !before.endNotReported) return state
  const notices = state.notices.filter((notice) => notice.callId !== call.id)
  const isNews = call.endedAt === null || now - Date.parse(call.endedAt) < NEWS_MS
  const gaveUp = isNews && before !== undefined && isGivenUp(state, before, call)
  const next = {
    ...state,
    now: Math.max(state.now, now),
    calls: keptCalls(put(state.calls, call.id, call), state.me?.id),
    unsure: state.unsure.filter((id) => id !== call.id),
    notices: gaveUp ? [...notices, { callId: call.id, until: now + GAVE_UP_MS }] : notices,
  }
  return withCallSeen(next, before, call)
}

/** The pop-up was up, and the call ended without anybody having talked (POP-2). */
function isGivenUp(state: State, before: CallView, after: CallView): boolean {
  const me = state.me?.id ?? null
  if (after.state !== 'ended' || after.outcome !== 'missed' || after.endNotReported) return false
  if (before.state === 'ended') return state.notices.some((notice) => notice.callId === after.id)
  const refused = after.legs.some((leg) => leg.agentId === me && leg.result === 'busy')
  return !refused && isRingingFor(before, me) && !state.dismissed.includes(after.id)
}

function withoutCall(state: State, callId: string): State {
  return {
    ...state,
    calls: without(state.calls, callId),
    marks: without(state.marks, callId),
    unsure: state.unsure.filter((id) => id !== callId),
  }
}

function withDismissed(state: State, callId: string): State {
  return {
    ...state,
    dismissed: [...state.dismissed.filter((id) => id !== callId), callId].slice(-KEEP.closedPopups),
    notices: state.notices.filter((notice) => notice.callId !== callId),
  }
}

function withTime(state: State, now: number): State {
  const notices = state.notices.filter((notice) => notice.until > now)
  const isSame = notices.length === state.notices.length
  return { ...withControlTime(state, now), now, notices: isSame ? state.notices : notices }
}

function withUser(users: State['users'], user: UserView): State['users'] {
  const before = users.get(user.id)
  const isOlder = before !== undefined && Date.parse(before.updatedAt) > Date.parse(user.updatedAt)
  return isOlder ? users : put(users, user.id, user)
}

function withCase(state: State, found: CaseSummaryView): State {
  const before = state.cases.get(found.id)
  if (before !== undefined && before.version > found.version) return state
  return { ...state, cases: keptCases(put(state.cases, found.id, found)) }
}

/** Somebody has seen to those that are not among the open missed calls any more; what is on the screen is read anew. */
function withoutMissed(state: State, had: State['cases'] = new Map()): State {
  const stays = (one: CaseSummaryView, id: string): boolean =>
    !isMissed(one) || one !== had.get(id) || state.messages.has(id)
  return { ...state, cases: filtered(state.cases, stays) }
}

function withCaseEvent(state: State, event: CaseEventView): State {
  const { message, withdrawnTo, ...found } = event
  if (withdrawnTo !== null) {
    return {
      ...state,
      cases: without(state.cases, event.id),
      messages: without(state.messages, event.id),
      withdrawn: kept(put(state.withdrawn, event.id, withdrawnTo), KEEP.withdrawn),
    }
  }
  const next = withCase(state, found)
  const messages = state.messages.get(event.id)
  if (message === null || messages === undefined) return next
  return { ...next, messages: put(state.messages, event.id, withMessage(messages, message)) }
}

function withMessage(messages: readonly MessageView[], message: MessageView): MessageView[] {
  return [...messages.filter((one) => one.id !== message.id), message].sort(
    (a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt) || a.id.localeCompare(b.id),
  )
}

function withLoadedCase(state: State, loaded: CaseView): State {
  const { messages, ...found } = loaded
  const before = state.cases.get(loaded.id)
  if (before !== undefined && before.version > loaded.version && state.messages.has(loaded.id)) {
    return state
  }
  const opened = kept(put(state.messages, loaded.id, messages), KEEP.openedCases)
  return { ...withCase(state, found), messages: opened }
}

function withRecording(state: State, recording: RecordingView): State {
  if (recording.callId === null) return state
  const callId = recording.callId
  const add = (call: CallView): CallView => ({
    ...call,
    recordings: [...call.recordings.filter((one) => one.id !== recording.id), recording],
  })
  const call = state.calls.get(callId)
  const addIn = (one: MessageView): MessageView =>
    one.call?.id === callId ? { ...one, call: add(one.call) } : one
  return {
    ...state,
    calls: call === undefined ? state.calls : put(state.calls, callId, add(call)),
    messages: mapped(state.messages, (list) => list.map(addIn)),
  }
}

// ---- bounded memory: the last used stay ------------------------------------

/** Supervisors hear of everybody's calls: those do not push out the ones that they write about. */
function keptCalls(calls: State['calls'], me: string | null | undefined): State['calls'] {
  const ended = [...calls.values()].filter((call) => call.state === 'ended')
  const isMine = (call: CallView) => call.legs.some(({ agentId }) => agentId === me)
  const oldOf = (some: readonly CallView[]) => some.slice(0, -KEEP.endedCalls)
  const old = new Set(
    [...oldOf(ended.filter(isMine)), ...oldOf(ended.filter((call) => !isMine(call)))].map(
      ({ id }) => id,
    ),
  )
  if (old.size === 0) return calls
  return filtered(calls, ({ id }) => !old.has(id))
}

/** Open missed calls stay: the number on the launcher counts them. */
function keptCases(cases: State['cases']): State['cases'] {
  if (cases.size <= KEEP.cases) return cases
  const others = [...cases.values()].filter((one) => !isMissed(one))
  if (others.length <= KEEP.cases) return cases
  const old = new Set(others.slice(0, -KEEP.cases / 2).map((one) => one.id))
  return filtered(cases, ({ id }) => !old.has(id))
}

/** What the server does not have yet stays. */
function keptDrafts(drafts: State['drafts']): State['drafts'] {
  const saved = [...drafts].filter(([, { sync }]) => sync === 'saved').map(([id]) => id)
  const old = new Set(saved.slice(0, -KEEP.drafts))
  if (old.size === 0) return drafts
  return filtered(drafts, (_draft, id) => !old.has(id))
}

function queuesById(items: readonly Queue[]): ById<Queue> {
  return new Map(items.map((one) => [`${one.connectionId} ${one.name}`, one]))
}
