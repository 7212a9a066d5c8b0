import type { ChannelFacts, DialStatus, EventTime } from './channel-event.ts'

/**
 * Whose a channel is: `phone` an extension of the PBX, `outside` anybody else, `local` half of a
 * `Local` pair (seen through), `technical` one that Asterisk makes for itself.
 */
export type ChannelKind = 'phone' | 'outside' | 'local' | 'technical'

/** Asterisk rings this channel. */
export interface Dial {
  /** Null where nobody's channel dials (originate), or where the dial's begin was not heard. */
  readonly callerId: string | null
  readonly queue: string | null
  readonly isByQueue: boolean
  readonly began: EventTime
  /** How it ended; null while it goes on. */
  status: DialStatus | null
}

/** A dial whose caller, a `Local` channel, stands for nobody yet. */
export interface Awaited {
  readonly callerId: string
  readonly queue: string | null
  readonly began: EventTime
}

export interface Channel {
  id: string
  name: string
  readonly kind: ChannelKind
  /** The extension whose phone it is; of a `Local` channel the one that it stands for. */
  readonly extension: string | null
  state: ChannelFacts['state']
  callerNumber: string
  connectedNumber: string
  /** The first number that it called, '' if none; later it is `s`, inside a subroutine. */
  exten: string
  linkedId: string | null
  application: string
  dial: Dial | null
  /** Dialled for somebody who is not there yet: the phone that consults enters a moment later. */
  awaits: Awaited | null
  hasDialled: boolean
  /** It has been in conversation within its call: its dial rings no more. */
  hasTalked: boolean
  /** It hung up; what it still does in the dialplan nobody hears. */
  isEnding: boolean
  bridgeId: string | null
  pairId: string | null
  /** The queue in which it waits. */
  queue: string | null
  /** The queue that is about to ring it. */
  calledBy: string | null
  isHeld: boolean
  parked: { readonly space: string; readonly lot: string | null } | null
  readonly first: EventTime
  /** The call that it belongs to. */
  groupId: string | null
  /** A call that its phone began in the middle of this one (a consultation). */
  consultId: string | null
  extra: Record<string, string>
}

export interface ChannelTable {
  get(id: string | null): Channel | null
  all(): IterableIterator<Channel>
  add(channel: Channel): void
  remove(id: string): void
  pair(oneId: string, twoId: string): void
  pairOf(channel: Channel): Channel | null
  enter(bridgeId: string, channelId: string): void
  /** Nothing, where it is in another bridge by now. */
  leave(bridgeId: string, channelId: string): void
  inside(bridgeId: string): readonly Channel[]
  /** A bridge in which people wait beside one another without talking (a parking lot). */
  markWaiting(bridgeId: string): void
  isWaiting(bridgeId: string): boolean
  /** Everybody who hears this channel, through bridges and `Local` pairs; itself included. */
  heardWith(channel: Channel): ReadonlySet<Channel>
  /** Until 11: the phone of `cloneId` takes the place of that of `originalId`. */
  masquerade(cloneId: string, originalId: string): void
  clearBridges(): void
}

/** The channels of a PBX by id, and what connects them. */
export function createChannelTable(): ChannelTable {
  const channels = new Map<string, Channel>()
  const bridges = new Map<string, Set<string>>()
  const waiting = new Set<string>()
  // A half can be named before its own first event.
  const pairs = new Map<string, string>()
  /** `Local/101@from-queue-00000003;1` and `…;2`: ARI tells of the pair by the names alone. */
  const halves = new Map<string, string>()
  const halfNames = new Map<string, string>()

  const get = (id: string | null): Channel | null => (id === null ? null : channels.get(id)) ?? null
  const takeOut = (id: string): void => {
    const channel = get(id)
    const bridgeId = channel?.bridgeId ?? null
    if (channel === null || bridgeId === null) return
    channel.bridgeId = null
    const inside = bridges.get(bridgeId)
    inside?.delete(id)
    if (inside?.size === 0) {
      bridges.delete(bridgeId)
      waiting.delete(bridgeId)
    }
  }
  const enter = (bridgeId: string, id: string): void => {
    const channel = get(id)
    if (channel === null) return
    takeOut(id)
    channel.bridgeId = bridgeId
    const inside = bridges.get(bridgeId) ?? new Set()
    bridges.set(bridgeId, inside.add(id))
  }
  const pairOf = (channel: Channel): Channel | null => get(channel.pairId)
  /** `seen`: the bridges whose channels are known already, so that a conference is walked once. */
  const neighbours = function* (channel: Channel, seen: Set<string>): Generator<Channel> {
    const pair = pairOf(channel)
    if (pair !== null) yield pair
    const { bridgeId } = channel
    if (bridgeId === null || waiting.has(bridgeId) || seen.has(bridgeId)) return
    seen.add(bridgeId)
    for (const id of bridges.get(bridgeId) ?? []) {
      const mate = get(id)
      if (mate !== null) yield mate
    }
  }

  return {
    get,
    all: () => channels.values(),
    add(channel) {
      channels.set(channel.id, channel)
      const other = otherHalf(channel.name)
      channel.pairId = pairs.get(channel.id) ?? halves.get(other ?? '') ?? null
      if (other !== null) {
        halves.set(channel.name, channel.id)
        halfNames.set(channel.id, channel.name)
      }
      const pair = pairOf(channel)
      if (pair !== null) pair.pairId = channel.id
    },
    remove(id) {
      takeOut(id)
      const channel = get(id)
      const pair = channel === null ? null : pairOf(channel)
      if (pair !== null) pair.pairId = null
      pairs.delete(id)
      if (channel?.pairId != null) pairs.delete(channel.pairId)
      const halfName = halfNames.get(id)
      if (halfName !== undefined && halves.get(halfName) === id) halves.delete(halfName)
      halfNames.delete(id)
      channels.delete(id)
    },
    pair(oneId, twoId) {
      for (const [id, otherId] of [
        [oneId, twoId],
        [twoId, oneId],
      ] as const) {
        const channel = get(id)
        if (channel !== null) channel.pairId = otherId
        // Kept only until the half shows up: it is forgotten with its channel.
        else if (get(otherId) !== null) pairs.set(id, otherId)
      }
    },
    pairOf,
    enter,
    leave(bridgeId, id) {
      if (get(id)?.bridgeId === bridgeId) takeOut(id)
    },
    inside: (bridgeId) => [...(bridges.get(bridgeId) ?? [])].flatMap((id) => get(id) ?? []),
    markWaiting: (bridgeId) => void waiting.add(bridgeId),
    isWaiting: (bridgeId) => waiting.has(bridgeId),
    heardWith(channel) {
      const found = new Set([channel])
      const seen = new Set<string>()
      for (const each of found) for (const next of neighbours(each, seen)) found.add(next)
      return found
    },
    masquerade(cloneId, originalId) {
      const clone = get(cloneId)
      const original = get(originalId)
      if (clone === null || original === null) return
      const [cloneBridge, originalBridge] = [clone.bridgeId, original.bridgeId]
      takeOut(cloneId)
      takeOut(originalId)
      clone.id = originalId
      original.id = cloneId
      channels.set(originalId, clone)
      channels.set(cloneId, original)
      if (originalBridge !== null) enter(originalBridge, originalId)
      if (cloneBridge !== null) enter(cloneBridge, cloneId)
    },
    clearBridges() {
      bridges.clear()
      waiting.clear()
      for (const channel of channels.values()) channel.bridgeId = null
    },
  }
}

/** The name of a `Local` channel's other half; null for other channels. */
function otherHalf(name: string): string | null {
  const found = /^(Local\/.+;)([12])$/i.exec(name)
  return found === null ? null : `${found[1]}${found[2] === '1' ? 2 : 1}`
}
