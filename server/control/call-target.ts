import type { Call, Leg } from '../calls/call.ts'
import type { Control } from '../sources/pbx.ts'
import type { RefusalCode } from './pbx.ts'

export type CallControl = Exclude<Control, 'dial' | 'queue-pause'>

/** Who asks; `agentId` null: another program. */
export interface Actor {
  readonly agentId: string | null
  readonly role: 'agent' | 'supervisor' | 'admin'
}

export type Target =
  | { readonly extension: string }
  | { readonly code: RefusalCode; readonly message: string }

/** Whose part of the call is controlled: one's own, or, for supervisors, that of who is on it (CTL-5). */
export function targetOf(call: Call, action: CallControl, actor: Actor): Target {
  const own = call.legs.filter((leg) => leg.agentId === actor.agentId && actor.agentId !== null)
  const isOwn = own.some(isLive) || (actor.agentId !== null && call.agentId === actor.agentId)
  if (!isOwn && actor.role === 'agent') {
    return { code: 'not-yours', message: 'somebody else has this call' }
  }
  const wrong = wrongState(call, action)
  if (wrong !== null) return { code: 'wrong-state', message: wrong }
  const legs = isOwn ? own : call.legs
  const leg = action === 'answer' ? legs.findLast(isRinging) : bestOf(legs)
  if (action === 'answer' && leg === undefined) {
    return { code: 'wrong-state', message: 'the phone does not ring' }
  }
  const extension = leg?.extension ?? (call.direction === 'incoming' ? null : call.from.raw)
  if (extension !== null) return { extension }
  return { code: 'wrong-state', message: 'nobody is on this call' }
}

/** What the state of a call leaves room for; null: the action has its place. */
function wrongState(call: Call, action: CallControl): string | null {
  if (call.endedAt !== null) return 'the call has ended'
  const isTalk = call.state === 'answered'
  switch (action) {
    case 'answer':
    case 'hangup':
      return null
    case 'resume':
    case 'retrieve':
      return call.state === 'held' ? null : 'the caller is not on hold'
    case 'hold':
    case 'park':
    case 'mute':
    case 'dtmf':
    case 'transfer':
      return isTalk ? null : `the call is ${call.state}, not answered`
    case 'unmute':
    case 'transfer-complete':
    case 'transfer-cancel':
    case 'pause-recording':
    case 'resume-recording':
      // A consultation holds the caller.
      return isTalk || call.state === 'held' ? null : `the call is ${call.state}, not answered`
  }
}

/** The one who talks, else who rings, else who talked last: of a parked caller that is the parker. */
function bestOf(legs: readonly Leg[]): Leg | undefined {
  return (
    legs.findLast(isTalking) ??
    legs.findLast(isRinging) ??
    legs.findLast((leg) => leg.answeredAt !== null)
  )
}

function isLive(leg: Leg): boolean {
  return isTalking(leg) || isRinging(leg)
}

function isTalking(leg: Leg): boolean {
  return leg.answeredAt !== null && leg.endedAt === null
}

function isRinging(leg: Leg): boolean {
  return leg.result === 'ringing'
}
