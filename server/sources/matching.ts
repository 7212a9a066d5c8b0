import type { CallGroup } from './call-group.ts'
import type { CallGroups } from './call-groups.ts'
import type { EventTime, OpenCall } from './channel-event.ts'
import type { Channel } from './channel-table.ts'
import { isDialable, isSameNumber, type Known } from './direction.ts'
import { gather, startCall } from './placing.ts'

/** A call that goes on as far as anybody knows, with what was told of it. */
export function adopt(call: OpenCall, groups: CallGroups, time: EventTime): void {
  const group = groups.create(call.uniqueId, time)
  if (group.direction !== null) return
  group.direction = call.direction
  group.from = call.from
  group.to = call.to
  group.queue = call.queue
  const { told } = group
  told.isStarted = true
  told.isAnswered = call.answered
  for (const { extension, state } of call.legs) {
    if (state !== 'over') told.legs.set(extension, state)
  }
  if (!call.held) return
  const talking = call.legs.find(({ state }) => state === 'talking')?.extension
  // Nobody talks any more: parked.
  told.heldBy =
    talking ?? (call.direction === 'outgoing' && call.legs.length === 0 ? call.from : '')
}

/** Where no linked id tells it: which calls these channels, oldest first, belong to. */
export function placeUnknown(
  channels: readonly Channel[],
  groups: CallGroups,
  time: EventTime,
): void {
  const isUnplaced = ({ groupId, kind }: Channel): boolean =>
    groupId === null && kind !== 'technical'
  for (const group of groups.all()) findParties(group)
  for (const channel of channels.filter(isUnplaced)) placeByNumber(channel, groups)
  for (const group of groups.all()) findParties(group)
  for (const channel of channels) gather(channel, groups)
  for (const channel of channels.filter(isUnplaced)) placeByLeg(channel, groups)
  for (const channel of channels.filter(isUnplaced)) placeByBridge(channel, groups, time)
  for (const channel of channels.filter(isUnplaced)) {
    if (!isDialled(channel) && channel.kind !== 'local') startCall(channel, groups, channel.first)
  }
  // Whoever is rung knows who calls.
  for (const group of groups.all()) findParties(group)
  for (const channel of channels.filter(isUnplaced)) matchRung(channel, groups)
}

/** The customer of an open call whose first channel is gone (a transfer). */
function placeByNumber(channel: Channel, groups: CallGroups): void {
  if (channel.kind !== 'outside') return
  const found = [...groups.all()].filter((group) => {
    const number = group.direction === 'incoming' ? group.from : group.to
    return group.anchors.size === 0 && isSameNumber(number, channel.callerNumber)
  })
  if (found.length === 1 && found[0] !== undefined) groups.join(channel, found[0])
}

/**
 * An agent whose customer waits: the phone is connected with somebody else (a consultation). Where nobody
 * of that call waits any more, and the phone is with somebody outside, the agent is in another call: of that one
 * nothing but the end of its dialplan may be there.
 */
function placeByLeg(channel: Channel, groups: CallGroups): void {
  if (channel.kind !== 'phone' || channel.state !== 'up') return
  const { extension } = channel
  const isOutside = [...groups.table.heardWith(channel)].some(({ kind }) => kind === 'outside')
  const found = [...groups.all()].filter(
    ({ told, members }) =>
      [...members].some((each) => !isOutside || each.bridgeId !== null || each.parked !== null) &&
      told.legs.get(extension ?? '') === 'talking' &&
      ![...members].some((each) => each.extension === extension),
  )
  if (found.length === 1 && found[0] !== undefined) groups.join(channel, found[0])
}

function placeByBridge(channel: Channel, groups: CallGroups, time: EventTime): void {
  const together = [...groups.table.heardWith(channel)].filter(({ kind }) => kind !== 'technical')
  if (together.length < 2) return
  const known = together.map(({ groupId }) => groups.get(groupId)).find((each) => each !== null)
  const root = together.find((each) => !isDialled(each) && each.kind !== 'local') ?? channel
  const group = known ?? groups.create(root.id, time)
  if (known === undefined) group.startedAt = root.first
  for (const each of together) if (each.groupId === null) groups.join(each, group)
}

/** Joins a channel that is rung to the one call whose other side it shows. */
export function matchRung(channel: Channel, groups: CallGroups): boolean {
  if (channel.kind !== 'phone' && channel.kind !== 'outside') return false
  const callers = [...groups.all()].filter(
    (group) => !group.told.isEnded && isRungBy(channel, group),
  )
  const [group] = callers
  if (group === undefined || callers.length > 1) return false
  groups.join(channel, group)
  return true
}

function isRungBy(channel: Channel, group: CallGroup): boolean {
  if (group.anchors.size > 0) {
    return [...group.anchors].some(({ callerNumber }) =>
      isSameNumber(callerNumber, channel.connectedNumber),
    )
  }
  return [...group.members].some(
    (each) =>
      each.kind === 'phone' &&
      !isDialled(each) &&
      isSameNumber(each.connectedNumber, channel.callerNumber) &&
      (channel.connectedNumber === '' ||
        isSameNumber(each.extension ?? '', channel.connectedNumber) ||
        isSameNumber(each.callerNumber, channel.connectedNumber)),
  )
}

/** `AppDial2` is a channel that was originated. */
export const DIALLED = /^App(?:Dial|Queue)$/

/** Rung by the dialplan, as the application that Asterisk shows on such a channel says. */
function isDialled({ state, application, dial }: Channel): boolean {
  return dial !== null || state === 'ringing' || state === 'down' || DIALLED.test(application)
}

/** Who calls whom in a call of which only the channels are known. */
export function findParties(group: CallGroup): void {
  const members = [...group.members]
  const outside = members.filter(({ kind }) => kind === 'outside')
  const phones = members.filter(({ kind }) => kind === 'phone')
  const root =
    members.find(({ id }) => id === group.id) ?? members.find((each) => !isDialled(each)) ?? null
  group.direction ??= directionOf(root, outside, phones)
  if (group.direction === null || group.anchors.size > 0) return
  const caller = phones.find(
    (each) => each === root || (each.extension === group.from && !isLeg(each, group)),
  )
  switch (group.direction) {
    case 'incoming':
      for (const each of root?.kind === 'outside' ? [root] : outside) group.anchors.add(each)
      break
    case 'outgoing':
      for (const each of outside) group.anchors.add(each)
      group.dialler ??= caller ?? null
      break
    case 'internal':
      if (caller !== undefined) group.anchors.add(caller)
      group.dialler ??= caller ?? null
      break
  }
  nameParties(group, root, [...outside, ...phones])
}

function directionOf(
  root: Channel | null,
  outside: readonly Channel[],
  phones: readonly Channel[],
): CallGroup['direction'] {
  if (root?.kind === 'outside' && root.linkedId !== null && root.linkedId !== root.id)
    return 'outgoing'
  if (root?.kind === 'outside') return 'incoming'
  if (root?.kind !== 'phone') return null
  if (outside.length > 0) return 'outgoing'
  return phones.length > 1 ? 'internal' : null
}

function isLeg({ extension }: Channel, group: CallGroup): boolean {
  return group.told.legs.has(extension ?? '')
}

function nameParties(group: CallGroup, root: Channel | null, others: readonly Channel[]): void {
  if (group.told.isStarted) return
  const called = others.find((each) => each !== root)
  group.startedAt = root?.first ?? group.startedAt
  if (group.direction === 'incoming') {
    const [customer] = group.anchors
    group.from ||= customer?.callerNumber ?? ''
    group.to ||= customer?.exten ?? ''
  } else {
    group.from ||= group.dialler?.extension ?? ''
    const dialled = root?.kind === 'phone' && root.dial === null ? root.exten : ''
    group.to ||= dialled || (called?.extension ?? called?.callerNumber ?? '')
  }
  group.isIncomplete = group.to === ''
}

/**
 * A phone that dialled out, alone in what its dialplan does at the end of the call: the other side has gone before
 * anybody heard of it. Asterisk still shows whom it was connected with.
 */
export function findGone(group: CallGroup, groups: CallGroups, known: Known): void {
  const [phone, ...others] = group.members
  if (group.direction !== null || phone?.kind !== 'phone' || others.length > 0) return
  const { extension, connectedNumber: number, state } = phone
  if (isDialled(phone) || groups.table.heardWith(phone).size > 1) return
  if (!isDialable(number) || known.isExtension(number) || known.isEndpoint(number)) return
  if ([...groups.all()].some((each) => each !== group && isWith(number, each))) return
  group.direction = 'outgoing'
  group.from = extension ?? ''
  group.to = number
  group.dialler = phone
  group.startedAt = phone.first
  group.hasLostCustomer = state === 'up'
}

/** A call with this number goes on: the phone was in it. */
function isWith(number: string, { from, to, members }: CallGroup): boolean {
  return members.size > 0 && (isSameNumber(number, from) || isSameNumber(number, to))
}
