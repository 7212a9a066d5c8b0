import { channelEvent, type ReadAmi, readChannel, readId } from './ami-channel.ts'
import { READ_UNTIL_11, readNewstate, readOldDial, readOldHangup } from './ami-events-until-11.ts'
import { addExtra } from './ami-extra.ts'
import { readText, toNumber } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import { toDialStatus } from './asterisk-words.ts'
import type { ChannelEvent, PbxSnapshot } from './channel-event.ts'
import { toWantedFields, wantedVariable } from './extra-fields.ts'
import { createKnownChannels } from './known-channels.ts'
import { QUEUE_EVENTS } from './queue-events.ts'

export interface AmiEventsOptions {
  /** Names of further fields or channel variables to carry into the call (AMI-5). */
  readonly extraFields: readonly string[]
}

/** What a manager connection tells of calls, both generations of events (AMI-3). */
export interface AmiEvents {
  read(packet: AmiPacket): readonly ChannelEvent[]
  /** Takes the channels that a snapshot lists for those that are there: until 11, events name them. */
  restore(snapshot: PbxSnapshot): void
}

export function createAmiEvents({ extraFields }: AmiEventsOptions): AmiEvents {
  const known = createKnownChannels()
  const wanted = toWantedFields(extraFields)
  return {
    read(packet) {
      const name = packet.event?.toLowerCase() ?? ''
      const read = READ.get(name)
      if (read === undefined) return []
      if (name === 'varset' && wantedVariable(wanted, packet.get('Variable') ?? '') === null)
        return []
      const events = addExtra(read(packet, known), packet, known, wanted)
      for (const event of events) if (event.type === 'hangup') known.forget(event.channelId)
      return events
    },
    restore: (snapshot) => known.restore(snapshot),
  }
}

/** Only what else says something of a channel is asked for where fields are to be carried on. */
const FIELDS_ONLY: ReadAmi = () => []

const readCreated: ReadAmi = (packet, known) => {
  const channelId = readText(packet, 'Uniqueid')
  const told = channelEvent(packet, '', known)
  return channelId === null ? told : [{ type: 'created', channelId }, ...told]
}

const readHold: ReadAmi = (packet) => {
  const channelId = readText(packet, 'Uniqueid')
  if (channelId === null) return []
  const isOff = /^off$/i.test(packet.get('Status') ?? '')
  return [{ type: isOff ? 'unhold' : 'hold', channelId }]
}

const readHangupRequest: ReadAmi = (packet) => {
  const channelId = readText(packet, 'Uniqueid')
  return channelId === null ? [] : [{ type: 'hangup-request', channelId }]
}

const readHangup: ReadAmi = (packet, known) => {
  const channelId = readId(packet, 'Uniqueid', 'Channel', known)
  if (channelId === null) return []
  const cause = toNumber(packet.get('Cause'))
  // Until 11 it is told neither what state the channel was in nor with whom it belongs.
  const facts = packet.get('ChannelState') === null ? null : readChannel(packet, '', known)
  const last = facts === null ? null : { ...facts, createdAt: null }
  return readOldHangup({ type: 'hangup', channelId, cause, last }, known)
}

const readDialBegin: ReadAmi = (packet, known) => {
  const destId = readText(packet, 'DestUniqueid')
  if (destId === null) return []
  return [
    ...channelEvent(packet, '', known),
    ...channelEvent(packet, 'Dest', known),
    { type: 'dial-begin', callerId: readText(packet, 'Uniqueid'), destId },
  ]
}

const readDialEnd: ReadAmi = (packet) => {
  const destId = readText(packet, 'DestUniqueid')
  const status = toDialStatus(packet.get('DialStatus') ?? '')
  return destId === null || status === null ? [] : [{ type: 'dial-end', destId, status }]
}

/** Who waits in a holding bridge (parking) hears music: nobody talks there. */
function isHolding(packet: AmiPacket): boolean {
  return packet.get('BridgeTechnology') === 'holding_bridge'
}

const readBridge =
  (type: 'bridge-enter' | 'bridge-leave'): ReadAmi =>
  (packet, known) => {
    const bridgeId = readText(packet, 'BridgeUniqueid')
    const channelId = readText(packet, 'Uniqueid')
    if (bridgeId === null || channelId === null || isHolding(packet)) return []
    const told = type === 'bridge-enter' ? channelEvent(packet, '', known) : []
    return [...told, { type, bridgeId, channelId }]
  }

const readMerge: ReadAmi = (packet) => {
  const fromId = readText(packet, 'FromBridgeUniqueid')
  const intoId = readText(packet, 'ToBridgeUniqueid')
  return fromId === null || intoId === null ? [] : [{ type: 'bridge-merge', fromId, intoId }]
}

const readQueue =
  (type: 'queue-join' | 'queue-leave'): ReadAmi =>
  (packet) => {
    const channelId = readText(packet, 'Uniqueid')
    const queue = readText(packet, 'Queue')
    return channelId === null || queue === null ? [] : [{ type, channelId, queue }]
  }

const readAgentCalled: ReadAmi = (packet, known) => {
  const channelId = readText(packet, 'Uniqueid')
  const queue = readText(packet, 'Queue')
  const destId = readText(packet, 'DestUniqueid')
  if (destId === null) return READ_UNTIL_11.get('agentcalled')?.(packet, known) ?? []
  return channelId === null || queue === null
    ? []
    : [{ type: 'agent-called', channelId, destId, queue }]
}

const readParked: ReadAmi = (packet, known) => {
  const channelId =
    readText(packet, 'ParkeeUniqueid') ?? readId(packet, 'Uniqueid', 'Channel', known)
  const space = readText(packet, 'ParkingSpace') ?? readText(packet, 'Exten')
  if (channelId === null || space === null) return []
  const parkerName =
    readText(packet, 'ParkerChannel') ??
    readText(packet, 'ParkerDialString') ??
    readText(packet, 'From')
  return [{ type: 'parked', channelId, space, lot: readText(packet, 'Parkinglot'), parkerName }]
}

const readUnparked: ReadAmi = (packet, known) => {
  const channelId =
    readText(packet, 'ParkeeUniqueid') ?? readId(packet, 'Uniqueid', 'Channel', known)
  if (channelId === null) return []
  const hasRetriever = packet.event?.toLowerCase() === 'unparkedcall'
  const retrieverId = hasRetriever ? readId(packet, 'RetrieverUniqueid', 'From', known) : null
  return [{ type: 'unparked', channelId, retrieverId }]
}

const readLocalPair: ReadAmi = (packet, known) => {
  const oneId = readText(packet, 'LocalOneUniqueid') ?? readText(packet, 'Uniqueid1')
  const twoId = readText(packet, 'LocalTwoUniqueid') ?? readText(packet, 'Uniqueid2')
  if (oneId === null || twoId === null) return []
  return [
    ...channelEvent(packet, 'LocalOne', known),
    ...channelEvent(packet, 'LocalTwo', known),
    { type: 'local-pair', oneId, twoId },
  ]
}

const isSuccess = (packet: AmiPacket): boolean => packet.get('Result') === 'Success'

const readBlindTransfer: ReadAmi = (packet) => {
  const transfererId = readText(packet, 'TransfererUniqueid')
  const exten = readText(packet, 'Extension')
  if (transfererId === null || exten === null || !isSuccess(packet)) return []
  const transfereeId = readText(packet, 'TransfereeUniqueid')
  return [{ type: 'blind-transfer', transfererId, transfereeId, exten }]
}

const readAttendedTransfer: ReadAmi = (packet) => {
  const transfererId = readText(packet, 'OrigTransfererUniqueid')
  if (transfererId === null || !isSuccess(packet)) return []
  return [
    {
      type: 'attended-transfer',
      transfererId,
      secondId: readText(packet, 'SecondTransfererUniqueid'),
      transfereeId: readText(packet, 'TransfereeUniqueid'),
      targetId: readText(packet, 'TransferTargetUniqueid'),
    },
  ]
}

const readRename: ReadAmi = (packet, known) => {
  const name = readText(packet, 'Newname')
  const channelId = readId(packet, 'Uniqueid', 'Channel', known)
  if (name === null || channelId === null) return []
  known.rename(channelId, name)
  return [{ type: 'renamed', channelId, name }]
}

const readRecording =
  (state: 'started' | 'stopped'): ReadAmi =>
  (packet) => {
    const channelId = readText(packet, 'Uniqueid')
    return channelId === null ? [] : [{ type: 'recording', channelId, state }]
  }

const readMute: ReadAmi = (packet) => {
  const channelId = readText(packet, 'Uniqueid')
  const direction = packet.get('Direction')?.toLowerCase() ?? 'both'
  // With one direction muted the other goes on being recorded.
  if (channelId === null || direction !== 'both') return []
  const isMuted = packet.get('State') === '1'
  return [{ type: 'recording', channelId, state: isMuted ? 'paused' : 'resumed' }]
}

const READ: ReadonlyMap<string, ReadAmi> = new Map<string, ReadAmi>([
  ...READ_UNTIL_11,
  ['newchannel', readCreated],
  ['newstate', readNewstate],
  ['newcallerid', (packet, known) => channelEvent(packet, '', known)],
  ['newconnectedline', (packet, known) => channelEvent(packet, '', known)],
  ['newexten', FIELDS_ONLY],
  ['varset', FIELDS_ONLY],
  ['dial', readOldDial],
  ['dialbegin', readDialBegin],
  ['dialstate', (packet, known) => channelEvent(packet, 'Dest', known)],
  ['dialend', readDialEnd],
  ['bridgeenter', readBridge('bridge-enter')],
  ['bridgeleave', readBridge('bridge-leave')],
  ['bridgemerge', readMerge],
  ['hold', readHold],
  ['unhold', (packet) => readUnhold(packet)],
  ['hangup', readHangup],
  ['hanguprequest', readHangupRequest],
  ['softhanguprequest', readHangupRequest],
  ['rename', readRename],
  ['blindtransfer', readBlindTransfer],
  ['attendedtransfer', readAttendedTransfer],
  ['parkedcall', readParked],
  ['unparkedcall', readUnparked],
  ['parkedcalltimeout', readUnparked],
  ['parkedcallgiveup', readUnparked],
  ['join', readQueue('queue-join')],
  ['queuecallerjoin', readQueue('queue-join')],
  ['leave', readQueue('queue-leave')],
  ['queuecallerleave', readQueue('queue-leave')],
  ['queuecallerabandon', readQueue('queue-leave')],
  ['agentcalled', readAgentCalled],
  ['localbridge', readLocalPair],
  ['localoptimizationbegin', readLocalPair],
  ['mixmonitorstart', readRecording('started')],
  ['mixmonitorstop', readRecording('stopped')],
  ['mixmonitormute', readMute],
  ['monitorstart', readRecording('started')],
  ['monitorstop', readRecording('stopped')],
])

function readUnhold(packet: AmiPacket): readonly ChannelEvent[] {
  const channelId = readText(packet, 'Uniqueid')
  return channelId === null ? [] : [{ type: 'unhold', channelId }]
}

/** Events that say nothing of calls: of devices, and the items of the lists that a client asks for. */
const OTHER_EVENTS = [
  'devicestatechange',
  'extensionstatus',
  'coreshowchannel',
  'status',
  'bridgelistitem',
]

/** Every event that something is made of, by its name in small letters. */
export const AMI_EVENTS: ReadonlySet<string> = new Set([
  ...READ.keys(),
  ...OTHER_EVENTS,
  ...QUEUE_EVENTS,
])

/** Most of what a PBX tells: only read where a field of it may be carried into a call. */
const COSTLY = new Set(['newexten', 'varset'])

/** The events that a connection with these options needs; the parser passes over all others. */
export function wantedEvents(
  extraFields: readonly string[],
  options: { readonly queues: boolean },
): ReadonlySet<string> {
  const hasExtra = toWantedFields(extraFields).size > 0
  const isOnlyForQueues = (name: string): boolean => !READ.has(name) && QUEUE_EVENTS.has(name)
  return new Set(
    [...AMI_EVENTS].filter(
      (name) => (hasExtra || !COSTLY.has(name)) && (options.queues || !isOnlyForQueues(name)),
    ),
  )
}
