import type { CallGroup } from './call-group.ts'
import type { CallGroups } from './call-groups.ts'
import type { EventTime } from './channel-event.ts'
import type { Channel, ChannelTable } from './channel-table.ts'
import { toExtension } from './extensions.ts'

/** A channel of no call yet: the first one of a call, or one that Asterisk says belongs to one. */
export function place(channel: Channel, groups: CallGroups, time: EventTime): void {
  if (channel.groupId !== null || channel.kind === 'technical') return
  const announced = groups.get(channel.id)
  const paired = groups.get(groups.table.pairOf(channel)?.groupId ?? null)
  const linked = channel.linkedId === channel.id ? null : channel.linkedId
  if (announced !== null) groups.join(channel, announced)
  else if (paired !== null) groups.join(channel, paired)
  else if (linked !== null) groups.join(channel, groups.create(linked, time))
  // A channel that is dialled waits for its dial; a Local channel is nobody by itself.
  else if (channel.state === 'ring' && channel.kind !== 'local') startCall(channel, groups, time)
}

/** The call of a first channel. A phone's is told when it is known whom it calls, if anybody. */
export function startCall(root: Channel, groups: CallGroups, time: EventTime): CallGroup {
  const group = groups.create(root.id, time)
  groups.join(root, group)
  if (root.kind === 'outside' && group.direction === null) makeIncoming(group, root)
  return group
}

function makeIncoming(group: CallGroup, root: Channel): void {
  group.direction = 'incoming'
  group.from = root.callerNumber
  group.to = root.exten
  group.isIncomplete = group.to === ''
  group.anchors.add(root)
}

export interface DialBegun {
  readonly callerId: string | null
  readonly dest: Channel
  /** The queue that says it rings this member. */
  readonly queue: string | null
}

/** Asterisk rings `dest`: it belongs to the call of who dials. */
export function beginDial(begun: DialBegun, groups: CallGroups, time: EventTime): void {
  const { dest, callerId } = begun
  const caller = groups.table.get(callerId)
  const origin = caller === null ? null : originOf(caller, groups.table)
  if (caller !== null && origin !== null && isForNobodyYet(origin, groups)) {
    dest.awaits = { callerId: caller.id, queue: begun.queue, began: time }
  } else {
    dialFor({ ...begun, caller, origin }, groups, time)
    if (dest.kind === 'local') settleDials(dest, groups)
  }
}

interface KnownDial extends DialBegun {
  readonly caller: Channel | null
  /** Who it is that dials; null where it is nobody's channel. */
  readonly origin: Channel | null
}

function dialFor(known: KnownDial, groups: CallGroups, time: EventTime): void {
  const { dest, callerId, caller, origin, queue: said } = known
  if (caller !== null) caller.hasDialled = true
  const queue = said ?? origin?.queue ?? null
  const isByQueue = queue !== null || caller?.application === 'Queue'
  dest.dial = { callerId, queue, isByQueue, began: time, status: null }
  dest.hasTalked = false
  if (origin === null) {
    // Originated: nobody's channel dials it.
    if (callerId === null && dest.groupId === null) groups.join(dest, groups.create(dest.id, time))
    return
  }
  const home = groups.get(origin.groupId) ?? startCall(origin, groups, time)
  const group = isInCall(origin, home) ? consultOf(origin, dest, groups, time) : home
  group.queue ??= queue
  groups.join(dest, group)
  if (caller?.kind === 'local') groups.join(caller, group)
  decideDirection(group, { origin, caller: caller ?? origin, dest }, time)
}

/**
 * `Atxfer` makes a `Local` pair that nobody dials, in a bridge of its own. Its dial and the phone that
 * enters are two threads of Asterisk: either may be told first. So are the dial of a `Local` channel
 * and what its other half dials.
 */
function isForNobodyYet(origin: Channel, { table, get }: CallGroups): boolean {
  const pair = table.pairOf(origin)
  if (origin.kind !== 'local' || pair === null || origin.dial !== null || pair.dial !== null) {
    return false
  }
  if (![...table.heardWith(origin)].every(({ kind }) => kind === 'local')) return false
  const call = get(origin.groupId)
  // Without linked ids nothing says yet which call the pair is of.
  if (call === null) return true
  const isTalk = [...call.told.legs.values()].includes('talking')
  return isTalk || (call.direction === 'outgoing' && call.told.isAnswered)
}

/** Somebody is in a bridge, or dials: what the `Local` channels with them dial may be theirs. */
export function settleDials(channel: Channel, groups: CallGroups): void {
  const together = groups.table.heardWith(channel)
  if (![...together].some(({ kind }) => kind === 'local')) return
  for (const dest of groups.table.all()) {
    const { awaits } = dest
    const caller = groups.table.get(awaits?.callerId ?? null)
    if (awaits === null || caller === null || !together.has(caller)) continue
    dest.awaits = null
    beginDial({ callerId: caller.id, dest, queue: awaits.queue }, groups, awaits.began)
  }
}

/** Nobody came: the dial is of the call that its `Local` channel is linked with. */
export function settleAwaited(dest: Channel, groups: CallGroups): void {
  const { awaits } = dest
  if (awaits === null) return
  dest.awaits = null
  const caller = groups.table.get(awaits.callerId)
  const known = { callerId: awaits.callerId, dest, queue: awaits.queue, caller, origin: caller }
  if (caller !== null) dialFor(known, groups, awaits.began)
}

/** Who it is that dials: seen through `Local` pairs. */
function originOf(caller: Channel, table: ChannelTable): Channel {
  let origin = caller
  for (let hops = 0; origin.kind === 'local' && hops < 8; hops += 1) {
    const pair = table.pairOf(origin)
    const dialledBy = table.get(origin.dial?.callerId ?? pair?.dial?.callerId ?? null)
    const next = dialledBy ?? phoneAt(pair ?? origin, table) ?? phoneAt(origin, table)
    if (next === null || next === origin || next === pair) break
    origin = next
  }
  return origin
}

/** A `Local` channel that nobody dialled stands for the phone that it is connected with. */
function phoneAt(half: Channel, table: ChannelTable): Channel | null {
  return [...table.heardWith(half)].find(({ kind }) => kind === 'phone') ?? null
}

/** A phone that dials out of the middle of a call begins a consultation. */
function isInCall(origin: Channel, home: CallGroup): boolean {
  if (origin.kind !== 'phone') return false
  switch (home.direction) {
    case 'incoming':
      return true
    case 'outgoing':
      return origin !== home.dialler || (home.told.isAnswered && home.anchors.size > 0)
    case 'internal':
      return !home.anchors.has(origin) || home.told.isAnswered
    default:
      return false
  }
}

function consultOf(origin: Channel, dest: Channel, groups: CallGroups, time: EventTime): CallGroup {
  const open = groups.get(origin.consultId)
  if (open !== null && !open.told.isEnded) return open
  const group = groups.create(dest.id, time)
  group.isConsult = true
  if (dest.kind === 'local') group.to = toExtension(dest.name)
  origin.consultId = group.id
  return group
}

/** A consultation whose dial was not heard. */
export function beginConsult(
  origin: Channel,
  dest: Channel,
  groups: CallGroups,
  time: EventTime,
): void {
  const group = consultOf(origin, dest, groups, time)
  const status = dest.state === 'up' ? 'answer' : null
  dest.dial = { callerId: origin.id, queue: null, isByQueue: false, began: time, status }
  groups.join(dest, group)
  decideDirection(group, { origin, caller: origin, dest }, time)
}

interface Parties {
  readonly origin: Channel
  /** Who dials in the dialplan: the origin, or a `Local` half on its behalf. */
  readonly caller: Channel
  readonly dest: Channel
}

/** CALL-13: what the first channel of the call turns out to call. */
export function decideDirection(group: CallGroup, parties: Parties, time: EventTime): void {
  const { origin, dest } = parties
  if (dest.kind === 'local' || dest.kind === 'technical') return
  if (group.direction === 'outgoing' && origin === group.dialler) {
    if (dest.kind === 'outside') {
      group.anchors.add(dest)
      group.failure = null
    } else if (group.anchors.size === 0 && dest.extension === group.to) {
      // A click-to-call to a colleague: who was dialled is a phone of this PBX.
      group.direction = 'internal'
      group.anchors.add(origin)
    }
  }
  if (group.direction !== null) return
  if (origin.kind === 'outside') makeIncoming(group, origin)
  if (origin.kind !== 'phone') return
  const isOutgoing = dest.kind === 'outside'
  group.direction = isOutgoing ? 'outgoing' : 'internal'
  group.from = origin.extension ?? ''
  group.to ||= group.isConsult ? (dest.extension ?? dest.callerNumber) : dialledNumber(parties)
  group.dialler = origin
  group.anchors.add(isOutgoing ? dest : origin)
  group.startedAt = time
}

function dialledNumber({ origin, caller, dest }: Parties): string {
  const first = [origin, caller].find(
    (each) => each.exten !== '' && (each.dial === null || each.dial.callerId === null),
  )
  return first?.exten ?? dest.extension ?? dest.callerNumber
}

/** The begin of a dial was not heard, but the channel rings: somebody dials it. */
export function inferDial(channel: Channel, groups: CallGroups, time: EventTime): void {
  const group = groups.get(channel.groupId)
  if (channel.kind !== 'phone' && channel.kind !== 'outside') return
  if (group === null || channel.dial !== null || channel.awaits !== null) return
  if (group.anchors.has(channel)) return
  const [anchor] = group.anchors
  if (anchor !== undefined) {
    if (channel === group.dialler) return
    const queue = anchor.queue ?? group.queue
    const isByQueue = queue !== null
    channel.dial = { callerId: anchor.id, queue, isByQueue, began: time, status: null }
    return
  }
  const root = [...group.members].find((each) => each.kind === 'phone' && each.dial === null)
  if (root === undefined || root === channel || group.direction === 'incoming') return
  const dial = { callerId: root.id, queue: null, isByQueue: false, began: time, status: null }
  channel.dial = dial
  decideDirection(group, { origin: root, caller: root, dest: channel }, time)
  if (group.direction === 'outgoing' && channel.kind === 'outside') group.anchors.add(channel)
}

/** Whoever is in conversation with a customer belongs to the customer's call. */
export function gather(channel: Channel, groups: CallGroups): void {
  const together = groups.table.heardWith(channel)
  const calls = [...together]
    .map((each) => ({ each, group: groups.get(each.groupId) }))
    .filter(({ each, group }) => group?.anchors.has(each) === true && !group.told.isEnded)
  const call =
    calls.find(({ group }) => hasCustomer(group))?.group ??
    calls.find(({ group }) => group?.told.isStarted)?.group
  if (call == null) return
  for (const each of together) {
    if (each.kind !== 'phone' && each.kind !== 'local') continue
    const own = groups.get(each.groupId)
    if (own === call) endConsult(each, groups)
    else if (mayMove(own, call)) groups.join(each, call)
  }
}

function hasCustomer(group: CallGroup | null): boolean {
  return group !== null && group.direction !== 'internal' && group.anchors.size > 0
}

function mayMove(own: CallGroup | null, call: CallGroup): boolean {
  if (own === null || own.direction === null) return true
  return own.direction === 'internal' ? hasCustomer(call) : own.anchors.size === 0
}

/** Back in the conversation after a consultation that is over. */
function endConsult(channel: Channel, groups: CallGroups): void {
  const consult = groups.get(channel.consultId)
  if (consult === null || consult.told.isEnded) channel.consultId = null
}
