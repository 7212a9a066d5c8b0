import type { AmiSession } from './ami-client.ts'
import { AmiError } from './ami-error.ts'
import type { AmiPacket } from './ami-packet.ts'
import type { Endpoint } from './pbx.ts'

/** Which list each channel technology has, and how its items read. */
const LISTS: readonly {
  readonly action: string
  readonly read: (packet: AmiPacket) => Endpoint | null
}[] = [
  { action: 'PJSIPShowEndpoints', read: readPjsip },
  { action: 'SIPpeers', read: (packet) => readPeer(packet, 'SIP') },
  { action: 'IAXpeerlist', read: (packet) => readPeer(packet, 'IAX2') },
]

/** The phones and trunks of a PBX, by what the account may ask. */
export async function readAmiEndpoints(
  session: Pick<AmiSession, 'list'>,
  allowed: ReadonlySet<string>,
): Promise<readonly Endpoint[]> {
  const found: Endpoint[] = []
  for (const { action, read } of LISTS) {
    if (!allowed.has(action.toLowerCase())) continue
    try {
      const packets = await session.list({ name: action, fields: [] })
      found.push(...packets.flatMap((packet) => read(packet) ?? []))
    } catch (error) {
      // `PJSIPShowEndpoints` is an error where there are none.
      if (!(error instanceof AmiError) || error.code !== 'refused') throw error
    }
  }
  return found
}

function readPjsip(packet: AmiPacket): Endpoint | null {
  const resource = packet.get('ObjectName')
  if (packet.event?.toLowerCase() !== 'endpointlist' || resource === null) return null
  const state = packet.get('DeviceState') ?? ''
  const isOffline = /^(?:unavailable|invalid)$/i.test(state)
  return {
    technology: 'PJSIP',
    resource,
    state: state === '' || /^unknown$/i.test(state) ? 'unknown' : isOffline ? 'offline' : 'online',
  }
}

function readPeer(packet: AmiPacket, technology: string): Endpoint | null {
  const resource = packet.get('ObjectName')
  if (packet.event?.toLowerCase() !== 'peerentry' || resource === null) return null
  const status = packet.get('Status') ?? ''
  // `OK (12 ms)`, `UNREACHABLE`, `UNKNOWN`, and `Unmonitored`, which says nothing.
  const state = /^(?:ok|lagged)/i.test(status)
    ? 'online'
    : /^unreachable/i.test(status)
      ? 'offline'
      : 'unknown'
  return { technology, resource, state }
}
