import { channelEvent } from './ami-channel.ts'
import type { AmiPacket } from './ami-packet.ts'
import type { ChannelEvent } from './channel-event.ts'
import { type Extra, NO_EXTRA, type WantedFields, wantedVariable } from './extra-fields.ts'
import type { KnownChannels } from './known-channels.ts'

/** Puts the wanted fields and variables of a packet to the channels that it is about. */
export function addExtra(
  events: readonly ChannelEvent[],
  packet: AmiPacket,
  known: KnownChannels,
  wanted: WantedFields,
): readonly ChannelEvent[] {
  if (wanted.size === 0) return events
  const own = attach(events, packet, '', known, readFields(packet, wanted))
  return attach(own, packet, 'Dest', known, readVariables(packet, 'dest', wanted))
}

function attach(
  events: readonly ChannelEvent[],
  packet: AmiPacket,
  prefix: string,
  known: KnownChannels,
  extra: Extra,
): readonly ChannelEvent[] {
  if (Object.keys(extra).length === 0) return events
  const [own] = channelEvent(packet, prefix, known)
  if (own?.type !== 'channel') return events
  const isTold = events.some(
    (event) => event.type === 'channel' && event.channel.id === own.channel.id,
  )
  if (!isTold) return [{ ...own, extra }, ...events]
  return events.map((event) =>
    event.type === 'channel' && event.channel.id === own.channel.id ? { ...event, extra } : event,
  )
}

function readFields(packet: AmiPacket, wanted: WantedFields): Extra {
  const found: Record<string, string> = {}
  for (const [key, value] of packet.fields) {
    const name = wanted.get(key.toLowerCase())
    if (name !== undefined && value !== '') found[name] = value
  }
  const variable = packet.get('Variable')
  const name = variable === null ? null : wantedVariable(wanted, variable)
  const value = packet.get('Value')
  if (name !== null && value !== null && value !== '') found[name] = value
  const variables = readVariables(packet, '', wanted)
  return variables === NO_EXTRA ? found : { ...found, ...variables }
}

/**
 * `ChanVariable: name=value`, until 11 `ChanVariable(SIP/101-1): name=value`; some forks write
 * `ChanVariable(name): value`.
 */
function readVariables(packet: AmiPacket, prefix: string, wanted: WantedFields): Extra {
  let found: Record<string, string> | null = null
  for (const [key, text] of packet.fields) {
    const lower = key.toLowerCase()
    if (!lower.startsWith(`${prefix}chanvariable`)) continue
    const inBrackets = /\(([^()]*)\)$/.exec(key)?.[1]
    const at = text.indexOf('=')
    const isPair = at > 0 && wantedVariable(wanted, text.slice(0, at)) !== null
    const name = wantedVariable(wanted, isPair ? text.slice(0, at) : (inBrackets ?? ''))
    const value = isPair ? text.slice(at + 1) : text
    if (name !== null && value !== '') {
      found ??= {}
      found[name] = value
    }
  }
  return found ?? NO_EXTRA
}
