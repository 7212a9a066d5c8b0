/**
 * What is under way with a call: pressed and not yet seen, refused and why, and what the PBX does not tell
 * (muted, recording paused, parked by me). Pure, like `state.ts`.
 */
import type { CallView } from '../../server/http/schemas.ts'
import { mapped, put, without } from './by-id.ts'
import type { ActionName, CallAction } from './control-types.ts'
import { isOnCall } from './select.ts'
import type { State } from './state.ts'

export interface Refusal {
  readonly name: ActionName
  /** The last part of the problem's `type`; `offline` where the server was not reached. */
  readonly code: string
  readonly detail: string
  readonly until: number
}

export interface CallMark {
  readonly isMuted: boolean
  readonly isRecordingPaused: boolean
  readonly isParked: boolean
  /** With whom a consultation goes on before a transfer. */
  readonly consulting: string | null
  /** Pressed; `until` null while the server has not answered. */
  readonly waiting: readonly { readonly name: ActionName; readonly until: number | null }[]
  readonly refusal: Refusal | null
}

export type ControlMessage =
  | { readonly type: 'action-sent'; readonly callId: string; readonly name: ActionName }
  | { readonly type: 'action-accepted'; readonly callId: string; readonly action: CallAction }
  | {
      readonly type: 'action-refused'
      readonly callId: string
      readonly name: ActionName
      readonly code: string
      readonly detail: string
    }
  /** Kept over a change of page. */
  | { readonly type: 'marks'; readonly marks: State['marks'] }

export const noMark: CallMark = {
  isMuted: false,
  isRecordingPaused: false,
  isParked: false,
  consulting: null,
  waiting: [],
  refusal: null,
}

const REFUSAL_MS = 8_000
/** Accepted, and nothing has changed for this long: the button comes back. */
const SEEN_MS = 5_000

/** The state after something about an action. */
export function withAction(state: State, message: ControlMessage): State {
  if (message.type === 'marks')
    return { ...state, marks: new Map([...message.marks, ...state.marks]) }
  const mark = state.marks.get(message.callId) ?? noMark
  return withMark(state, message.callId, markAfter(state, mark, message))
}

function markAfter(
  state: State,
  mark: CallMark,
  message: Exclude<ControlMessage, { type: 'marks' }>,
): CallMark {
  switch (message.type) {
    case 'action-sent':
      return {
        ...mark,
        waiting: [...waitingWithout(mark, message.name), { name: message.name, until: null }],
        refusal: null,
      }
    case 'action-accepted': {
      const { action, callId } = message
      const call = state.calls.get(callId)
      const isSeen = call === undefined || isReached(state, call, action)
      const seen = { name: action.name, until: state.now + SEEN_MS }
      const waiting = [...waitingWithout(mark, action.name), ...(isSeen ? [] : [seen])]
      return { ...mark, ...told(action), waiting }
    }
    case 'action-refused': {
      const { name, code, detail } = message
      // Nobody is being asked any more: the colleague hung up, say.
      const isOver = code === 'wrong-state' && name.startsWith('transfer-')
      const refusal = { name, code, detail, until: state.now + REFUSAL_MS }
      const consulting = isOver ? null : mark.consulting
      return { ...mark, waiting: waitingWithout(mark, name), consulting, refusal }
    }
  }
}

/** What is known from the server's yes alone, because no event tells it. */
function told(action: CallAction): Partial<CallMark> {
  switch (action.name) {
    case 'mute':
    case 'unmute':
      return { isMuted: action.name === 'mute' }
    case 'pause-recording':
    case 'resume-recording':
      return { isRecordingPaused: action.name === 'pause-recording' }
    case 'park':
      return { isParked: true }
    case 'transfer':
      return action.mode === 'attended' ? { consulting: action.label } : {}
    case 'transfer-cancel':
      return { consulting: null }
    default:
      return {}
  }
}

/** The call shows what was asked for. */
function isReached(state: State, call: CallView, action: CallAction): boolean {
  const isMine = isOnCall(call, state.me?.id ?? null)
  switch (action.name) {
    case 'hold':
    case 'park':
      return call.state !== 'answered'
    case 'resume':
      return call.state !== 'held'
    case 'answer':
    case 'retrieve':
      return isMine
    case 'hangup':
    case 'transfer-complete':
      return !isMine
    case 'transfer':
      return action.mode === 'attended' || !isMine
    default:
      return true
  }
}

/** What a new state of a call ends: waiting for it, and what was true of the call before. */
export function withCallSeen(state: State, before: CallView | undefined, call: CallView): State {
  if (call.state === 'ended') return withEnd(state, call)
  const mark = state.marks.get(call.id)
  if (mark === undefined) return state
  const waiting = mark.waiting.filter(
    // A transfer that is waited for is a blind one: an attended one is seen at once.
    ({ name }) => !isReached(state, call, { name, mode: 'blind' } as CallAction),
  )
  const me = state.me?.id ?? null
  const isBack = before !== undefined && !isOnCall(before, me) && isOnCall(call, me)
  return withMark(state, call.id, {
    ...mark,
    waiting,
    isParked: mark.isParked && !isBack,
    isMuted: mark.isMuted && !isBack,
  })
}

/** With the end of a consultation the first call is what it was. */
function withEnd(state: State, call: CallView): State {
  const marks = without(state.marks, call.id)
  if (call.direction !== 'internal' || !isMyConsultation(state, call)) {
    return marks === state.marks ? state : { ...state, marks }
  }
  return { ...state, marks: mapped(marks, (mark) => ({ ...mark, consulting: null })) }
}

/** I am the one who calls a colleague. */
export function isMyConsultation(state: State, call: CallView): boolean {
  return call.agentId === state.me?.id
}

/** Refusals leave, and nobody waits for ever. */
export function withControlTime(state: State, now: number): State {
  let next = state
  for (const [id, mark] of state.marks) {
    const waiting = mark.waiting.filter(({ until }) => until === null || until > now)
    const isOld = mark.refusal !== null && mark.refusal.until <= now
    if (!isOld && waiting.length === mark.waiting.length) continue
    next = withMark(next, id, { ...mark, waiting, refusal: isOld ? null : mark.refusal })
  }
  return next
}

function withMark(state: State, callId: string, mark: CallMark): State {
  return { ...state, marks: put(state.marks, callId, mark) }
}

function waitingWithout(mark: CallMark, name: ActionName): CallMark['waiting'] {
  return mark.waiting.filter((one) => one.name !== name)
}
