import type { CallEvent } from '../../server/calls/call.ts'
import type {
  ChannelEvent,
  ChannelFacts,
  ChannelState,
  DialStatus,
  EventTime,
  OpenCall,
  PbxSnapshot,
} from '../../server/sources/channel-event.ts'
import type { Channels, ChannelsOptions } from '../../server/sources/channels.ts'
import { openChannels, type PbxSource } from './pbx-story.ts'

/** A PBX by hand: each step is a second later; ids are short names. */
export interface PbxScript {
  readonly channels: Channels
  readonly events: readonly CallEvent[]
  channel(id: string, name: string, state: ChannelState, more?: Partial<ChannelFacts>): void
  state(id: string, state: ChannelState): void
  dial(callerId: string | null, destId: string): void
  dialEnd(destId: string, status: DialStatus): void
  bridge(bridgeId: string, ...ids: readonly string[]): void
  leave(...ids: readonly string[]): void
  hangup(id: string, cause?: number): void
  hear(event: ChannelEvent): void
  restore(
    snapshot: { channels: readonly ChannelFacts[]; bridges?: PbxSnapshot['bridges'] },
    open?: readonly OpenCall[],
  ): void
  /** What was told since the last time, such as `ringing 101`. */
  news(): string[]
}

export function facts(
  id: string,
  name: string,
  state: ChannelState,
  more: Partial<ChannelFacts> = {},
): ChannelFacts {
  return {
    id,
    name,
    state,
    callerNumber: null,
    callerName: null,
    connectedNumber: null,
    context: null,
    exten: null,
    linkedId: null,
    application: null,
    ...more,
  }
}

export function createScript(
  source: PbxSource = 'ami',
  options: Partial<ChannelsOptions> = {},
): PbxScript {
  const channels = openChannels(source, options)
  const known = new Map<string, ChannelFacts>()
  const events: CallEvent[] = []
  let told = 0
  let seconds = 0
  const now = (): EventTime => {
    seconds += 1
    const at = new Date(Date.parse('2026-11-21T12:00:00Z') + seconds * 1000)
    return { at, atKnown: source === 'ari', arrivedAt: at }
  }
  const hear = (event: ChannelEvent): void => void events.push(...channels.hear(event, now()))
  const tell = (channel: ChannelFacts): void => {
    known.set(channel.id, channel)
    hear({ type: 'channel', channel, extra: {} })
  }
  let bridgeOf = new Map<string, string>()
  return {
    channels,
    events,
    channel: (id, name, state, more) => tell(facts(id, name, state, more)),
    state: (id, state) => tell({ ...known.get(id)!, state }),
    dial: (callerId, destId) => hear({ type: 'dial-begin', callerId, destId }),
    dialEnd: (destId, status) => hear({ type: 'dial-end', destId, status }),
    bridge(bridgeId, ...ids) {
      for (const channelId of ids) {
        bridgeOf.set(channelId, bridgeId)
        hear({ type: 'bridge-enter', bridgeId, channelId })
      }
    },
    leave(...ids) {
      for (const channelId of ids) {
        hear({ type: 'bridge-leave', bridgeId: bridgeOf.get(channelId)!, channelId })
      }
    },
    hangup: (channelId, cause = 16) => hear({ type: 'hangup', channelId, cause, last: null }),
    hear,
    restore(snapshot, open = []) {
      bridgeOf = new Map()
      const listed = snapshot.channels.map((channel) => ({ ...channel, createdAt: null }))
      const all = { channels: listed, bridges: snapshot.bridges ?? [] }
      events.push(...channels.restore(all, open, now()))
    },
    news() {
      const since = events.slice(told)
      told = events.length
      return since.map(inWords)
    },
  }
}

function inWords(event: CallEvent): string {
  switch (event.type) {
    case 'started':
      return `started ${event.direction} ${event.from}>${event.to}`
    case 'ringing':
      return `ringing ${event.extensions.join()}${event.queue === null ? '' : ` by ${event.queue}`}`
    case 'ring-ended':
      return `ring-ended ${event.extension} ${event.result}`
    case 'ended':
      return event.failure === null ? 'ended' : `ended ${event.failure}`
    case 'recorded':
    case 'closed':
      return event.type
    default:
      return event.extension === null ? event.type : `${event.type} ${event.extension}`
  }
}
