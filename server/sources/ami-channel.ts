import { readState, readText } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import type { ChannelEvent, ChannelFacts } from './channel-event.ts'
import { NO_EXTRA } from './extra-fields.ts'
import { type KnownChannels, noteFacts } from './known-channels.ts'

/** How one event becomes channel events. */
export type ReadAmi = (packet: AmiPacket, known: KnownChannels) => readonly ChannelEvent[]

/** The channel that a packet describes in the fields with this prefix, such as `Dest`. */
export function readChannel(
  packet: AmiPacket,
  prefix: string,
  known: KnownChannels,
): ChannelFacts | null {
  const id = readText(packet, `${prefix}Uniqueid`)
  if (id === null) return null
  const name = readText(packet, `${prefix}Channel`) ?? known.nameOf(id)
  if (name === null) return null
  return noteFacts(known, {
    id,
    name,
    state: readState(packet, prefix) ?? known.stateOf(id) ?? 'other',
    callerNumber:
      readText(packet, `${prefix}CallerIDNum`) ?? toCallerNumber(packet.get(`${prefix}CallerID`)),
    callerName: readText(packet, `${prefix}CallerIDName`),
    connectedNumber: readText(packet, `${prefix}ConnectedLineNum`),
    context: readText(packet, `${prefix}Context`),
    exten: readText(packet, `${prefix}Exten`),
    linkedId: readText(packet, `${prefix}Linkedid`),
    application: readText(packet, `${prefix}Application`),
  })
}

/** As `readChannel`, as an event; none where the packet does not describe a channel. */
export function channelEvent(
  packet: AmiPacket,
  prefix: string,
  known: KnownChannels,
): readonly ChannelEvent[] {
  const channel = readChannel(packet, prefix, known)
  return channel === null ? [] : [{ type: 'channel', channel, extra: NO_EXTRA }]
}

/** The id that a packet gives, or that of the channel that it names. */
export function readId(
  packet: AmiPacket,
  idKey: string,
  nameKey: string,
  known: KnownChannels,
): string | null {
  const id = readText(packet, idKey)
  if (id !== null) return id
  const name = readText(packet, nameKey)
  return name === null ? null : known.idOf(name)
}

/** Until 1.4 a caller id is `"Name" <number>` or the number. */
function toCallerNumber(text: string | null): string | null {
  const number = /<([^<>]*)>\s*$/.exec(text ?? '')?.[1] ?? text
  return number === null || /^(?:|unknown)$/i.test(number.trim()) ? null : number.trim()
}
