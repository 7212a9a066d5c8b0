import type { ChannelEvent } from '../../server/sources/channel-event.ts'
import type { Story } from './pbx-story.ts'

type Told = Story[number]

/** A person's or a phone's next step comes later than everything that the one before it set off. */
const PAUSE_MS = 100

/**
 * The story as other schedules of Asterisk's threads would have told it. Whatever one channel or one
 * bridge does keeps its order, for it is done under a lock; what has nothing in common may change
 * places with all that the same step set off. `random` takes the next of those that may come now.
 */
export function otherSchedule(story: Story, random: () => number): Story {
  return stepsOf(story).flatMap((step) => {
    const left = new Set(step)
    const before = predecessors(step)
    return step.map(({ time }) => {
      const free = [...left].filter((each) => before.get(each)?.every((other) => !left.has(other)))
      const next = free[Math.floor(random() * free.length)]!
      left.delete(next)
      // Who comes earlier is heard earlier: times stay with places.
      return { event: next.event, time }
    })
  })
}

function stepsOf(story: Story): readonly Story[] {
  const steps: Told[][] = []
  let lastAt = Number.NEGATIVE_INFINITY
  for (const told of story) {
    const at = told.time.at.getTime()
    if (at - lastAt > PAUSE_MS) steps.push([])
    steps.at(-1)?.push(told)
    lastAt = at
  }
  return steps
}

/** For each event the last one before it of each channel and bridge that it is about. */
function predecessors(story: Story): Map<Told, readonly Told[]> {
  const last = new Map<string, Told>()
  const before = new Map<Told, readonly Told[]>()
  for (const told of story) {
    const ids = idsOf(told.event)
    before.set(
      told,
      ids.flatMap((id) => last.get(id) ?? []),
    )
    for (const id of ids) last.set(id, told)
  }
  return before
}

/** The channels and bridges that an event is about. */
function idsOf(event: ChannelEvent): readonly string[] {
  switch (event.type) {
    case 'channel':
      return [event.channel.id]
    case 'dial-begin':
      return [event.callerId ?? event.destId, event.destId]
    case 'dial-end':
      return [event.destId]
    case 'bridge-enter':
    case 'bridge-leave':
      return [event.bridgeId, event.channelId]
    case 'bridge-merge':
      return [event.fromId, event.intoId]
    case 'local-pair':
      return [event.oneId, event.twoId]
    case 'masquerade':
      return [event.cloneId, event.originalId]
    case 'agent-called':
      return [event.channelId, event.destId ?? event.channelId]
    case 'unparked':
      return [event.channelId, event.retrieverId ?? event.channelId]
    case 'blind-transfer':
      return [event.transfererId, event.transfereeId ?? event.transfererId]
    case 'attended-transfer':
      return [event.transfererId, event.secondId, event.transfereeId, event.targetId].filter(
        (id) => id !== null,
      )
    default:
      return [event.channelId]
  }
}
