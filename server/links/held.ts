import type { CallEvent } from '../calls/call.ts'
import type { Log } from '../log.ts'
import type { ConnectionAccounts } from '../setup/accounts.ts'
import type { EventTime, OpenCall, PbxSnapshot } from '../sources/channel-event.ts'
import { type Channels, createChannels } from '../sources/channels.ts'
import { createLink, type Link, type Pace, type PbxSource } from '../sources/link.ts'
import type { NewEvent } from '../sources/new-event.ts'
import type { DeviceState, PbxAnswer, PbxCommand, QueueState } from '../sources/pbx.ts'
import { createAutoPause } from './auto-pause.ts'
import { createSure, type Sureness } from './sure.ts'

export type LinkKind = 'ari' | 'ami'

/** An account that calls or commands go by, ready to be opened. */
export interface PlannedLink {
  readonly source: PbxSource
  readonly tellsCalls: boolean
}

/** What a source is made with. */
export interface SourceParts {
  readonly kind: LinkKind
  readonly accounts: ConnectionAccounts
  readonly channels: Channels
  readonly onQueues: (states: readonly QueueState[]) => void
  readonly onDevice: (extension: string, state: DeviceState) => void
}

export interface HeldOptions {
  readonly kind: LinkKind
  readonly accounts: ConnectionAccounts
  readonly log: Log
  readonly clock: () => Date
  readonly nextOrder: () => number
  readonly createSource: (parts: SourceParts) => PlannedLink
  /** The extensions that belong to agents on this connection, as far as is known now. */
  readonly extensions: () => ReadonlySet<string>
  readonly accept: (events: readonly NewEvent[]) => Promise<void>
  readonly openCalls: (snapshot: PbxSnapshot, signal: AbortSignal) => Promise<readonly OpenCall[]>
  readonly closeGone: (liveIds: ReadonlySet<string>, askedAt: Date) => Promise<void>
  readonly onChange: (link: Link) => void
  readonly onQueues: (states: readonly QueueState[]) => void
  readonly onDevice: (extension: string, state: DeviceState) => void
  readonly owner: Sureness
  readonly pace?: Partial<Pace>
}

/** A link whose owner this process is. */
export interface Held {
  readonly accounts: ConnectionAccounts
  readonly link: Link
  run(command: PbxCommand): Promise<PbxAnswer>
  close(): Promise<void>
}

/** A channel comes at once, or not at all. */
const NO_CHANNEL_MS = 10_000

const NOT_OWNER: PbxAnswer = {
  ok: false,
  code: 'pbx-away',
  message: 'the connection to the PBX is just changing its owner',
}

/** Opens the link of an account. */
export function holdLink(options: HeldOptions): Held {
  const { kind, accounts, log, clock } = options
  const { sure, pass } = createSure(options.owner)
  let resources: ReadonlySet<string> = new Set()
  const channels = createChannels({
    source: kind,
    connectionId: accounts.id,
    isExtension: (extension) => options.extensions().has(extension),
    isEndpoint: (name) => resources.has(name),
    ringOnRingingState: accounts.options.sendRingStartedOnRingingState,
    nextOrder: () => source.nextOrder?.() ?? options.nextOrder(),
  })
  const autoPause = createAutoPause({
    isOn: accounts.options.autoPauseOnCommutationStart,
    channels,
    run: (command) => link.run(command),
    onProblem: (message) =>
      log.warn('link.not-paused', { connectionId: accounts.id, reason: message }),
  })
  const { source, tellsCalls } = options.createSource({
    ...options,
    channels,
    onQueues: (states) =>
      pass(() => {
        autoPause.queues(states)
        if (accounts.options.traceQueuesState) options.onQueues(states)
      }),
    onDevice: (extension, state) => pass(() => options.onDevice(extension, state)),
  })
  const link = createLink({
    connectionId: accounts.id,
    source,
    tracker: channels,
    tellsCalls,
    log,
    clock,
    sure,
    pass,
    openCalls: options.openCalls,
    accept: options.accept,
    onCalls: autoPause.look,
    onChange: (changed) => {
      resources = new Set(changed.endpoints().map(({ resource }) => resource))
      options.onChange(changed)
    },
    onSnapshot: (snapshot, askedAt) => options.closeGone(idsIn(snapshot, channels), askedAt),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  })

  const waits = new Set<NodeJS.Timeout>()
  /** Asterisk says yes before it tries: where no channel came, there is no call. */
  const giveUp = async (channelId: string, reading: string): Promise<void> => {
    const over = channels.abandon(channelId, timeOf(clock()))
    await link.tell(over.map(asFailed), { reading })
  }
  const giveUpLater = (channelId: string): void => {
    const timer = setTimeout(() => {
      waits.delete(timer)
      giveUp(channelId, 'the PBX made no channel for it').catch((error: unknown) =>
        log.warn('link.dial-not-ended', { connectionId: accounts.id, error }),
      )
    }, NO_CHANNEL_MS)
    waits.add(timer)
  }
  const dial = async (command: PbxCommand & { type: 'dial' }): Promise<PbxAnswer> => {
    const { uniqueId: channelId, extension, number } = command
    const expected = channels.expect({ channelId, extension, number }, timeOf(clock()))
    // Known before the PBX is asked: the call is outgoing from its first event on (CTL-2).
    await link.tell(expected, { reading: 'dialled from Ringside', extension, number })
    const answer = await link.run(command)
    if (answer.ok) giveUpLater(channelId)
    else await giveUp(channelId, `the PBX did not dial: ${answer.message}`)
    return answer
  }
  return {
    accounts,
    link,
    run: async (command) => {
      const isOwner = await sure().then(
        () => true,
        () => false,
      )
      if (!isOwner) return NOT_OWNER
      return command.type === 'dial' ? dial(command) : link.run(command)
    },
    close: async () => {
      for (const timer of waits) clearTimeout(timer)
      await link.close()
    },
  }
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
