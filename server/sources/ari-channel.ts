import { readObject, readString, toInstant } from './ari-fields.ts'
import { toState } from './asterisk-words.ts'
import type { ChannelFacts, ListedChannel } from './channel-event.ts'

/** A channel object of ARI; null where it is none. */
export function readAriChannel(value: unknown): ChannelFacts | null {
  const id = readString(value, 'id')
  const name = readString(value, 'name')
  if (id === null || name === null) return null
  const caller = readObject(value, 'caller')
  const dialplan = readObject(value, 'dialplan')
  return {
    id,
    name,
    state: toState(readString(value, 'state') ?? ''),
    callerNumber: readString(caller, 'number'),
    callerName: readString(caller, 'name'),
    connectedNumber: readString(readObject(value, 'connected'), 'number'),
    context: readString(dialplan, 'context'),
    exten: readString(dialplan, 'exten'),
    // ARI has none: its calls are joined by dial and bridge.
    linkedId: null,
    application: readString(dialplan, 'app_name'),
  }
}

/** With when it was made. */
export function readListedChannel(value: unknown): ListedChannel | null {
  const facts = readAriChannel(value)
  const createdAt = toInstant(readString(value, 'creationtime'))
  return facts === null ? null : { ...facts, createdAt }
}

/** The queue in which a channel is, by the application that the dialplan runs on it. */
export function readQueueOf(value: unknown): string | null {
  const dialplan = readObject(value, 'dialplan')
  if (readString(dialplan, 'app_name') !== 'Queue') return null
  const queue = readString(dialplan, 'app_data')?.split(',')[0]?.trim()
  return queue === undefined || queue === '' ? null : queue
}

/** A bridge in which channels wait (parking, a holding bridge) instead of talking. */
export function isHoldingBridge(bridge: unknown): boolean {
  return readString(bridge, 'bridge_type') === 'holding'
}

export function isParkingBridge(bridge: unknown): boolean {
  return readString(bridge, 'bridge_class') === 'parking'
}
