import { hangUp, unknownExtension } from './ami-commands.ts'
import {
  type ControlContext,
  DONE,
  notSupported,
  refused,
  wrongState,
} from './ami-control-context.ts'
import type { CallParts, PartOfCall, PbxAnswer } from './pbx.ts'

const CONSULT_MS = 5000
const POLL_MS = 50

export interface Transfer {
  readonly to: string
  readonly mode: 'blind' | 'attended'
  readonly uniqueId: string
  readonly extension: string
  readonly agent: PartOfCall
  readonly customer: PartOfCall | null
}

/** A transfer to an extension that is not there succeeds, and hangs up the caller: asked before. */
export async function transfer(context: ControlContext, wanted: Transfer): Promise<PbxAnswer> {
  const { to, mode, agent, customer } = wanted
  if (customer === null || agent.state !== 'talking') {
    return wrongState('there is nobody to transfer')
  }
  if (mode === 'attended' && !context.can('Atxfer')) {
    return notSupported('the PBX cannot transfer after a consultation')
  }
  const unknown = await unknownExtension(context, to)
  if (unknown !== null) return unknown
  const target = [
    ['Exten', to],
    ['Context', context.options.originateContext],
  ] as const
  const ofAgent = ['Channel', agent.channelName] as const
  if (mode === 'attended') {
    const sent = await context.act('Atxfer', ofAgent, ...target)
    return sent.ok ? consultationBegins(context, wanted) : sent
  }
  if (context.can('BlindTransfer')) return context.act('BlindTransfer', ofAgent, ...target)
  // Until 11.
  const ofCustomer = ['Channel', customer.channelName] as const
  return context.act('Redirect', ofCustomer, ...target, ['Priority', '1'])
}

/** `Atxfer` presses the phone's keys: where the dialplan allows no transfers it succeeds and does nothing. */
async function consultationBegins(
  context: ControlContext,
  { uniqueId, extension }: Transfer,
): Promise<PbxAnswer> {
  const tries = Math.ceil((context.consultMs ?? CONSULT_MS) / POLL_MS)
  for (let i = 0; i < tries; i += 1) {
    const parts = context.partsOf(uniqueId)
    if (parts === null) return wrongState('the call has ended')
    if (parts.consulting === extension) return DONE
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return refused(
    'no consultation began: Dial and Queue need the option t or T, and features.conf a key for atxfer',
  )
}

/** Who hangs up in a consultation completes the transfer (tried with 16 and 22, ringing too). */
export async function endConsultation(
  context: ControlContext,
  parts: CallParts,
  wanted: {
    readonly type: 'transfer-complete' | 'transfer-cancel'
    readonly extension: string
    readonly agent: PartOfCall
  },
): Promise<PbxAnswer> {
  if (parts.consulting !== wanted.extension) return wrongState('there is no consultation')
  return wanted.type === 'transfer-complete'
    ? hangUp(context, wanted.agent)
    : context.act('CancelAtxfer', ['Channel', wanted.agent.channelName])
}
