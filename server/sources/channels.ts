import type { CallEvent } from '../calls/call.ts'
import type { CallGroup } from './call-group.ts'
import { createCallGroups } from './call-groups.ts'
import { tellNews } from './call-news.ts'
import { drawCall } from './call-picture.ts'
import { applyEvent, hangUp } from './channel-changes.ts'
import type { ChannelEvent, EventTime, OpenCall, PbxSnapshot } from './channel-event.ts'
import { partsOf } from './channel-parts.ts'
import { type Channel, createChannelTable } from './channel-table.ts'
import type { Known } from './direction.ts'
import type { CallParts } from './pbx.ts'
import { restoreCalls } from './restore.ts'

export interface ChannelsOptions extends Known {
  readonly source: 'ami' | 'ari'
  readonly connectionId: string
  /** Option `sendRingStartedOnRingingState`: a ring starts when the phone says that it rings. */
  readonly ringOnRingingState: boolean
  /** Increasing place in the source's stream, also over restarts. */
  nextOrder(): number
}

/** What a PBX says of its channels, as the events of calls. It knows no clock and does nothing by itself. */
export interface Channels {
  /** Usually tells nothing. */
  hear(event: ChannelEvent, time: EventTime): readonly CallEvent[]
  /**
   * The PBX's whole state after a (re)connect; `open`: calls that are believed to go on. What is gone
   * has ended (at `time`), what is new is told, and who rings, talks and holds now. Events that came
   * after the snapshot was asked for are to be heard after it.
   */
  restore(snapshot: PbxSnapshot, open: readonly OpenCall[], time: EventTime): readonly CallEvent[]
  /** A click-to-call that is about to be dialled: its first channel will have this id (CTL-2). */
  expect(
    dial: { readonly channelId: string; readonly extension: string; readonly number: string },
    time: EventTime,
  ): readonly CallEvent[]
  /** The click-to-call was refused, or nothing came of it: it has ended if no channel came. */
  abandon(channelId: string, time: EventTime): readonly CallEvent[]
  /** For call control; null where the call has no live channel. */
  partsOf(uniqueId: string): CallParts | null
  /** Calls that have a live channel. */
  liveIds(): readonly string[]
}

export function createChannels(options: ChannelsOptions): Channels {
  const table = createChannelTable()
  const groups = createCallGroups(table)
  const world = { table, groups, known: options, isTimed: options.source === 'ari' }

  const tell = (touched: Iterable<CallGroup>, time: EventTime): CallEvent[] => {
    const news: CallEvent[] = []
    for (const group of touched) {
      news.push(...tellNews(group, drawCall(group, table, options), time, options))
      if (group.members.size === 0 && !group.isExpected) groups.delete(group)
    }
    return news
  }

  /** The calls that a channel has to do with: its own, those of whom it hears, its consultation. */
  const touch = (channel: Channel | null, touched: Set<CallGroup>): void => {
    if (channel === null) return
    for (const each of table.heardWith(channel)) {
      for (const id of [each.groupId, each.consultId]) {
        const group = groups.get(id)
        if (group === null) continue
        touched.add(group)
        for (const anchor of group.isConsult ? group.anchors : []) {
          const home = groups.get(anchor.groupId)
          if (home !== null) touched.add(home)
        }
      }
    }
  }

  return {
    hear(event, time) {
      const touched = new Set<CallGroup>()
      const id = 'channelId' in event ? event.channelId : null
      const before = table.get(id)
      touch(before, touched)
      if (event.type === 'hangup') {
        if (before !== null) hangUp(before, event.cause, world)
      } else {
        touch(applyEvent(event, world, time), touched)
      }
      for (const group of groups.takeChanged()) touched.add(group)
      return tell(touched, time)
    },
    restore(snapshot, open, time) {
      restoreCalls(snapshot, open, world, time)
      groups.takeChanged()
      return tell([...groups.all()], time)
    },
    expect({ channelId, extension, number }, time) {
      const group = groups.create(channelId, time)
      group.direction = 'outgoing'
      group.from = extension
      group.to = number
      group.isExpected = true
      return tell([group], time)
    },
    abandon(channelId, time) {
      const group = groups.get(channelId)
      if (group === null || !group.isExpected) return []
      group.isExpected = false
      return tell([group], time)
    },
    partsOf: (uniqueId) => partsOf(groups.get(uniqueId), table),
    liveIds: () =>
      [...groups.all()]
        .filter(({ told, members }) => told.isStarted && !told.isEnded && members.size > 0)
        .map(({ id }) => id),
  }
}
