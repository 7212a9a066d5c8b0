import { readState, readText } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import type { ChannelFacts, PbxSnapshot } from './channel-event.ts'

/**
 * The items of `CoreShowChannels`, and if they were asked for of `Status` (until 11 only that tells
 * the linked id) and `BridgeList` (which bridges are parking lots) → what goes on (AMI-6).
 */
export function readAmiSnapshot(packets: readonly AmiPacket[], arrivedAt: Date): PbxSnapshot {
  const listed = packets.filter((packet) => isEvent(packet, 'coreshowchannel'))
  const status = new Map(
    packets
      .filter((packet) => isEvent(packet, 'status'))
      .map((packet) => [readText(packet, 'Uniqueid'), packet]),
  )
  const channels = listed.flatMap((packet) => {
    const facts = readFacts(packet, status.get(readText(packet, 'Uniqueid')))
    return facts === null ? [] : [{ ...facts, createdAt: toCreatedAt(packet, arrivedAt) }]
  })
  return { channels, bridges: readBridges(listed, readHolding(packets)) }
}

function readFacts(packet: AmiPacket, status: AmiPacket | undefined): ChannelFacts | null {
  const id = readText(packet, 'Uniqueid')
  const name = readText(packet, 'Channel')
  if (id === null || name === null) return null
  return {
    id,
    name,
    state: readState(packet, '') ?? 'other',
    callerNumber: readText(packet, 'CallerIDNum'),
    callerName: readText(packet, 'CallerIDName'),
    connectedNumber: readText(packet, 'ConnectedLineNum'),
    context: readText(packet, 'Context'),
    exten: readText(packet, 'Exten') ?? readText(packet, 'Extension'),
    linkedId:
      readText(packet, 'Linkedid') ?? (status === undefined ? null : readText(status, 'Linkedid')),
    application: readText(packet, 'Application'),
  }
}

function readBridges(
  listed: readonly AmiPacket[],
  holding: ReadonlySet<string>,
): PbxSnapshot['bridges'] {
  const bridges = new Map<string, string[]>()
  const put = (bridgeId: string, channelId: string): void => {
    const channelIds = bridges.get(bridgeId) ?? []
    bridges.set(bridgeId, channelIds.includes(channelId) ? channelIds : [...channelIds, channelId])
  }
  for (const packet of listed) {
    const id = readText(packet, 'Uniqueid')
    const bridgeId = readText(packet, 'BridgeId')
    const otherId = readText(packet, 'BridgedUniqueID')
    if (id === null) continue
    if (bridgeId !== null && !holding.has(bridgeId)) put(bridgeId, id)
    // Until 11 each of two names the other; their bridge has the id that its events give it.
    if (bridgeId === null && otherId !== null) put([id, otherId].sort().join(','), id)
  }
  return [...bridges].map(([id, channelIds]) => ({ id, channelIds }))
}

function readHolding(packets: readonly AmiPacket[]): ReadonlySet<string> {
  return new Set(
    packets
      .filter((packet) => isEvent(packet, 'bridgelistitem'))
      .filter((packet) => packet.get('BridgeTechnology') === 'holding_bridge')
      .map((packet) => packet.get('BridgeUniqueid') ?? ''),
  )
}

/** `Duration: 00:01:07`, or in seconds, is whole seconds since the channel was made. */
function toCreatedAt(packet: AmiPacket, arrivedAt: Date): Date | null {
  const text = packet.get('Duration') ?? ''
  const parts = /^(?:(\d{1,6}):(\d\d):)?(\d{1,9})$/.exec(text)
  if (parts === null) return null
  const [, hours = '0', minutes = '0', seconds = '0'] = parts
  const age = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return new Date(arrivedAt.getTime() - age * 1000)
}

function isEvent(packet: AmiPacket, name: string): boolean {
  return packet.event?.toLowerCase() === name
}
