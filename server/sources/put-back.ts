import type {
  ChannelEvent,
  ChannelFacts,
  EventTime,
  ListedChannel,
  PbxSnapshot,
} from './channel-event.ts'
import type { Heard } from './link.ts'

/**
 * The state as it was when the first of these events was heard. Reading it takes time: what ends meanwhile is in no
 * list, and a call of which nothing was heard before would be lost.
 */
export function putBack(snapshot: PbxSnapshot, heard: readonly Heard[]): PbxSnapshot {
  return {
    channels: [...snapshot.channels, ...listEnded(snapshot, heard)],
    bridges: bridgesBefore(snapshot.bridges, heard),
  }
}

/** The channels that were there and are in no list, as they were when they were first told of. */
function listEnded(snapshot: PbxSnapshot, heard: readonly Heard[]): ListedChannel[] {
  /** Those that are listed, were made since, or have been put back. */
  const settled = new Set(snapshot.channels.map(({ id }) => id))
  const first = new Map<string, ChannelFacts>()
  const ended: ListedChannel[] = []
  for (const { event } of each(heard)) {
    if (event.type === 'created') settled.add(event.channelId)
    if (event.type === 'channel' && !first.has(event.channel.id)) {
      first.set(event.channel.id, event.channel)
    }
    if (event.type !== 'hangup' || event.last === null || settled.has(event.channelId)) continue
    settled.add(event.channelId)
    ended.push({ ...event.last, ...first.get(event.channelId) })
  }
  return ended
}

/** Who was where: what they do first, to leave or to enter a bridge, tells it. */
function bridgesBefore(
  bridges: PbxSnapshot['bridges'],
  heard: readonly Heard[],
): PbxSnapshot['bridges'] {
  const from = new Map<string, string | null>()
  for (const { event } of each(heard)) {
    if (event.type !== 'bridge-enter' && event.type !== 'bridge-leave') continue
    if (from.has(event.channelId)) continue
    from.set(event.channelId, event.type === 'bridge-leave' ? event.bridgeId : null)
  }
  const before = new Map(
    bridges.map(({ id, channelIds }) => [id, channelIds.filter((each) => !from.has(each))]),
  )
  for (const [channelId, id] of from) {
    if (id === null) continue
    const inside = before.get(id)
    if (inside === undefined) before.set(id, [channelId])
    else inside.push(channelId)
  }
  return [...before].map(([id, channelIds]) => ({ id, channelIds }))
}

function* each(heard: readonly Heard[]): Iterable<{ event: ChannelEvent; time: EventTime }> {
  for (const { events, time } of heard) for (const event of events) yield { event, time }
}
