import type { CallEvent } from '../calls/call.ts'
import type { World } from './channel-changes.ts'
import type { EventTime, OpenCall, PbxSnapshot } from './channel-event.ts'
export function restoreCalls(
  _snapshot: PbxSnapshot,
  _open: readonly OpenCall[],
  _world: World,
  _time: EventTime,
): CallEvent[] {
  return []
}
