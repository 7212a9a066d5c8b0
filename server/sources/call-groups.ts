import { type CallGroup, createGroup } from './call-group.ts'
import type { EventTime } from './channel-event.ts'
import type { Channel, ChannelTable } from './channel-table.ts'

/** The calls that go on, by unique id, and which channels are theirs. */
export interface CallGroups {
  readonly table: ChannelTable
  get(id: string | null): CallGroup | null
  all(): IterableIterator<CallGroup>
  /** The call of that id; a new one where there is none. */
  create(id: string, time: EventTime): CallGroup
  delete(group: CallGroup): void
  join(channel: Channel, group: CallGroup): void
  /** Takes a channel that is gone out of its call. */
  remove(channel: Channel): void
  /** The calls whose channels came or went since the last time. */
  takeChanged(): readonly CallGroup[]
}

export function createCallGroups(table: ChannelTable): CallGroups {
  const groups = new Map<string, CallGroup>()
  let changed = new Set<CallGroup>()
  const get = (id: string | null): CallGroup | null => (id === null ? null : groups.get(id)) ?? null

  const join = (channel: Channel, group: CallGroup): void => {
    const before = get(channel.groupId)
    if (before === group || channel.kind === 'technical') return
    if (before !== null) {
      changed.add(before)
      takeOut(channel, before)
      // It has not talked in this call yet: here it rings from its dial on (CALL-14).
      channel.hasTalked = false
    }
    changed.add(group)
    channel.groupId = group.id
    group.members.add(channel)
    group.isExpected = false
    Object.assign(group.extra, channel.extra)
    channel.extra = {}
    const hasDialled = channel.kind === 'phone' && channel.extension === group.from
    // The agent's phone of a click-to-call.
    if (hasDialled && group.direction === 'outgoing' && group.anchors.size === 0)
      group.dialler ??= channel
    const pair = table.pairOf(channel)
    if (pair !== null) join(pair, group)
  }

  return {
    table,
    get,
    all: () => groups.values(),
    create(id, time) {
      const group = groups.get(id) ?? createGroup(id, time)
      groups.set(id, group)
      return group
    },
    delete: (group) => void groups.delete(group.id),
    join,
    remove(channel) {
      const own = get(channel.groupId)
      const consult = get(channel.consultId)
      for (const group of [own, consult]) {
        if (group === null) continue
        changed.add(group)
        takeOut(channel, group)
      }
    },
    takeChanged() {
      const taken = [...changed]
      changed = new Set()
      return taken
    },
  }
}

function takeOut(channel: Channel, group: CallGroup): void {
  group.members.delete(channel)
  group.anchors.delete(channel)
  if (group.dialler === channel) group.dialler = null
}
