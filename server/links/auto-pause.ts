import type { Channels } from '../sources/channels.ts'
import {
  AUTO_PAUSE_REASON,
  type PbxAnswer,
  type PbxCommand,
  type QueueState,
} from '../sources/pbx.ts'

/** Pauses agents in the queues while they talk (AMI-5 `autoPauseOnCommutationStart`). */
export interface AutoPause {
  /** Something about calls has changed. */
  look(): void
  /** The queues as they are now. */
  queues(states: readonly QueueState[]): void
}

export interface AutoPauseOptions {
  readonly isOn: boolean
  readonly channels: Pick<Channels, 'liveIds' | 'partsOf'>
  readonly run: (command: PbxCommand) => Promise<PbxAnswer>
  readonly onProblem: (message: string) => void
}

/** Who paused an agent unpauses the agent: only pauses with our reason end with the conversation. */
export function createAutoPause(options: AutoPauseOptions): AutoPause {
  const { channels, run, onProblem } = options
  let states: readonly QueueState[] = []
  let talking: ReadonlySet<string> = new Set()
  /** What was asked for and is not in the queues' state yet: `extension queue` → paused. */
  const asked = new Map<string, boolean>()

  const ask = (extension: string, queue: string, paused: boolean): void => {
    const key = `${extension} ${queue}`
    if (asked.get(key) === paused) return
    asked.set(key, paused)
    run({
      type: 'queue-pause',
      extension,
      queue,
      paused,
      reason: paused ? AUTO_PAUSE_REASON : '',
    }).then(
      (answer) => {
        if (answer.ok) return
        asked.delete(key)
        onProblem(answer.message)
      },
      (error: unknown) => onProblem(String(error)),
    )
  }
  const membersOf = function* () {
    for (const { name, members } of states) for (const member of members) yield { name, member }
  }
  const unpause = (): void => {
    for (const { name, member } of membersOf()) {
      const { extension, paused, reason } = member
      const isOurs =
        (paused && reason === AUTO_PAUSE_REASON) || asked.get(`${extension} ${name}`) === true
      if (isOurs && !talking.has(extension)) ask(extension, name, false)
    }
  }
  return {
    look: () => {
      if (!options.isOn) return
      const now = talkingOn(channels)
      const before = talking
      talking = now
      for (const { name, member } of membersOf()) {
        const { extension, paused } = member
        // Only who begins to talk: whoever was unpaused by a person since then stays so.
        if (now.has(extension) && !before.has(extension) && !paused) ask(extension, name, true)
      }
      unpause()
    },
    queues: (told) => {
      if (!options.isOn) return
      states = told
      for (const { name, member } of membersOf()) {
        const key = `${member.extension} ${name}`
        if (asked.get(key) === member.paused) asked.delete(key)
      }
      talking = talkingOn(channels)
      unpause()
    },
  }
}

function talkingOn({ liveIds, partsOf }: AutoPauseOptions['channels']): ReadonlySet<string> {
  const parts = liveIds().flatMap((id) => [...(partsOf(id)?.agents ?? [])])
  return new Set(
    parts.flatMap(([extension, { state }]) => (state === 'talking' ? [extension] : [])),
  )
}
