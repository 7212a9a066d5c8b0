import {
  type ControlContext,
  DIALABLE,
  DONE,
  notSupported,
  refused,
  wrongState,
} from './ami-control-context.ts'
import type { CallParts, PartOfCall, PbxAnswer, PbxCommand } from './pbx.ts'

const RING_MS = '30000'

/** CTL-2: the agent's phone first; its display shows the number, the caller id stays the agent's. */
export async function dial(
  context: ControlContext,
  command: Extract<PbxCommand, { type: 'dial' }>,
): Promise<PbxAnswer> {
  const { extension, number, uniqueId } = command
  // An originate to a phone that is not there is accepted, and nothing more is heard of it.
  const state = await context.ask(`DEVICE_STATE(${channelOf(context, extension)})`)
  if (state === 'UNAVAILABLE' || state === 'INVALID') {
    return refused(`the phone of ${extension} is not connected to the PBX`)
  }
  const unknown = await unknownExtension(context, number)
  if (unknown !== null) return unknown
  return originate(context, {
    extension,
    context: context.options.originateContext,
    exten: number,
    more: [['ChannelId', uniqueId]],
  })
}

/** The agent's phone is rung, and calls the space in which the caller is parked. */
export function retrieve(
  context: ControlContext,
  { parked }: CallParts,
  extension: string,
): Promise<PbxAnswer> | PbxAnswer {
  if (parked === null || !DIALABLE.test(parked.space)) return wrongState('the caller is not parked')
  return originate(context, {
    extension,
    context: context.options.parkingLotContext,
    exten: parked.space,
    more: [],
  })
}

function originate(
  context: ControlContext,
  what: {
    readonly extension: string
    readonly context: string
    readonly exten: string
    readonly more: readonly (readonly [string, string])[]
  },
): Promise<PbxAnswer> {
  return context.act(
    'Originate',
    ['Channel', channelOf(context, what.extension)],
    ['Context', what.context],
    ['Exten', what.exten],
    ['Priority', '1'],
    ['Timeout', RING_MS],
    // What the phone shows while it rings; `i`: nobody else is told of it yet.
    ['Variable', `CONNECTEDLINE(name,i)=${what.exten}`],
    ['Variable', `CONNECTEDLINE(num,i)=${what.exten}`],
    ...what.more,
    ...(context.options.asyncOriginate ? ([['Async', 'true']] as const) : []),
  )
}

export function pauseInQueue(
  context: ControlContext,
  command: Extract<PbxCommand, { type: 'queue-pause' }>,
): Promise<PbxAnswer> {
  const { extension, queue, paused, reason } = command
  const format = context.options.queueExtensionFormat
  const own = channelOf(context, extension)
  return context.act(
    'QueuePause',
    ['Interface', format === '' ? own : format.replaceAll('{0}', () => extension)],
    ['Paused', String(paused)],
    ...(queue === null ? [] : ([['Queue', queue]] as const)),
    ...(reason === '' ? [] : ([['Reason', reason]] as const)),
  )
}

/** CTL-3: the phone itself answers, where it understands `Event: talk` within the dialog. */
export function pickUp(context: ControlContext, agent: PartOfCall): Promise<PbxAnswer> | PbxAnswer {
  if (agent.state !== 'ringing') return wrongState('the phone does not ring')
  if (!/^PJSIP\//i.test(agent.channelName)) {
    return notSupported('this phone cannot be told to answer')
  }
  return context.act('PJSIPNotify', ['Channel', agent.channelName], ['Variable', 'Event=talk'])
}

export function hangUp(
  context: ControlContext,
  party: PartOfCall | null,
): Promise<PbxAnswer> | PbxAnswer {
  if (party === null) return wrongState('the extension is not on this call any more')
  return context.act('Hangup', ['Channel', party.channelName], ['Cause', '16'])
}

/** What comes in from the agent's phone is not heard. */
export function muteAudio(
  context: ControlContext,
  agent: PartOfCall,
  state: 'on' | 'off',
): Promise<PbxAnswer> {
  return context.act(
    'MuteAudio',
    ['Channel', agent.channelName],
    ['Direction', 'in'],
    ['State', state],
  )
}

/**
 * AMI cannot put a desk phone on hold: the caller waits in the parking lot, and the agent's phone is
 * free. Its channel would stay, talking with nobody, until the caller is taken back (tried with 16
 * and 22). `Channel2` is what `TimeoutChannel` was called until 11.
 */
export async function park(
  context: ControlContext,
  customer: PartOfCall | null,
  agent: PartOfCall,
): Promise<PbxAnswer> {
  if (customer === null || agent.state !== 'talking') return wrongState('there is nobody to park')
  const parked = await context.act(
    'Park',
    ['Channel', customer.channelName],
    ['TimeoutChannel', agent.channelName],
    ['Channel2', agent.channelName],
  )
  if (!parked.ok) return parked
  // Until 11 it is gone by itself.
  if (context.can('Hangup')) await hangUp(context, agent)
  return DONE
}

export async function sendDigits(
  context: ControlContext,
  customer: PartOfCall | null,
  digits: string,
): Promise<PbxAnswer> {
  if (customer === null) return wrongState('nobody is there to hear the digits')
  for (const digit of digits) {
    const sent = await context.act('PlayDTMF', ['Channel', customer.channelName], ['Digit', digit])
    if (!sent.ok) return sent
  }
  return DONE
}

/** CTL-7: the recording is on the channel whose dialplan began it: the caller's, in most. */
export async function muteRecording(
  context: ControlContext,
  parts: CallParts,
  state: '0' | '1',
): Promise<PbxAnswer> {
  const candidates = [parts.customer, ...parts.agents.values()].filter((part) => part !== null)
  let isDone = false
  let answer: PbxAnswer = wrongState('nobody is on this call any more')
  for (const { channelName } of candidates) {
    answer = await context.act(
      'MixMonitorMute',
      ['Channel', channelName],
      ['Direction', 'both'],
      ['State', state],
    )
    isDone ||= answer.ok
  }
  return isDone ? DONE : answer
}

/** A refusal where the dialplan has no such extension; null where it has, or cannot be asked. */
export async function unknownExtension(
  context: ControlContext,
  number: string,
): Promise<PbxAnswer | null> {
  const dialled = context.options.originateContext
  const exists = await context.ask(`DIALPLAN_EXISTS(${dialled},${number},1)`)
  return exists === '0' ? refused(`${number} cannot be dialled in the context ${dialled}`) : null
}

function channelOf({ technologyOf }: ControlContext, extension: string): string {
  return `${technologyOf(extension)}/${extension}`
}
