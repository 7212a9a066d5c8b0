import { listExtensions } from '../../db/extensions.ts'
import type { Call } from '../calls/call.ts'
import type { PbxCommand } from '../sources/pbx.ts'
import { type Actor, type CallControl, targetOf } from './call-target.ts'
import { type Answer, type ControlOptions, keepAction, parseTarget } from './control-options.ts'
import { type Refusal, toError } from './pbx.ts'

/** What is asked of a call, with what it needs. */
export type Asked =
  | { readonly type: Exclude<CallControl, 'dtmf' | 'transfer'> }
  | { readonly type: 'dtmf'; readonly digits: string }
  | { readonly type: 'transfer'; readonly to: string; readonly mode: 'blind' | 'attended' }

/** Every action is in the call's history, those that were refused too (CTL-5). */
export async function act(
  options: ControlOptions,
  call: Call,
  asked: Asked,
  actor: Actor,
): Promise<void> {
  const answer = await tryToAct(options, call, asked, actor)
  await keepAction(
    options,
    call.id,
    actor,
    { action: asked.type, details: detailsOf(asked) },
    answer,
  )
  if (!answer.ok) throw toError(answer.code, answer.message)
}

async function tryToAct(
  options: ControlOptions,
  call: Call,
  asked: Asked,
  actor: Actor,
): Promise<Answer> {
  const { pbx } = options
  const { connectionId, uniqueId } = call
  const target = targetOf(call, asked.type, actor)
  if ('code' in target) return { ok: false, ...target }
  const { extension } = target
  const controls = pbx.controls(connectionId)
  // Where nothing works at all, such as while the PBX is away, the PBX's side says why.
  if (controls.size > 0 && !controls.has(asked.type)) return refuse('the PBX cannot do this')
  if (asked.type === 'answer' && !(await canAnswer(options, connectionId, extension))) {
    return refuse(`the phone of ${extension} cannot be told to answer`)
  }
  if (asked.type !== 'transfer') {
    return pbx.run(connectionId, { ...asked, uniqueId, extension } as PbxCommand)
  }
  const to = await parseTarget(options, connectionId, asked.to, 'to')
  return pbx.run(connectionId, { type: 'transfer', to, mode: asked.mode, uniqueId, extension })
}

function refuse(message: string): Refusal {
  return { ok: false, code: 'not-supported', message }
}

async function canAnswer(
  { database }: ControlOptions,
  connectionId: string,
  extension: string,
): Promise<boolean> {
  const own = await listExtensions(database.db, connectionId)
  return own.some((row) => row.extension === extension && row.canAnswer)
}

/** What was typed into the phone may be a card's number: only how much it was is kept. */
function detailsOf(asked: Asked): Record<string, string> {
  if (asked.type === 'dtmf') return { digits: String(asked.digits.length) }
  return asked.type === 'transfer' ? { to: asked.to, mode: asked.mode } : {}
}
