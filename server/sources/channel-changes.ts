import type { LegResult } from '../calls/call.ts'
import type { CallGroup } from './call-group.ts'
import type { CallGroups } from './call-groups.ts'
import { toLegResult } from './call-picture.ts'
import type { ChannelEvent, ChannelFacts, DialStatus, EventTime } from './channel-event.ts'
import type { Channel, ChannelTable } from './channel-table.ts'
import { isDialable, type Known, partyOf } from './direction.ts'
import { matchRung } from './matching.ts'
import { beginDial, gather, inferDial, place, settleAwaited, settleDials } from './placing.ts'

/** The PBX as far as it is known. */
export interface World {
  readonly table: ChannelTable
  readonly groups: CallGroups
  readonly known: Known
  /** Times are the PBX's own (ARI). */
  readonly isTimed: boolean
}

/** Changes what is known of the PBX; returns the channel that the event is about, as it is now. */
export function applyEvent(event: ChannelEvent, world: World, time: EventTime): Channel | null {
  const { table } = world
  switch (event.type) {
    case 'channel':
      return changeChannel(event, world, time)
    case 'dial-begin': {
      const dest = table.get(event.destId)
      if (dest === null) return null
      beginDial({ callerId: event.callerId, dest, queue: dest.calledBy }, world.groups, time)
      return dest
    }
    case 'dial-end':
      return endDial(table.get(event.destId), event.status, world)
    case 'queue-join':
    case 'queue-leave':
      return changeQueue(event, world)
    case 'agent-called': {
      const dest = table.get(event.destId)
      if (dest !== null) dest.calledBy = event.queue
      return dest
    }
    case 'hold':
    case 'unhold':
    case 'parked':
    case 'unparked':
    case 'renamed':
    case 'hangup-request':
      return changeState(event, table)
    case 'bridge-enter':
    case 'bridge-leave':
    case 'local-pair':
    case 'masquerade':
      return connect(event, world)
    case 'hangup':
      return hangUp(table.get(event.channelId), event.cause, world)
    case 'created':
    case 'blind-transfer':
    case 'attended-transfer':
    case 'bridge-merge':
    case 'recording':
      // What they are or bring about is told by channels, dials and who enters and leaves.
      return null
  }
}

type EventOf<T extends ChannelEvent['type']> = Extract<ChannelEvent, { type: T }>

function changeChannel(event: EventOf<'channel'>, world: World, time: EventTime): Channel {
  const channel = learn(event.channel, world, time)
  Object.assign(channel.extra, event.extra)
  place(channel, world.groups, time)
  const group = world.groups.get(channel.groupId)
  if (group !== null) {
    Object.assign(group.extra, channel.extra)
    channel.extra = {}
    if (group.isIncomplete && group.anchors.has(channel)) complete(group, channel)
  }
  if (channel.state === 'ringing') {
    const isUnknown = channel.groupId === null && channel.linkedId === null
    if (isUnknown && channel.awaits === null) matchRung(channel, world.groups)
    inferDial(channel, world.groups, time)
  }
  return channel
}

/** The channel of these facts, with what is new about it. */
export function learn(facts: ChannelFacts, { table, known }: World, time: EventTime): Channel {
  const channel = table.get(facts.id) ?? toChannel(facts, known, time)
  if (table.get(facts.id) === null) table.add(channel)
  if (!/<(?:MASQ|ZOMBIE)>/.test(facts.name)) channel.name = facts.name
  channel.state = facts.state
  channel.callerNumber ||= facts.callerNumber ?? ''
  channel.connectedNumber = facts.connectedNumber ?? channel.connectedNumber
  if (isDialable(facts.exten)) channel.exten ||= facts.exten
  channel.linkedId = facts.linkedId
  channel.application = facts.application ?? channel.application
  return channel
}

function toChannel(facts: ChannelFacts, known: Known, time: EventTime): Channel {
  return {
    id: facts.id,
    name: facts.name,
    ...partyOf(facts, known),
    state: facts.state,
    callerNumber: '',
    connectedNumber: '',
    exten: '',
    linkedId: null,
    application: '',
    dial: null,
    awaits: null,
    hasDialled: false,
    hasTalked: false,
    isEnding: false,
    bridgeId: null,
    pairId: null,
    queue: null,
    calledBy: null,
    isHeld: false,
    parked: null,
    first: time,
    groupId: null,
    consultId: null,
    extra: {},
  }
}

/** What the PBX's state alone did not tell of a call that was first seen in its middle. */
function complete(group: CallGroup, anchor: Channel): void {
  const to = group.direction === 'incoming' ? anchor.exten : anchor.callerNumber
  if (to === '') return
  group.to = to
  group.isIncomplete = false
  group.told.isStarted = false
}

function endDial(dest: Channel | null, status: DialStatus, { groups }: World): Channel | null {
  if (dest !== null) settleAwaited(dest, groups)
  // The losers are cancelled twice, and who has answered is not cancelled.
  if (dest === null || dest.dial?.status != null) return dest
  if (dest.dial !== null) dest.dial.status = status
  const group = groups.get(dest.groupId)
  if (group !== null) {
    note(group, dest, toLegResult(status, null, dest.dial?.isByQueue ?? false))
    if (group.anchors.has(dest)) group.failure = toFailure(status)
  }
  return dest
}

/** A phone behind a `Local` channel knows better than the channel why it did not answer. */
function note(group: CallGroup, { extension, kind }: Channel, result: LegResult): void {
  if (extension === null) return
  const before = group.results.get(extension)
  if (before === undefined || before === 'cancelled' || kind !== 'local') {
    group.results.set(extension, result)
  }
}

function toFailure(status: DialStatus): CallGroup['failure'] {
  if (status === 'busy' || status === 'congestion') return status
  return status === 'chanunavail' ? 'not-found' : null
}

function changeQueue(
  event: EventOf<'queue-join' | 'queue-leave'>,
  { table, groups }: World,
): Channel | null {
  const channel = table.get(event.channelId)
  if (channel === null) return null
  channel.queue = event.type === 'queue-join' ? event.queue : null
  const group = groups.get(channel.groupId)
  if (group !== null) group.queue ??= event.queue
  return channel
}

function changeState(
  event: EventOf<'hold' | 'unhold' | 'parked' | 'unparked' | 'renamed' | 'hangup-request'>,
  table: ChannelTable,
): Channel | null {
  const channel = table.get(event.channelId)
  if (channel === null) return null
  switch (event.type) {
    case 'hold':
    case 'unhold':
      channel.isHeld = event.type === 'hold'
      break
    case 'parked':
      channel.parked = { space: event.space, lot: event.lot }
      // All who are parked wait in one bridge, and do not hear one another.
      if (channel.bridgeId !== null) table.markWaiting(channel.bridgeId)
      break
    case 'unparked':
      channel.parked = null
      break
    case 'hangup-request':
      channel.isEnding = true
      break
    case 'renamed':
      if (!/<(?:MASQ|ZOMBIE)>/.test(event.name)) channel.name = event.name
      break
  }
  return channel
}

function connect(
  event: EventOf<'bridge-enter' | 'bridge-leave' | 'local-pair' | 'masquerade'>,
  { table, groups }: World,
): Channel | null {
  switch (event.type) {
    case 'bridge-leave':
      table.leave(event.bridgeId, event.channelId)
      return table.get(event.channelId)
    case 'bridge-enter': {
      const channel = table.get(event.channelId)
      table.enter(event.bridgeId, event.channelId)
      // Who comes back from a consultation may never say that the hold is over.
      if (channel !== null) channel.isHeld = false
      return gathered(channel, groups)
    }
    case 'local-pair':
      table.pair(event.oneId, event.twoId)
      return gathered(table.get(event.oneId), groups)
    case 'masquerade':
      table.masquerade(event.cloneId, event.originalId)
      return gathered(table.get(event.originalId), groups)
  }
}

function gathered(channel: Channel | null, groups: CallGroups): Channel | null {
  if (channel !== null) {
    settleDials(channel, groups)
    gather(channel, groups)
  }
  return channel
}

/** The channel is gone. */
export function hangUp(channel: Channel | null, cause: number | null, world: World): null {
  if (channel === null) return null
  const group = world.groups.get(channel.groupId)
  const { dial } = channel
  if (group !== null && dial !== null && !channel.hasTalked) {
    note(group, channel, toLegResult(dial.status, cause, dial.isByQueue))
  }
  world.groups.remove(channel)
  world.table.remove(channel.id)
  return null
}
