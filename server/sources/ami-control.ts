import type { AmiAction } from './ami-action.ts'
import {
  dial,
  hangUp,
  muteAudio,
  muteRecording,
  park,
  pauseInQueue,
  pickUp,
  retrieve,
  sendDigits,
} from './ami-commands.ts'
import {
  type AmiControlDeps,
  type AmiControlOptions,
  type ControlContext,
  DIALABLE,
  DONE,
  notSupported,
  refused,
  wrongState,
} from './ami-control-context.ts'
import { AmiError, type AmiErrorCode } from './ami-error.ts'
import { endConsultation, transfer } from './ami-transfer.ts'
import type { Control, PbxAnswer, PbxCommand } from './pbx.ts'

export interface AmiControl {
  readonly controls: ReadonlySet<Control>
  run(command: PbxCommand): Promise<PbxAnswer>
}

const DIGITS = /^[0-9*#A-D]{1,32}$/
const CONTEXT = /^[\w.-]{1,80}$/

/** Call control by manager actions; only what the account may use is in `controls` (CTL-1). */
export function createAmiControl(deps: AmiControlDeps): AmiControl {
  const allowed = new Set([...deps.allowed].map((name) => name.toLowerCase()))
  const can = (action: string): boolean => allowed.has(action.toLowerCase())
  const controls = controlsOf(can, deps.options)
  const context: ControlContext = {
    ...deps,
    can,
    act: (name, ...fields) => send(deps.session, { name, fields }),
    ask: (expression) => (can('Getvar') ? ask(deps.session, expression) : Promise.resolve(null)),
  }
  return {
    controls,
    run: async (command) => {
      if (!controls.has(command.type)) return notSupported('the PBX cannot do this')
      if (!isSound(command)) return notSupported('this cannot be dialled')
      if (command.type === 'dial') return dial(context, command)
      if (command.type === 'queue-pause') return pauseInQueue(context, command)
      return runOnCall(context, command)
    },
  }
}

/** Which actions each control needs, besides a context where one is dialled in. */
function controlsOf(
  can: (action: string) => boolean,
  { originateContext, parkingLotContext }: AmiControlOptions,
): ReadonlySet<Control> {
  const dials = CONTEXT.test(originateContext)
  const parks = CONTEXT.test(parkingLotContext)
  const possible: Readonly<Record<Control, boolean>> = {
    dial: dials && can('Originate'),
    answer: can('PJSIPNotify'),
    hangup: can('Hangup'),
    hold: parks && can('Park') && can('Originate'),
    resume: parks && can('Park') && can('Originate'),
    mute: can('MuteAudio'),
    unmute: can('MuteAudio'),
    dtmf: can('PlayDTMF'),
    transfer: dials && (can('BlindTransfer') || can('Redirect')),
    'transfer-complete': dials && can('Atxfer') && can('Hangup'),
    'transfer-cancel': dials && can('Atxfer') && can('CancelAtxfer'),
    park: can('Park'),
    retrieve: parks && can('Originate'),
    'pause-recording': can('MixMonitorMute'),
    'resume-recording': can('MixMonitorMute'),
    'queue-pause': can('QueuePause'),
  }
  return new Set((Object.keys(possible) as Control[]).filter((control) => possible[control]))
}

type OnCall = Exclude<PbxCommand, { readonly type: 'dial' } | { readonly type: 'queue-pause' }>

async function runOnCall(context: ControlContext, command: OnCall): Promise<PbxAnswer> {
  const parts = context.partsOf(command.uniqueId)
  if (parts === null) return wrongState('the PBX has no such call any more')
  const agent = parts.agents.get(command.extension) ?? null
  switch (command.type) {
    case 'resume':
    case 'retrieve':
      return retrieve(context, parts, command.extension)
    case 'hangup':
      // Of a parked caller nobody's phone is left: the caller is who can be hung up.
      return hangUp(context, agent ?? (parts.agents.size === 0 ? parts.customer : null))
    case 'pause-recording':
      return muteRecording(context, parts, '1')
    case 'resume-recording':
      return muteRecording(context, parts, '0')
    default:
      break
  }
  if (agent === null) return wrongState(`${command.extension} is not on this call`)
  switch (command.type) {
    case 'answer':
      return pickUp(context, agent)
    case 'hold':
    case 'park':
      return park(context, parts.customer, agent)
    case 'mute':
      return muteAudio(context, agent, 'on')
    case 'unmute':
      return muteAudio(context, agent, 'off')
    case 'dtmf':
      return sendDigits(context, parts.customer, 'digits' in command ? command.digits : '')
    case 'transfer':
      return 'to' in command
        ? transfer(context, { ...command, agent, customer: parts.customer })
        : notSupported('a transfer needs a target')
    case 'transfer-complete':
    case 'transfer-cancel':
      return endConsultation(context, parts, {
        type: command.type,
        extension: command.extension,
        agent,
      })
  }
}

/** Everything that goes into a dialplan is checked here too, whoever asks (SAFE-6). */
function isSound(command: PbxCommand): boolean {
  if (!DIALABLE.test(command.extension)) return false
  if ('number' in command) return DIALABLE.test(command.number) && DIALABLE.test(command.uniqueId)
  if ('to' in command) return DIALABLE.test(command.to)
  if ('digits' in command) return DIGITS.test(command.digits)
  return true
}

/** By the PBX, or by us before it is asked. */
const REFUSED: ReadonlySet<AmiErrorCode> = new Set(['refused', 'bad-action'])

async function send(session: AmiControlDeps['session'], action: AmiAction): Promise<PbxAnswer> {
  try {
    const answer = await session.send(action)
    return answer.response?.toLowerCase() === 'success'
      ? DONE
      : refused(answer.get('Message') ?? 'the PBX gave no reason')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof AmiError && REFUSED.has(error.code)) return refused(message)
    return { ok: false, code: 'pbx-away', message }
  }
}

async function ask(session: AmiControlDeps['session'], expression: string): Promise<string | null> {
  const asked = { name: 'Getvar', fields: [['Variable', expression]] } as const
  // Whether it answers or not: what is asked for next says why it does not work.
  const answer = await session.send(asked).catch(() => null)
  return answer?.response?.toLowerCase() === 'success' ? answer.get('Value') : null
}
