import { RingsideError } from '../errors.ts'
import type { Control, PbxAnswer, PbxCommand } from '../sources/pbx.ts'

/** The PBXs, as far as control needs them. */
export interface Pbx {
  run(connectionId: string, command: PbxCommand): Promise<PbxAnswer>
  controls(connectionId: string): ReadonlySet<Control>
  /** There is an account at it, and no connection just now. */
  isAway(connectionId: string): boolean
}

export type Refusal = Extract<PbxAnswer, { readonly ok: false }>
/** Why an action was not done: the last part of the problem's `type`. */
export type RefusalCode = Refusal['code'] | 'not-yours'

/** The error that whoever asked gets to see. */
export function toError(code: RefusalCode, message: string): RingsideError {
  switch (code) {
    case 'refused-by-pbx':
    case 'pbx-away':
      return new RingsideError(code, message)
    default:
      return new RingsideError('conflict', message, { type: code })
  }
}
