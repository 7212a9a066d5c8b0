/** Questions to the state: what to show, for whom. All pure. */
import type {
  CallView,
  CaseSummaryView,
  ColleagueView,
  PhoneView,
  UserView,
} from '../../server/http/schemas.ts'
import { type CallMark, noMark } from './control-state.ts'
import type { FieldView, State } from './state.ts'

export interface PopupEntry {
  readonly call: CallView
  readonly kind: 'ringing' | 'gave-up'
}

/** What PBXs send for a caller who hides their number (CALL-15). */
const ANONYMOUS =
  /^(anonymous|unknown|<unknown>|restricted|private|unavailable|withheld|asterisk|)$/i
const BUILT_IN: readonly FieldView[] = ['name', 'email', 'company', 'phones', 'note'].map(
  (key) => ({
    key,
    label: '',
    type: 'text',
    inPopup: key !== 'phones' && key !== 'note',
  }),
)

/** A phone of this agent rings. */
export function isRingingFor(call: CallView, agentId: string | null): boolean {
  if (agentId === null || call.state === 'ended') return false
  return call.legs.some((leg) => leg.agentId === agentId && leg.result === 'ringing')
}

/** This agent talks, or dialled. */
export function isOnCall(call: CallView, agentId: string | null): boolean {
  if (agentId === null || call.state === 'ended') return false
  if (call.direction !== 'incoming' && call.agentId === agentId) return true
  return call.legs.some((leg) => leg.agentId === agentId && isTalking(leg))
}

function isTalking(leg: CallView['legs'][number]): boolean {
  return leg.result === 'answered' && leg.endedAt === null
}

/** The pop-ups to show, the one that has been there longest first. */
export function selectPopups(state: State): readonly PopupEntry[] {
  const me = state.me?.id ?? null
  const given = new Set(state.notices.map((notice) => notice.callId))
  const entries: PopupEntry[] = []
  for (const call of state.calls.values()) {
    if (given.has(call.id)) entries.push({ call, kind: 'gave-up' })
    else if (isPopup(state, call, me)) entries.push({ call, kind: 'ringing' })
  }
  return entries.sort(
    (a, b) => startOf(a.call) - startOf(b.call) || (a.call.id < b.call.id ? -1 : 1),
  )
}

function isPopup(state: State, call: CallView, me: string | null): boolean {
  // A phone that rings because its owner dialled by a click needs no pop-up.
  if (isOnCall(call, me) || !isRingingFor(call, me) || !isShown(state, call)) return false
  return !state.dismissed.includes(call.id) && !state.unsure.includes(call.id)
}

/** The agent's own calls that go on, newest first: call waiting and second lines included (CASE-13). */
export function selectCurrentCalls(state: State): readonly CallView[] {
  const me = state.me?.id ?? null
  return [...state.calls.values()]
    .filter((call) => isOnCall(call, me) || isLeftByMe(state, call))
    .filter((call) => !state.unsure.includes(call.id) && isShown(state, call))
    .sort((a, b) => startOf(b) - startOf(a))
}

/** I put the call on hold or parked it by the PBX, which frees my phone, and nobody has taken it yet. */
export function isLeftByMe(state: State, call: CallView): boolean {
  if (call.state === 'ended' || call.agentId !== state.me?.id) return false
  const isWaiting = call.state === 'held' || selectMark(state, call.id).isParked
  return isWaiting && !call.legs.some(isTalking)
}

/**
 * Internal calls are not, unless the connection says so (CALL-13) or I dialled by a click. My
 * consultation is part of the call that waits for its end.
 */
function isShown(state: State, call: CallView): boolean {
  const { me } = state
  if (call.direction !== 'internal') return true
  if (call.agentId !== me?.id) return me?.internalCalls.includes(call.connectionId) === true
  if (call.uniqueId.startsWith(DIALLED_HERE)) return true
  return (
    me.internalCalls.includes(call.connectionId) &&
    ![...state.calls.values()].some(
      (other) => other.direction !== 'internal' && other.state === 'held' && isOnCall(other, me.id),
    )
  )
}
/** The ids that the server gives to calls that it dials. */
const DIALLED_HERE = 'ringside-'

/** What is under way with a call. */
export function selectMark(state: State, callId: string): CallMark {
  return state.marks.get(callId) ?? noMark
}

/** Me, as colleagues see me. */
export function selectMyself(state: State): ColleagueView | null {
  return state.agents.get(state.me?.id ?? '') ?? null
}

/** Something on the screen counts seconds. */
export function selectIsTimed(state: State): boolean {
  return (
    state.notices.length > 0 ||
    selectMyself(state)?.state === 'wrap-up' ||
    [...state.marks.values()].some((one) => one.refusal !== null || one.waiting.length > 0) ||
    selectCurrentCalls(state).length > 0 ||
    selectPopups(state).length > 0
  )
}

/** Nobody has seen to it yet. */
export function isMissed({ handset, status }: CaseSummaryView): boolean {
  return handset === 'red' && status !== 'closed'
}

/** Open missed-call cases, the caller who waits longest first (CASE-17). */
export function selectMissed(state: State): readonly CaseSummaryView[] {
  return [...state.cases.values()]
    .filter(isMissed)
    .sort((a, b) => waitingSince(a) - waitingSince(b))
}

/** How many they are: asked with each event, and nothing is sorted for it. */
export function countMissed(state: State): number {
  let count = 0
  for (const one of state.cases.values()) if (isMissed(one)) count += 1
  return count
}

/** Telephony cases of a user, last changed first. */
export function selectCasesOf({ cases }: State, userId: string): readonly CaseSummaryView[] {
  const own: CaseSummaryView[] = []
  for (const one of cases.values()) if (one.userId === userId) own.push(one)
  return own.sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt))
}

/** Users who could be the caller: the linked one, or all that have the number. */
export function selectCallUsers(state: State, call: CallView): readonly UserView[] {
  const ids = call.userId === null ? call.candidateUserIds : [call.userId]
  return ids.map((id) => state.users.get(id)).filter((user) => user !== undefined)
}

/** Ids of the users that are wanted to show a call. */
export function userIdsOf(call: CallView): readonly string[] {
  return call.userId === null ? call.candidateUserIds.slice(0, 5) : [call.userId]
}

/** Who calls is being asked for. */
export function isLoadingUsers(state: State, call: CallView): boolean {
  return userIdsOf(call).some(
    (id) => !state.users.has(id) && state.loads.get(`user:${id}`) !== 'failed',
  )
}

/** Fields of users; the built-in ones while the server has told none. */
export function selectFields(state: State): readonly FieldView[] {
  return state.fields.length === 0 ? BUILT_IN : state.fields
}

/** Seconds since an instant, by the server's clock; never negative. */
export function secondsSince(state: State, at: string | null): number {
  return at === null ? 0 : Math.max(0, Math.floor((state.now - Date.parse(at)) / 1000))
}

/** The other side of an internal call. */
export function selectColleague(state: State, call: CallView): ColleagueView | null {
  if (call.direction !== 'internal') return null
  const { raw } = call.agentId === state.me?.id ? call.to : call.from
  const isTheirs = (one: ColleagueView['extensions'][number]) =>
    one.connectionId === call.connectionId && one.extension === raw
  return [...state.agents.values()].find((one) => one.extensions.some(isTheirs)) ?? null
}

/** The customer's side of a call; of an internal one the called. */
export function customerOf(call: CallView): PhoneView {
  return call.direction === 'incoming' ? call.from : call.to
}

export function isAnonymous(phone: PhoneView): boolean {
  return phone.e164 === null && ANONYMOUS.test(phone.raw.trim())
}

/** Follows cases that were withdrawn to the one that took their call. */
export function currentCaseId(state: State, caseId: string): string {
  let id = caseId
  for (let hops = 0; hops < 10; hops += 1) {
    const next = state.withdrawn.get(id)
    if (next === undefined) return id
    id = next
  }
  return id
}

function waitingSince(found: CaseSummaryView): number {
  return Date.parse(found.waitingSince ?? found.createdAt)
}

function startOf(call: CallView): number {
  return Date.parse(call.ringingAt ?? call.startedAt)
}
