import { channelEvent, type ReadAmi, readId } from './ami-channel.ts'
import { readText, toDialStatus } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import type { ChannelEvent, DialStatus } from './channel-event.ts'
import { type KnownChannels, type OpenDial, toDialEnd } from './known-channels.ts'

/**
 * `Dial`: `SubEvent: Begin` names both channels, `End` only the one that dialled: it tells the end
 * of all that it rang. 1.4 has no `SubEvent` and no end.
 */
export const readOldDial: ReadAmi = (packet, known) => {
  const callerId = readText(packet, 'UniqueID') ?? readText(packet, 'SrcUniqueID')
  const subEvent = packet.get('SubEvent')?.toLowerCase() ?? 'begin'
  if (callerId === null) return []
  if (subEvent === 'end') return endDials(callerId, packet.get('DialStatus') ?? '', known)
  const destId = readId(packet, 'DestUniqueID', 'Destination', known)
  if (subEvent !== 'begin' || destId === null) return []
  known.dial(callerId, destId, packet.get('SubEvent') === null)
  return [
    ...channelEvent(packet, '', known),
    ...readDestination(packet, destId, known),
    { type: 'dial-begin', callerId, destId },
  ]
}

/** A channel is gone; the end of a dial that never got one comes before it. */
export function readOldHangup(
  channelId: string,
  cause: number | null,
  known: KnownChannels,
): readonly ChannelEvent[] {
  const hangup: ChannelEvent = { type: 'hangup', channelId, cause }
  const left = known.dialsOf(channelId).flatMap((dial) => endDial(channelId, dial, 'cancel', known))
  const callerId = known.callerOf(channelId)
  const dial = callerId === null ? undefined : findDial(known, callerId, channelId)
  if (callerId === null || dial === undefined) return [...left, hangup]
  const status = toDialEnd(cause) ?? (dial.isByQueue ? queueEnd(callerId, known) : null)
  if (status !== null) {
    dial.hangupCause = cause
    return [...left, ...endDial(callerId, dial, status, known)]
  }
  // Its hangup says no more than that it stopped ringing: why is told by `Dial`'s `End`, at once.
  dial.hangupCause = cause
  return left
}

function endDials(
  callerId: string,
  dialStatus: string,
  known: KnownChannels,
): readonly ChannelEvent[] {
  const status = toDialStatus(dialStatus) ?? 'other'
  const dials = known.dialsOf(callerId)
  if (status !== 'answer') return dials.flatMap((dial) => endDial(callerId, dial, status, known))
  const ringing = dials.filter((dial) => dial.hangupCause === undefined)
  const answered =
    ringing.find(({ destId }) => known.stateOf(destId) === 'up') ??
    (ringing.length === 1 ? ringing[0] : undefined)
  return dials.flatMap((dial) =>
    endDial(callerId, dial, dial === answered ? 'answer' : 'cancel', known),
  )
}

/** The dial's end, and after it the hangup that waited for it. */
function endDial(
  callerId: string,
  { destId, hangupCause }: OpenDial,
  status: DialStatus,
  known: KnownChannels,
): readonly ChannelEvent[] {
  known.endDial(callerId, destId)
  const end: ChannelEvent = { type: 'dial-end', destId, status }
  return hangupCause === undefined
    ? [end]
    : [end, { type: 'hangup', channelId: destId, cause: hangupCause }]
}

/** A queue tells of an answer only: another phone stops because of it, or its time is over. */
function queueEnd(callerId: string, known: KnownChannels): DialStatus {
  const isAnswered = known.dialsOf(callerId).some(({ destId }) => known.stateOf(destId) === 'up')
  return isAnswered ? 'cancel' : 'noanswer'
}

function findDial(known: KnownChannels, callerId: string, destId: string): OpenDial | undefined {
  return known.dialsOf(callerId).find((dial) => dial.destId === destId)
}

function readDestination(
  packet: AmiPacket,
  destId: string,
  known: KnownChannels,
): readonly ChannelEvent[] {
  const name = readText(packet, 'Destination')
  if (name !== null && known.nameOf(destId) === null) known.note(destId, name, 'other')
  return []
}

/** 1.8 on: `Bridge` with `Bridgestate: Link`; 1.4: `Link`. Both name two channels, and no bridge. */
const readLink =
  (type: 'bridge-enter' | 'bridge-leave'): ReadAmi =>
  (packet, known) => {
    const one = readId(packet, 'Uniqueid1', 'Channel1', known)
    const two = readId(packet, 'Uniqueid2', 'Channel2', known)
    if (one === null || two === null) return []
    const bridgeId = [one, two].sort().join(',')
    return [
      { type, bridgeId, channelId: one },
      { type, bridgeId, channelId: two },
    ]
  }

const readBridge: ReadAmi = (packet, known) =>
  readLink(/^unlink$/i.test(packet.get('Bridgestate') ?? '') ? 'bridge-leave' : 'bridge-enter')(
    packet,
    known,
  )

/** A queue has no `Dial` until 11: the call of a member is its begin. */
const readAgentCalled: ReadAmi = (packet, known) => {
  const channelId = readId(packet, 'Uniqueid', 'ChannelCalling', known)
  if (channelId === null) return []
  const destId = readId(packet, 'DestUniqueid', 'DestinationChannel', known)
  const queue = readText(packet, 'Queue')
  const called: readonly ChannelEvent[] =
    queue === null ? [] : [{ type: 'agent-called', channelId, destId, queue }]
  if (destId === null || !known.dial(channelId, destId, true)) return called
  return [...called, { type: 'dial-begin', callerId: channelId, destId }]
}

/** The member who answered; the dials of the others end with their hangups. */
const readAgentConnect: ReadAmi = (packet, known) => {
  const callerId = readText(packet, 'Uniqueid')
  const destId = readId(packet, 'DestUniqueid', 'Channel', known)
  const dial = callerId === null || destId === null ? undefined : findDial(known, callerId, destId)
  return callerId === null || dial === undefined ? [] : endDial(callerId, dial, 'answer', known)
}

const readMasquerade: ReadAmi = (packet, known) => {
  const cloneId = readId(packet, 'CloneUniqueid', 'Clone', known)
  const originalId = readId(packet, 'OriginalUniqueid', 'Original', known)
  return cloneId === null || originalId === null
    ? []
    : [{ type: 'masquerade', cloneId, originalId }]
}

/** `chan_sip`'s transfers; `TargetUniqueid` is the transferee of a blind one, the consultation else. */
const readTransfer: ReadAmi = (packet, known) => {
  const transfererId = readId(packet, 'Uniqueid', 'Channel', known)
  const targetId = readId(packet, 'TargetUniqueid', 'TargetChannel', known)
  if (transfererId === null) return []
  if (/^attended$/i.test(packet.get('TransferType') ?? '')) {
    const [secondId, none] = [targetId, null]
    return [
      { type: 'attended-transfer', transfererId, secondId, transfereeId: none, targetId: none },
    ]
  }
  const exten = readText(packet, 'TransferExten')
  return exten === null
    ? []
    : [{ type: 'blind-transfer', transfererId, transfereeId: targetId, exten }]
}

/** The events that Asterisk 12 and later do not have, or have with other fields. */
export const READ_UNTIL_11: ReadonlyMap<string, ReadAmi> = new Map<string, ReadAmi>([
  ['bridge', readBridge],
  ['link', readLink('bridge-enter')],
  ['unlink', readLink('bridge-leave')],
  ['agentcalled', readAgentCalled],
  ['agentconnect', readAgentConnect],
  ['masquerade', readMasquerade],
  ['transfer', readTransfer],
])
