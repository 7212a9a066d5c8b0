import { readText, toNumber } from './ami-fields.ts'
import type { AmiPacket } from './ami-packet.ts'
import { readObject, readString } from './ari-fields.ts'
import { isChannelName, toExtension } from './extensions.ts'
import type { DeviceState } from './pbx.ts'

/** What a PBX says of an extension's phone. */
export interface ExtensionState {
  readonly extension: string
  readonly state: DeviceState
}

/** The words of `DeviceStateChange` and `DeviceStateChanged`. */
export function toDeviceState(words: string): DeviceState {
  return BY_WORDS.get(words.toUpperCase()) ?? 'unknown'
}

/** The numbers of a queue member's `Status`. */
export function toDeviceStateByNumber(number: number): DeviceState {
  return BY_NUMBER[number] ?? 'unknown'
}

/** `DeviceStateChange` or `ExtensionStatus`; null for a device that is no phone. */
export function readAmiDeviceState(packet: AmiPacket): ExtensionState | null {
  switch (packet.event?.toLowerCase()) {
    case 'devicestatechange':
      return toExtensionState(readText(packet, 'Device'), readText(packet, 'State'))
    case 'extensionstatus':
      return readHint(packet)
    default:
      return null
  }
}

/** `DeviceStateChanged`, or an endpoint that went away; null for a device that is no phone. */
export function readAriDeviceState(event: unknown): ExtensionState | null {
  const type = readString(event, 'type')
  if (type === 'DeviceStateChanged') {
    const device = readObject(event, 'device_state')
    return toExtensionState(readString(device, 'name'), readString(device, 'state'))
  }
  if (
    type !== 'EndpointStateChange' &&
    type !== 'PeerStatusChange' &&
    type !== 'ContactStatusChange'
  )
    return null
  // That a phone is there does not say what it does: `DeviceStateChanged` does.
  const endpoint = readObject(event, 'endpoint')
  if (readString(endpoint, 'state') !== 'offline') return null
  const name = `${readString(endpoint, 'technology')}/${readString(endpoint, 'resource')}`
  return toExtensionState(name, 'UNAVAILABLE')
}

function toExtensionState(device: string | null, state: string | null): ExtensionState | null {
  if (device === null || state === null) return null
  // `Queue:support_avail`, `Custom:night`, `Local/101@hints`: states that no phone has.
  if (!isChannelName(device) || /^local\//i.test(device)) return null
  const extension = toExtension(device)
  return extension === '' ? null : { extension, state: toDeviceState(state) }
}

function readHint(packet: AmiPacket): ExtensionState | null {
  const extension = readText(packet, 'Exten')
  const status = toNumber(packet.get('Status'))
  if (extension === null || status === null) return null
  return { extension, state: toHintState(status) }
}

/** Bits: 1 in use, 2 busy, 4 unavailable, 8 ringing, 16 on hold; -1: the hint is gone. */
function toHintState(status: number): DeviceState {
  if (status < 0) return 'unknown'
  if (status & 16) return 'on-hold'
  if (status & 3) return 'in-use'
  if (status & 8) return 'ringing'
  return status & 4 ? 'unavailable' : 'idle'
}

const BY_WORDS = new Map<string, DeviceState>([
  ['NOT_INUSE', 'idle'],
  ['INUSE', 'in-use'],
  ['BUSY', 'in-use'],
  ['INVALID', 'unavailable'],
  ['UNAVAILABLE', 'unavailable'],
  ['RINGING', 'ringing'],
  ['RINGINUSE', 'in-use'],
  ['ONHOLD', 'on-hold'],
])

const BY_NUMBER: readonly DeviceState[] = [
  'unknown',
  'idle',
  'in-use',
  'in-use',
  'unavailable',
  'unavailable',
  'ringing',
  'in-use',
  'on-hold',
]
