import type { CallGroup } from './call-group.ts'
import { hearingThe } from './call-picture.ts'
import { hangUp, learn, type World } from './channel-changes.ts'
import type { EventTime, OpenCall, PbxSnapshot } from './channel-event.ts'
import type { Channel } from './channel-table.ts'
import { isSameNumber } from './direction.ts'
import { adopt, DIALLED, findGone, findParties, placeUnknown } from './matching.ts'
import { beginConsult, gather, place } from './placing.ts'

/**
 * Makes what is known of the PBX equal to what it has going on (ARI-2, AMI-6). What that means for
 * the calls shows in the difference to what was told of them.
 */
export function restoreCalls(
  snapshot: PbxSnapshot,
  open: readonly OpenCall[],
  world: World,
  time: EventTime,
): void {
  const { table, groups } = world
  const calls = new Map(open.map((call) => [call.uniqueId, call]))
  const isKnown = new Set([...groups.all()].map(({ id }) => id))
  for (const call of open) if (call.isOver !== true) adopt(call, groups, time)
  const channels = restoreChannels(snapshot, world, time)
  for (const channel of channels) if (channel.linkedId !== null) place(channel, groups, time)
  // Also those by whose ids calls have become known just now.
  for (const { id } of [...groups.all()]) {
    const first = table.get(id)
    if (first !== null) place(first, groups, time)
  }
  placeUnknown(channels, groups, time)
  for (const group of [...groups.all()]) {
    group.isExpected = false
    findParties(group)
    const call = calls.get(group.id)
    if (call?.isOver !== true) findGone(group, groups, world.known)
    restoreQueue(group, world)
    for (const channel of [...group.members]) restoreDial(channel, group, world)
    if (call !== undefined && !isKnown.has(group.id)) restoreHold(group, call)
  }
  for (const { id, channelIds } of snapshot.bridges) {
    const channel = table.inside(id)[0] ?? table.get(channelIds[0] ?? null)
    if (channel !== null) gather(channel, groups)
  }
}

function restoreChannels(snapshot: PbxSnapshot, world: World, time: EventTime): Channel[] {
  const { table } = world
  const listed = new Set(snapshot.channels.map(({ id }) => id))
  for (const channel of [...table.all()]) {
    if (!listed.has(channel.id)) hangUp(channel, null, world)
  }
  table.clearBridges()
  const channels = snapshot.channels.map((facts) => {
    const { createdAt } = facts
    const first = createdAt === null ? time : { ...time, at: createdAt, atKnown: world.isTimed }
    const channel = learn(facts, world, first)
    const { dial, state, application } = channel
    if (dial?.status === null && state === 'up') dial.status = 'answer'
    if (/^Park/i.test(application)) channel.parked ??= { space: '', lot: null }
    return channel
  })
  for (const { id, channelIds } of snapshot.bridges) {
    for (const channelId of channelIds) {
      table.enter(id, channelId)
      // A parking lot is no bridge where people talk: who is in one is not parked any more.
      const channel = table.get(channelId)
      if (channel !== null) channel.parked = null
    }
  }
  return channels.sort(
    (one, other) =>
      one.first.at.getTime() - other.first.at.getTime() || (one.id < other.id ? -1 : 1),
  )
}

/** A caller who waits in a queue is rung for by it. */
function restoreQueue(group: CallGroup, { table }: World): void {
  const isServed = [...hearingThe(group, table)].some(({ kind }) => kind === 'phone')
  for (const anchor of group.anchors) {
    if (anchor.application === 'Queue' && !isServed) anchor.queue ??= group.queue
  }
}

/** A phone that rings or talks was dialled, although nobody heard of it. */
function restoreDial(channel: Channel, group: CallGroup, { table, groups }: World): void {
  const [anchor] = group.anchors
  if (channel.kind !== 'phone' || channel.dial !== null || anchor === undefined) return
  if (channel === group.dialler || group.anchors.has(channel)) return
  const told = group.told.legs.get(channel.extension ?? '')
  const isRung = DIALLED.test(channel.application)
  const isDialled = channel.application === '' || isRung
  const isHeard = hearingThe(group, table).has(channel)
  if (told === 'talking') channel.hasTalked = true
  const isUp = channel.state === 'up' && isDialled && (isHeard || told !== undefined)
  const isRinging = channel.state === 'ringing' || (channel.state === 'down' && isRung)
  if (!isRinging && told !== 'ringing' && !isUp) return
  // Who rings for an agent shows the agent, not the customer (CALL-14).
  const agent = [...group.members].find(
    (each) =>
      each.kind === 'phone' &&
      each !== channel &&
      each.state === 'up' &&
      isSameNumber(each.extension ?? '', channel.connectedNumber),
  )
  if (agent !== undefined && !isHeard && told === undefined && group.direction !== 'internal') {
    beginConsult(agent, channel, groups, channel.first)
    return
  }
  const queue = anchor.queue
  const isByQueue = queue !== null || anchor.application === 'Queue'
  const status = channel.state === 'up' ? 'answer' : null
  channel.dial = { callerId: anchor.id, queue, isByQueue, began: channel.first, status }
}

/** A hold stays until somebody tells otherwise: the PBX's lists do not show it. */
function restoreHold(group: CallGroup, call: OpenCall): void {
  if (!call.held) return
  const holder = [...group.members].find(
    (each) => each.kind === 'phone' && each.extension === group.told.heldBy,
  )
  if (holder !== undefined) holder.isHeld = true
  for (const anchor of group.anchors) {
    if (group.told.heldBy === '' && anchor.bridgeId === null) {
      anchor.parked ??= { space: '', lot: null }
    }
  }
}
