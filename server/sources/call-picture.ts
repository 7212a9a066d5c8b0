import type { LegResult } from '../calls/call.ts'
import type { CallGroup } from './call-group.ts'
import type { DialStatus } from './channel-event.ts'
import type { Channel, ChannelTable } from './channel-table.ts'

/** What the channels show of a call right now. */
export interface CallPicture {
  /** Agents whose phones ring or who hear the other side, by extension. */
  readonly legs: ReadonlyMap<string, LegPicture>
  readonly heldBy: string | null
  /** The other side of an outgoing call has answered. */
  readonly hasCustomerAnswered: boolean
  readonly isOver: boolean
}
export interface LegPicture {
  readonly state: 'ringing' | 'talking'
  readonly channel: Channel
}

export interface PictureOptions {
  /** A leg rings when its phone says so, not when it is dialled. */
  readonly ringOnRingingState: boolean
}

/** Reads off the channels and bridges who rings, talks and holds; nothing is remembered but what was told. */
export function drawCall(
  group: CallGroup,
  table: ChannelTable,
  options: PictureOptions,
): CallPicture {
  const hearing = hearingThe(group, table)
  const around = { group, hearing, isAlone: isWaitingAlone(group, hearing), table, options }
  const legs = new Map<string, LegPicture>()
  for (const channel of group.members) {
    const extension = channel.extension
    if (extension === null || channel === group.dialler || group.anchors.has(channel)) continue
    const state = legState(channel, around)
    if (state === null || legs.get(extension)?.state === 'talking') continue
    if (state === 'talking' || !legs.has(extension)) legs.set(extension, { state, channel })
  }
  return {
    legs,
    heldBy: heldBy(legs, around),
    hasCustomerAnswered:
      group.hasLostCustomer || [...group.anchors].some((anchor) => hasAnswered(anchor, table)),
    isOver: isOver(group),
  }
}

interface Around {
  readonly group: CallGroup
  /** Everybody in conversation with the other side. */
  readonly hearing: ReadonlySet<Channel>
  /** The other side waits alone: for an agent who consults somebody, or between two bridges. */
  readonly isAlone: boolean
  readonly table: ChannelTable
  readonly options: PictureOptions
}

/** Everybody in conversation with the other side. */
export function hearingThe(group: CallGroup, table: ChannelTable): ReadonlySet<Channel> {
  const hearing = new Set<Channel>()
  for (const anchor of group.anchors) {
    if (anchor.parked !== null) continue
    for (const channel of table.heardWith(anchor)) if (channel !== anchor) hearing.add(channel)
  }
  return hearing
}

function isWaitingAlone(group: CallGroup, hearing: ReadonlySet<Channel>): boolean {
  if ([...group.anchors].some(({ parked }) => parked !== null)) return false
  if ([...hearing].some(({ kind }) => kind !== 'local')) return false
  return ![...group.members].some(
    ({ dial, hasTalked }) => dial !== null && dial.status === null && !hasTalked,
  )
}

function legState(channel: Channel, around: Around): 'ringing' | 'talking' | null {
  const { group, hearing, isAlone, table, options } = around
  const isHearing = hearing.has(channel)
  if (isHearing && (channel.kind !== 'local' || standsForPhone(channel, hearing, table)))
    return 'talking'
  // Nobody else took the other side: it waits for who talked with it last.
  const wasTalking = group.told.legs.get(channel.extension ?? '') === 'talking'
  if (isAlone && wasTalking && channel.hasTalked) return 'talking'
  return isRinging(channel, table, options) ? 'ringing' : null
}

/** A `Local` channel talks for its extension when somebody does behind it: a mobile, not a voice mail. */
function standsForPhone(
  channel: Channel,
  hearing: ReadonlySet<Channel>,
  table: ChannelTable,
): boolean {
  const pair = table.pairOf(channel)
  if (pair === null || channel.dial === null) return false
  return [...hearing].some(
    (each) =>
      each.dial?.callerId === pair.id &&
      (each.kind === 'outside' || each.extension === channel.extension),
  )
}

function isRinging(channel: Channel, table: ChannelTable, options: PictureOptions): boolean {
  const dial = channel.dial
  if (dial === null || channel.hasTalked || !isRingingStill(dial.status, dial.isByQueue))
    return false
  const isAlerting = channel.state === 'ringing' || channel.state === 'up'
  if (channel.kind === 'local') return isAlerting || table.pairOf(channel)?.hasDialled === true
  return isAlerting || !options.ringOnRingingState
}

/**
 * Answered, but not yet with the caller, is still ringing. A queue says "no answer" of a phone that
 * refused: only the hang-up cause tells (CALL-14).
 */
function isRingingStill(status: DialStatus | null, isByQueue: boolean): boolean {
  return status === null || status === 'answer' || (status === 'noanswer' && isByQueue)
}

function heldBy(legs: ReadonlyMap<string, LegPicture>, around: Around): string | null {
  const { group, hearing, isAlone } = around
  if ([...group.anchors].some(({ parked }) => parked !== null)) return ''
  for (const [extension, { state, channel }] of legs) {
    if (state === 'talking' && isHolding(channel, around)) return extension
  }
  const { dialler, direction, told } = group
  if (dialler === null || direction !== 'outgoing' || !told.isAnswered) return null
  const isThere = hearing.has(dialler) || isAlone
  return isThere && group.anchors.size > 0 && isHolding(dialler, around) ? dialler.extension : null
}

/** The phone says so, or it talks with somebody else while the other side waits. */
function isHolding(channel: Channel, { group, hearing, table }: Around): boolean {
  if (channel.isHeld) return true
  if (hearing.has(channel)) return false
  const hasCompany = [...table.heardWith(channel)].some(
    (each) => each !== channel && each.kind !== 'technical' && each.groupId !== group.id,
  )
  return hasCompany || group.told.heldBy === channel.extension
}

function hasAnswered(anchor: Channel, table: ChannelTable): boolean {
  if (anchor.dial?.status === 'answer') return true
  return anchor.state === 'up' && table.heardWith(anchor).size > 1
}

/** A channel that hung up can be there for seconds: its dialplan reports the end of the call. */
function isOver(group: CallGroup): boolean {
  if (group.isExpected) return false
  const hasCustomer = [...group.anchors].some(isThere)
  switch (group.direction) {
    case 'incoming':
      return !hasCustomer
    case 'outgoing':
      // The dialplan can try another trunk as long as the caller is there.
      return !hasCustomer && (group.told.isAnswered || ![...group.members].some(isThere))
    case 'internal': {
      if (!hasCustomer) return true
      const isAlone = ![...group.members].some(
        (each) => !group.anchors.has(each) && (each.kind === 'phone' || each.kind === 'outside'),
      )
      return isAlone && (group.isConsult || group.told.isAnswered)
    }
    default:
      return false
  }
}

function isThere(channel: Channel): boolean {
  return !channel.isEnding
}

/** How a leg ended that was dialled and did not talk. */
export function toLegResult(
  status: DialStatus | null,
  cause: number | null,
  isByQueue: boolean,
): LegResult {
  const isRefused = cause === 17 || cause === 21
  switch (status) {
    case 'busy':
      return 'busy'
    case 'noanswer':
      return isByQueue && isRefused ? 'busy' : 'noanswer'
    case 'chanunavail':
    case 'congestion':
    case 'other':
      return 'failed'
    case 'cancel':
    case 'answer':
      return 'cancelled'
    case null:
      // The end of the dial was not heard.
      if (isRefused) return 'busy'
      return cause === 18 || cause === 19 ? 'noanswer' : 'cancelled'
  }
}
