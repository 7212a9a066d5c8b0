import type { AmiAction } from './ami-action.ts'
import type { AmiPacket } from './ami-packet.ts'
import type { CallParts, PbxAnswer } from './pbx.ts'

/** Options of the connection that control depends on (AMI-5). */
export interface AmiControlOptions {
  readonly originateContext: string
  readonly parkingLotContext: string
  /** An agent's interface in queues; `{0}` is the extension. */
  readonly queueExtensionFormat: string
  /** False: Asterisk tells this account nothing at all until the phone was picked up. */
  readonly asyncOriginate: boolean
}

export interface AmiControlDeps {
  readonly session: { send(action: AmiAction): Promise<AmiPacket> }
  /** Names of the actions that the account may use, as `ListCommands` tells them. */
  readonly allowed: ReadonlySet<string>
  readonly partsOf: (uniqueId: string) => CallParts | null
  readonly options: AmiControlOptions
  /** Such as `PJSIP`. */
  readonly technologyOf: (extension: string) => string
  /** How long a consultation may take to begin; shorter in tests. */
  readonly consultMs?: number
}

/** What the commands work with. */
export interface ControlContext extends AmiControlDeps {
  can(action: string): boolean
  act(name: string, ...fields: readonly (readonly [string, string])[]): Promise<PbxAnswer>
  /** What a dialplan expression comes to; null where the account may not ask. */
  ask(expression: string): Promise<string | null>
}

export const DONE: PbxAnswer = { ok: true }
/** What may stand in a dialplan: no separator of Asterisk's, no line end (SAFE-6). */
export const DIALABLE = /^[+*#\w.-]{1,80}$/

export function refused(message: string): PbxAnswer {
  return { ok: false, code: 'refused-by-pbx', message }
}

export function wrongState(message: string): PbxAnswer {
  return { ok: false, code: 'wrong-state', message }
}

export function notSupported(message: string): PbxAnswer {
  return { ok: false, code: 'not-supported', message }
}
