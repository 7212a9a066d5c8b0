import type { CallEvent } from '../calls/call.ts'
import type { Log } from '../log.ts'
import type { ConnectionAccounts } from '../setup/accounts.ts'
import type { EventTime, OpenCall, PbxSnapshot } from '../sources/channel-event.ts'
import { type Channels, createChannels } from '../sources/channels.ts'
import { createLink, type Link, type Pace, type PbxSource } from '../sources/link.ts'
import type { NewEvent } from '../sources/new-event.ts'
import type { DeviceState, PbxAnswer, PbxCommand, QueueState } from '../sources/pbx.ts'

/** One account that calls or commands go by, ready to be opened. */
export interface PlannedLink {
  readonly source: PbxSource
  readonly tellsCalls: boolean
}

/** What a source is made with; `channels` are those of its own calls. */
export interface SourceParts {
  readonly accounts: ConnectionAccounts
  readonly channels: (kind: 'ari' | 'ami') => Channels
  readonly onQueues: (states: readonly QueueState[]) => void
  readonly onDevice: (extension: string, state: DeviceState) => void
}

export interface HeldOptions {
  readonly accounts: ConnectionAccounts
  readonly log: Log
  readonly clock: () => Date
  readonly nextOrder: () => number
  readonly createSources: (parts: SourceParts) => readonly PlannedLink[]
  /** The extensions that belong to agents on this connection, as far as is known now. */
  readonly extensions: () => ReadonlySet<string>
  readonly accept: (events: readonly NewEvent[]) => Promise<void>
  readonly openCalls: (snapshot: PbxSnapshot, signal: AbortSignal) => Promise<readonly OpenCall[]>
  readonly closeGone: (liveIds: ReadonlySet<string>, askedAt: Date) => Promise<void>
  readonly onChange: (link: Link) => void
  readonly onQueues: (states: readonly QueueState[]) => void
  readonly onDevice: (extension: string, state: DeviceState) => void
  readonly pace?: Partial<Pace>
}

/** The links of one connection whose owner this process is. */
export interface Held {
  readonly accounts: ConnectionAccounts
  readonly links: readonly Link[]
  run(command: PbxCommand): Promise<PbxAnswer>
  close(): Promise<void>
}

/** A channel comes at once, or not at all. */
const NO_CHANNEL_MS = 10_000

const NOT_SUPPORTED: PbxAnswer = {
  ok: false,
  code: 'not-supported',
  message: 'the account at the PBX does not allow this',
}

/** Opens all links of a connection. */
export function holdConnection(options: HeldOptions): Held {
  const { accounts, log, clock } = options
  const tracked = new Map<'ari' | 'ami', Channels>()
  let resources: ReadonlySet<string> = new Set()
  const endpoints = (): ReadonlySet<string> => resources
  const channelsOf = (kind: 'ari' | 'ami'): Channels => {
    const made =
      tracked.get(kind) ??
      createChannels({
        source: kind,
        connectionId: accounts.id,
        isExtension: (extension) => options.extensions().has(extension),
        isEndpoint: (name) => endpoints().has(name),
        ringOnRingingState: accounts.options.sendRingStartedOnRingingState,
        nextOrder: () => orderOf(kind)(),
      })
    tracked.set(kind, made)
    return made
  }
  const planned = options.createSources({ ...options, channels: channelsOf })
  const orderOf = (kind: 'ari' | 'ami'): (() => number) =>
    planned.find(({ source }) => source.kind === kind)?.source.nextOrder ?? options.nextOrder
  const links: readonly Link[] = planned.map(({ source, tellsCalls }) => {
    const channels = channelsOf(source.kind)
    return createLink({
      connectionId: accounts.id,
      source,
      tracker: channels,
      tellsCalls,
      log,
      clock,
      openCalls: options.openCalls,
      accept: options.accept,
      onChange: (link) => {
        resources = new Set(links.flatMap((each) => each.endpoints().map((one) => one.resource)))
        options.onChange(link)
      },
      onSnapshot: (snapshot, askedAt) => options.closeGone(idsIn(snapshot, channels), askedAt),
      ...(options.pace === undefined ? {} : { pace: options.pace }),
    })
  })

  const dial = async (link: Link, command: PbxCommand & { type: 'dial' }): Promise<PbxAnswer> => {
    const { uniqueId: channelId, extension, number } = command
    const channels = channelsOf(link.kind)
    const raw = { reading: 'dialled from Ringside', extension, number }
    // Known before the PBX is asked: the call is outgoing from its first event on (CTL-2).
    await link.tell(channels.expect({ channelId, extension, number }, timeOf(clock())), raw)
    const answer = await link.run(command)
    if (answer.ok) {
      giveUpLater(link, channels, channelId)
      return answer
    }
    const over = channels.abandon(channelId, timeOf(clock()))
    await link.tell(over.map(asFailed), {
      reading: `the PBX did not dial: ${answer.message}`,
    })
    return answer
  }

  /** Asterisk says yes before it tries: where no channel came, there is no call. */
  const waits = new Set<NodeJS.Timeout>()
  const giveUpLater = (link: Link, channels: Channels, channelId: string): void => {
    const timer = setTimeout(() => {
      waits.delete(timer)
      const over = channels.abandon(channelId, timeOf(clock()))
      link
        .tell(over.map(asFailed), { reading: 'the PBX made no channel for it' })
        .catch((error: unknown) => log.warn('links.dial-not-ended', { error }))
    }, NO_CHANNEL_MS)
    waits.add(timer)
  }

  return {
    accounts,
    links,
    run: async (command) => {
      // What AMI can do it does best: it knows linked ids, queues and holds.
      const able = links.filter((link) => link.controls().has(command.type))
      const link = able.find(({ kind }) => kind === 'ami') ?? able[0]
      if (link === undefined) return links.some(isUp) ? NOT_SUPPORTED : links[0]!.run(command)
      return command.type === 'dial' ? dial(link, command) : link.run(command)
    },
    close: async () => {
      for (const timer of waits) clearTimeout(timer)
      await Promise.all(links.map((link) => link.close()))
    },
  }
}

function isUp(link: Link): boolean {
  return link.status().state === 'up'
}

function timeOf(at: Date): EventTime {
  return { at, atKnown: false, arrivedAt: at }
}

function asFailed(event: CallEvent): CallEvent {
  return event.type === 'ended' ? { ...event, failure: event.failure ?? 'congestion' } : event
}

/** Everything by which the PBX or the link knows a call that is going on. */
function idsIn(snapshot: PbxSnapshot, channels: Channels): ReadonlySet<string> {
  const told = snapshot.channels.flatMap(({ id, linkedId }) => [id, linkedId ?? id])
  return new Set([...told, ...channels.liveIds()])
}
