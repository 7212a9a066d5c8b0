import type { Call } from '../calls/call.ts'
import type { Control } from '../sources/pbx.ts'
import { type Asked, act } from './act.ts'
import type { Actor } from './call-target.ts'
import type { ControlOptions } from './control-options.ts'
import { dial } from './dial.ts'
import { pauseInQueue } from './queue-pause.ts'

/** What agents ask of the PBX (CTL-1…CTL-7). */
export interface CallController {
  /** What works on each connection. */
  controls(): Record<string, Control[]>
  act(call: Call, asked: Asked, actor: Actor): Promise<void>
  /** Rings the agent's extension, then dials; gives the new call. */
  dial(asked: { number: string; extension?: string | undefined }, actor: Actor): Promise<Call>
  pauseInQueue(
    asked: { name: string; paused: boolean; reason?: string | undefined },
    agentId: string,
  ): Promise<void>
}

export function createCallController(options: ControlOptions): CallController {
  return {
    controls: () =>
      Object.fromEntries(
        options
          .connectionIds()
          .map((id): [string, Control[]] => [id, [...options.pbx.controls(id)]])
          .filter(([, controls]) => controls.length > 0),
      ),
    act: (call, asked, actor) => act(options, call, asked, actor),
    dial: (asked, actor) => dial(options, asked, actor),
    pauseInQueue: (asked, agentId) => pauseInQueue(options, asked, agentId),
  }
}
