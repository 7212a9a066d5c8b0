import { isHoldingBridge, readListedChannel } from './ari-channel.ts'
import { readList, readString } from './ari-fields.ts'
import type { PbxSnapshot } from './channel-event.ts'

/** The answers to `GET /channels` and `GET /bridges` → what goes on (ARI-2). */
export function readAriSnapshot(channels: unknown, bridges: unknown): PbxSnapshot {
  return {
    channels: toList(channels).flatMap((value) => readListedChannel(value) ?? []),
    bridges: toList(bridges).flatMap((value) => {
      const id = readString(value, 'id')
      if (id === null || isHoldingBridge(value)) return []
      const ids = readList(value, 'channels')
      return [{ id, channelIds: ids.filter((each) => typeof each === 'string') }]
    }),
  }
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
