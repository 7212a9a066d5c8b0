import { channelEvent, type ReadAmi, readId } from './ami-channel.ts'
import { readText } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import { toDialStatus } from './asterisk-words.ts'
import type { ChannelEvent, DialStatus } from './channel-event.ts'
import { NO_EXTRA } from './extra-fields.ts'
import { type KnownChannels, noteFacts, type OpenDial, toDialEnd } from './known-channels.ts'

/**
 * `Dial`: `SubEvent: Begin` names both channels, `End` only the one that dialled: it tells the end
 * of all that it rang. After an answer it comes when they have talked: the answer is told by the
 * state of the channel that was rung. 1.4 has no `SubEvent` and no end.
 */
export const readOldDial: ReadAmi = (packet, known) => {
  const callerId = readText(packet, 'UniqueID') ?? readText(packet, 'SrcUniqueID')
  const subEvent = packet.get('SubEvent')?.toLowerCase()
  if (callerId === null) return []
  if (subEvent === 'end') {
    const status = toDialStatus(packet.get('DialStatus') ?? '') ?? 'other'
    // Who answered has had an end.
    const left = status === 'answer' ? 'cancel' : status
    return known.dialsOf(callerId).flatMap((dial) => endDial(callerId, dial, left, known))
  }
  const destId = readId(packet, 'DestUniqueID', 'Destination', known)
  if (destId === null || !known.dial(callerId, destId, subEvent === undefined)) return []
  return [
    ...channelEvent(packet, '', known),
    ...describe(packet, destId, known),
    { type: 'dial-begin', callerId, destId },
  ]
}

/** What is known of a channel that is rung, and until 11 that it answered. */
export const readNewstate: ReadAmi = (packet, known) => {
  const told = channelEvent(packet, '', known)
  const [first] = told
  if (first?.type !== 'channel' || first.channel.state !== 'up') return told
  return [...told, ...answer(first.channel.id, known)]
}

/** A channel is gone; the end of a dial that never got one comes before it. */
export function readOldHangup(
  hangup: Extract<ChannelEvent, { type: 'hangup' }>,
  known: KnownChannels,
): readonly ChannelEvent[] {
  const { channelId, cause } = hangup
  const left = known.dialsOf(channelId).flatMap((dial) => endDial(channelId, dial, 'cancel', known))
  const callerId = known.callerOf(channelId)
  const dial = callerId === null ? undefined : findDial(known, callerId, channelId)
  if (callerId === null || dial === undefined) return [...left, hangup]
  dial.hangupCause = cause
  const status = toStatus(callerId, dial, cause, known)
  return status === null ? left : [...left, ...endDial(callerId, dial, status, known)]
}

/** Why it stopped ringing; null where `Dial`'s `End`, which comes at once, has to tell. */
function toStatus(
  callerId: string,
  dial: OpenDial,
  cause: number | null,
  known: KnownChannels,
): DialStatus | null {
  const status = toDialEnd(cause)
  if (status !== null) return status
  if (known.isAnswered(callerId)) return 'cancel'
  return dial.isByQueue ? 'noanswer' : null
}

function answer(destId: string, known: KnownChannels): readonly ChannelEvent[] {
  const callerId = known.callerOf(destId)
  const dial = callerId === null ? undefined : findDial(known, callerId, destId)
  return callerId === null || dial === undefined ? [] : endDial(callerId, dial, 'answer', known)
}

/** The dial's end, and after it the hangup that waited for it. */
function endDial(
  callerId: string,
  { destId, hangupCause }: OpenDial,
  status: DialStatus,
  known: KnownChannels,
): readonly ChannelEvent[] {
  known.endDial(callerId, destId, status === 'answer')
  const end: ChannelEvent = { type: 'dial-end', destId, status }
  return hangupCause === undefined
    ? [end]
    : [end, { type: 'hangup', channelId: destId, cause: hangupCause, last: null }]
}

function findDial(known: KnownChannels, callerId: string, destId: string): OpenDial | undefined {
  return known.dialsOf(callerId).find((dial) => dial.destId === destId)
}

/** A channel that is dialled was told before, but for a connection that began later. */
function describe(packet: AmiPacket, id: string, known: KnownChannels): readonly ChannelEvent[] {
  const name = readText(packet, 'Destination')
  if (name === null || known.nameOf(id) !== null) return []
  const channel = noteFacts(known, { ...NO_FACTS, id, name, state: 'other' })
  return [{ type: 'channel', channel, extra: NO_EXTRA }]
}

const NO_FACTS = {
  callerNumber: null,
  callerName: null,
  connectedNumber: null,
  context: null,
  exten: null,
  linkedId: null,
  application: null,
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

/** The member who answered, where its state was not heard. */
const readAgentConnect: ReadAmi = (packet, known) => {
  const destId = readId(packet, 'DestUniqueid', 'Channel', known)
  return destId === null ? [] : answer(destId, known)
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
