import type { ChannelEvent, ChannelFacts, PbxSnapshot } from '../../server/sources/channel-event.ts'
import type { Story } from './pbx-story.ts'

/** As much of a PBX as its own events tell: what it would list when asked in the middle. */
export function snapshotAfter(story: Story): PbxSnapshot {
  const channels = new Map<string, ChannelFacts & { createdAt: Date }>()
  const bridges = new Map<string, Set<string>>()
  const leave = (id: string): void => {
    for (const inside of bridges.values()) inside.delete(id)
  }
  const enter = (bridgeId: string, id: string): void => {
    leave(id)
    bridges.set(bridgeId, (bridges.get(bridgeId) ?? new Set()).add(id))
  }
  for (const { event, time } of story) {
    switch (event.type) {
      case 'channel': {
        const { channel } = event
        const before = channels.get(channel.id)
        const application = channel.application ?? before?.application ?? null
        const createdAt = before?.createdAt ?? time.at
        // Until 11 not every event tells all that the lists show.
        const exten = channel.exten ?? before?.exten ?? null
        const callerNumber = channel.callerNumber ?? before?.callerNumber ?? null
        channels.set(channel.id, { ...channel, application, exten, callerNumber, createdAt })
        break
      }
      case 'renamed': {
        const channel = channels.get(event.channelId)
        if (channel !== undefined) channels.set(channel.id, { ...channel, name: event.name })
        break
      }
      case 'masquerade': {
        const [clone, original] = [channels.get(event.cloneId), channels.get(event.originalId)]
        if (clone === undefined || original === undefined) break
        channels.set(original.id, { ...clone, id: original.id })
        channels.set(clone.id, { ...original, id: clone.id })
        break
      }
      case 'dial-begin':
        show(channels, event)
        break
      case 'bridge-enter':
        enter(event.bridgeId, event.channelId)
        break
      case 'bridge-leave':
        bridges.get(event.bridgeId)?.delete(event.channelId)
        break
      case 'hangup':
        leave(event.channelId)
        channels.delete(event.channelId)
        break
      default:
        break
    }
  }
  return {
    channels: [...channels.values()],
    bridges: [...bridges]
      .filter(([, inside]) => inside.size > 0)
      .map(([id, inside]) => ({ id, channelIds: [...inside] })),
  }
}

/** The lists show the applications, which not every event does. */
function show(
  channels: Map<string, ChannelFacts & { createdAt: Date }>,
  { callerId, destId }: Extract<ChannelEvent, { type: 'dial-begin' }>,
): void {
  const [caller, dest] = [channels.get(callerId ?? ''), channels.get(destId)]
  if (caller !== undefined) {
    channels.set(caller.id, { ...caller, application: caller.application ?? 'Dial' })
  }
  if (dest !== undefined && callerId !== null) {
    channels.set(dest.id, { ...dest, application: dest.application || 'AppDial' })
  }
}
