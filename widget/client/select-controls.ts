/** Questions about call control (CTL): what works now, who can be called. Pure, and not needed for a pop-up. */
import type { CallView } from '../../server/http/schemas.ts'
import { isMyConsultation } from './control-state.ts'
import type { ActionName, AgentState, Control, Queue } from './control-types.ts'
import { isLeftByMe, isOnCall, isRingingFor, selectMark } from './select.ts'
import type { State } from './state.ts'

/** True while an action was pressed and its effect has not been seen. */
export function isWaitingFor(state: State, callId: string, name: ActionName): boolean {
  return selectMark(state, callId).waiting.some((one) => one.name === name)
}

/** What to offer about one of my calls now, in the order of the buttons (POP-7). */
export function selectControls(state: State, call: CallView): readonly ActionName[] {
  const can = state.controls[call.connectionId] ?? []
  return fitting(state, call).filter((name) => (can as readonly Control[]).includes(name))
}

/** What the state of the call allows, whatever the PBX can do. */
function fitting(state: State, call: CallView): readonly ActionName[] {
  const me = state.me?.id ?? null
  const mark = selectMark(state, call.id)
  if (call.state === 'ended' || state.unsure.includes(call.id)) return []
  // Nobody's phone is on it: taken back, or hung up.
  if (isLeftByMe(state, call) && mark.consulting === null) {
    return mark.isParked ? ['retrieve'] : ['resume', 'hangup']
  }
  if (!isOnCall(call, me)) {
    return isRingingFor(call, me) && canAnswer(state, call) ? ['answer'] : []
  }
  if (call.answeredAt === null) return ['hangup']
  const mute = mark.isMuted ? 'unmute' : 'mute'
  // Hanging up now would join the two: what would happen is said by these buttons instead.
  if (mark.consulting !== null) return ['transfer-complete', 'transfer-cancel', mute, 'dtmf']
  const recording = mark.isRecordingPaused ? 'resume-recording' : 'pause-recording'
  // By the phone's own button, which alone takes the caller back.
  if (call.state === 'held') return [recording, 'hangup']
  return ['hold', mute, 'transfer', 'dtmf', recording, 'park', 'hangup']
}

/** A ringing phone of mine that can be told to pick up (CTL-3). */
function canAnswer(state: State, call: CallView): boolean {
  const ringing = call.legs.filter(
    (leg) => leg.agentId === state.me?.id && leg.result === 'ringing',
  )
  return (state.me?.extensions ?? []).some(
    (one) =>
      one.canAnswer === true &&
      one.connectionId === call.connectionId &&
      ringing.some((leg) => leg.extension === one.extension),
  )
}

/** A click on a number rings my phone and dials (CTL-2). */
export function selectCanDial(state: State): boolean {
  if (state.connection === 'refused') return false
  return (state.me?.extensions ?? []).some(({ connectionId }) =>
    state.controls[connectionId]?.includes('dial'),
  )
}

/** The call to the colleague who is asked before a transfer, as far as the PBX tells of it. */
export function selectConsultation(state: State): CallView | null {
  const calls = [...state.calls.values()].filter(
    (call) =>
      call.direction === 'internal' && call.state !== 'ended' && isMyConsultation(state, call),
  )
  return calls.at(-1) ?? null
}

const FREE_FIRST: readonly AgentState[] = ['free', 'wrap-up', 'away', 'busy', 'offline']

/** Colleagues whom a call of this connection can go to: name or extension holds the text; free ones first. */
export function selectColleagues(state: State, connectionId: string, text: string) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return [...state.agents.values()]
    .filter((one) => one.id !== state.me?.id)
    .flatMap((one) => {
      const own = one.extensions.find((each) => each.connectionId === connectionId)
      return own === undefined ? [] : [{ agent: one, extension: own.extension }]
    })
    .filter(({ agent, extension }) => {
      const about = `${agent.name} ${extension}`.toLowerCase()
      return words.every((word) => about.includes(word))
    })
    .sort(
      (a, b) =>
        FREE_FIRST.indexOf(a.agent.state) - FREE_FIRST.indexOf(b.agent.state) ||
        a.agent.name.localeCompare(b.agent.name),
    )
}

/** Queues: those that I am in first, then by name. */
export function selectQueues(state: State): readonly Queue[] {
  const isMine = (queue: Queue) => queue.members.some((one) => one.agentId === state.me?.id)
  return [...state.queues.values()].sort(
    (a, b) => Number(isMine(b)) - Number(isMine(a)) || a.name.localeCompare(b.name),
  )
}
