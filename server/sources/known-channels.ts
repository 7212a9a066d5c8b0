import type { ChannelFacts, ChannelState, DialStatus, PbxSnapshot } from './channel-event.ts'

interface Dials {
  readonly open: Map<string, OpenDial>
  isAnswered: boolean
}

interface Known {
  readonly name: string
  readonly state: ChannelState
}

/** Somebody whom a channel dials, until Asterisk 11, where a dial's end does not name them. */
export interface OpenDial {
  readonly destId: string
  /** A queue's dials have no end of their own; `Dial` tells one for all that it rings. */
  readonly isByQueue: boolean
  /** Its hangup came before the dial's end, with a cause that explains nothing. */
  hangupCause: number | null | undefined
}

/**
 * What a stream of events told of the channels that are there: some events name them instead of
 * giving their id, and some leave out the state.
 */
export interface KnownChannels {
  note(id: string, name: string, state: ChannelState): void
  nameOf(id: string): string | null
  stateOf(id: string): ChannelState | null
  idOf(name: string): string | null
  rename(id: string, name: string): void
  forget(id: string): void
  /** False where this dial is open already. */
  dial(callerId: string, destId: string, isByQueue: boolean): boolean
  dialsOf(callerId: string): readonly OpenDial[]
  /** Who dials this channel; null where nobody does (any more). */
  callerOf(destId: string): string | null
  /** One of those whom it dialled has answered, since it began to dial. */
  isAnswered(callerId: string): boolean
  endDial(callerId: string, destId: string, isAnswer: boolean): void
  restore(snapshot: PbxSnapshot): void
}

/** A hangup that was never heard must not keep its channel for ever. */
const MAX_CHANNELS = 20_000

export function createKnownChannels(): KnownChannels {
  const channels = new Map<string, Known>()
  const ids = new Map<string, string>()
  const dials = new Map<string, Dials>()
  const callers = new Map<string, string>()

  const forget = (id: string): void => {
    const known = channels.get(id)
    if (known !== undefined && ids.get(known.name) === id) ids.delete(known.name)
    channels.delete(id)
    for (const destId of dials.get(id)?.open.keys() ?? []) callers.delete(destId)
    dials.delete(id)
  }

  const note = (id: string, name: string, state: ChannelState): void => {
    const before = channels.get(id)
    if (before === undefined && channels.size >= MAX_CHANNELS) {
      for (const oldest of channels.keys()) {
        forget(oldest)
        break
      }
    }
    if (before !== undefined && before.name !== name && ids.get(before.name) === id)
      ids.delete(before.name)
    channels.set(id, { name, state })
    ids.set(name, id)
  }

  return {
    note,
    forget,
    nameOf: (id) => channels.get(id)?.name ?? null,
    stateOf: (id) => channels.get(id)?.state ?? null,
    idOf: (name) => ids.get(name) ?? null,
    rename: (id, name) => note(id, name, channels.get(id)?.state ?? 'other'),
    dial(callerId, destId, isByQueue) {
      const { open, isAnswered } = dials.get(callerId) ?? { open: new Map(), isAnswered: false }
      if (open.has(destId)) return false
      // Those that it dials at the same time are one dial; after that it begins anew.
      dials.set(callerId, { open, isAnswered: open.size > 0 && isAnswered })
      open.set(destId, { destId, isByQueue, hangupCause: undefined })
      callers.set(destId, callerId)
      return true
    },
    dialsOf: (callerId) => [...(dials.get(callerId)?.open.values() ?? [])],
    callerOf: (destId) => callers.get(destId) ?? null,
    isAnswered: (callerId) => dials.get(callerId)?.isAnswered ?? false,
    endDial(callerId, destId, isAnswer) {
      const dial = dials.get(callerId)
      dial?.open.delete(destId)
      if (dial !== undefined && isAnswer) dial.isAnswered = true
      callers.delete(destId)
    },
    restore(snapshot) {
      for (const id of [...channels.keys()]) forget(id)
      for (const { id, name, state } of snapshot.channels) note(id, name, state)
    },
  }
}

/** Remembers a channel as an event described it. */
export function noteFacts(known: KnownChannels, facts: ChannelFacts): ChannelFacts {
  known.note(facts.id, facts.name, facts.state)
  return facts
}

/** The end of a dial that a hangup's cause (Q.850) explains; null where it explains nothing. */
export function toDialEnd(cause: number | null): DialStatus | null {
  if (cause === null) return null
  return STATUS_BY_CAUSE.get(cause) ?? null
}

const STATUS_BY_CAUSE = new Map<number, DialStatus>([
  [1, 'chanunavail'],
  [3, 'chanunavail'],
  [17, 'busy'],
  [18, 'noanswer'],
  [19, 'noanswer'],
  [20, 'chanunavail'],
  [21, 'busy'],
  [26, 'cancel'],
  [27, 'chanunavail'],
  [34, 'congestion'],
  [38, 'congestion'],
  [42, 'congestion'],
])
