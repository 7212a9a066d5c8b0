import type { CallGroup } from './call-group.ts'
import { hearingThe } from './call-picture.ts'
import type { Channel, ChannelTable } from './channel-table.ts'
import type { CallParts, PartOfCall } from './pbx.ts'

/** The live channels of a call for control (CTL-1); null where it has none. */
export function partsOf(group: CallGroup | null, table: ChannelTable): CallParts | null {
  if (group === null || group.members.size === 0) return null
  const hearing = hearingThe(group, table)
  const agents = new Map<string, PartOfCall>()
  let consulting: string | null = null
  for (const channel of [...group.members, ...group.anchors]) {
    if (channel.kind !== 'phone' || channel.extension === null) continue
    const isBusy = hearing.has(channel) || channel.consultId !== null
    const part = toPart(channel, isBusy)
    // An extension can have two phones: the one that talks is meant.
    if (agents.get(channel.extension)?.state !== 'talking') agents.set(channel.extension, part)
    if (channel.consultId !== null && channel.consultId !== group.id) consulting = channel.extension
  }
  const customer = group.direction === 'internal' ? undefined : [...group.anchors][0]
  return {
    uniqueId: group.id,
    customer: customer === undefined ? null : toPart(customer, hearing.size > 0),
    agents,
    parked: [...group.anchors].find(({ parked }) => parked !== null)?.parked ?? null,
    consulting,
  }
}

function toPart(channel: Channel, isTalking: boolean): PartOfCall {
  const isRinging = channel.state === 'ringing' || channel.dial?.status === null
  return {
    channelId: channel.id,
    channelName: channel.name,
    state: isTalking ? 'talking' : isRinging ? 'ringing' : 'other',
    isHeld: channel.isHeld,
  }
}
