import type { Pbx } from '../../server/control/pbx.ts'
import {
  CONTROLS,
  type Control,
  type PbxAnswer,
  type PbxCommand,
} from '../../server/sources/pbx.ts'

/** A PBX that does what it is told, unless a test says otherwise. */
export interface StandInPbx extends Pbx {
  /** What it was told, oldest first. */
  readonly commands: PbxCommand[]
  /** What it can do from now on. */
  can(controls: readonly Control[]): void
  /** From now on it is not reached, or it is again. */
  goes(isAway: boolean): void
  /** Its next answer. */
  answers(answer: PbxAnswer): void
}

export function createStandInPbx(): StandInPbx {
  const commands: PbxCommand[] = []
  let controls: ReadonlySet<Control> = new Set(CONTROLS)
  let next: PbxAnswer | null = null
  let isAway = false
  return {
    commands,
    can: (able) => {
      controls = new Set(able)
    },
    answers: (answer) => {
      next = answer
    },
    goes: (away) => {
      isAway = away
    },
    controls: () => (isAway ? new Set() : controls),
    isAway: () => isAway,
    run: async (_connectionId, command) => {
      commands.push(command)
      const answer = next ?? { ok: true }
      next = null
      return answer
    },
  }
}
