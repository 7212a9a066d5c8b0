import type {
  AnsweredEvent,
  CallEvent,
  ClosedEvent,
  Direction,
  EndedEvent,
  HoldEvent,
  LeftEvent,
  LegResult,
  RecordedEvent,
  RingEndedEvent,
  RingingEvent,
  Source,
  StartedEvent,
} from '../../server/calls/call.ts'
import type { HeardEvent } from '../../server/calls/order.ts'

export const NOON = Date.parse('2026-11-21T12:00:00.000Z')
export const CALLER = '+79161234567'
export const DIALLED = '74951000101'

type Base = Pick<
  CallEvent,
  'source' | 'connectionId' | 'uniqueId' | 'at' | 'atKnown' | 'arrivedAt' | 'order' | 'extra'
>

/** When an event happened: seconds after noon, by a clock that may tell only whole seconds. */
export type When = number | { readonly arrived: number }

export interface Teller {
  started(when: When, more?: Partial<StartedEvent>): CallEvent
  /** `extensions`: `101,102`. */
  ring(when: When, extensions: string, queue?: string | null): CallEvent
  ringEnded(when: When, extension: string, result: LegResult): CallEvent
  answer(when: When, extension: string | null, more?: Partial<AnsweredEvent>): CallEvent
  held(when: When, extension?: string): CallEvent
  resumed(when: When, extension?: string): CallEvent
  left(when: When, extension: string): CallEvent
  end(when: When, more?: Partial<EndedEvent>): CallEvent
  recorded(when: When, sha256?: string): CallEvent
}

export interface TellerOptions {
  readonly source: Source
  readonly direction?: Direction
  readonly from?: string
  readonly to?: string
  readonly uniqueId?: string
  /** Added to the source's own clock; arrivals are by ours. */
  readonly clockErrorMs?: number
}

/**
 * Makes the events of one call as one source tells them. Webhooks tell whole seconds, ARI
 * milliseconds, AMI and CTI are stamped at arrival; ARI and AMI have an order of their own.
 */
export function createTeller(options: TellerOptions): Teller {
  const { source, direction = 'incoming', from = CALLER, to = DIALLED } = options
  let order = 0
  const base = (when: When): Base => {
    const isTold = typeof when === 'number' && source !== 'ami' && source !== 'cti'
    const seconds = typeof when === 'number' ? when : when.arrived
    const arrivedAt = new Date(NOON + seconds * 1000 + 20)
    const told = NOON + seconds * 1000 + (options.clockErrorMs ?? 0)
    const at = source === 'webhook' ? Math.floor(told / 1000) * 1000 : told
    const hasOrder = source === 'ari' || source === 'ami'
    if (hasOrder) order += 1
    return {
      source,
      connectionId: 'pbx',
      uniqueId: options.uniqueId ?? '1795265000.1',
      at: isTold ? new Date(at) : arrivedAt,
      atKnown: isTold,
      arrivedAt,
      order: hasOrder ? order : 0,
      extra: {},
    }
  }
  const hold =
    (type: HoldEvent['type']) =>
    (when: When, extension = '101'): CallEvent => ({ ...base(when), type, extension })
  return {
    started: (when, more) => ({ ...base(when), type: 'started', direction, from, to, ...more }),
    ring: (when, extensions, queue = null) =>
      ({
        ...base(when),
        type: 'ringing',
        direction,
        from,
        extensions: extensions.split(','),
        queue,
      }) satisfies RingingEvent,
    ringEnded: (when, extension, result) =>
      ({ ...base(when), type: 'ring-ended', extension, result }) satisfies RingEndedEvent,
    answer: (when, extension, more) => ({
      ...base(when),
      type: 'answered',
      direction,
      from,
      to: direction === 'outgoing' ? to : (extension ?? ''),
      extension,
      ...more,
    }),
    held: hold('held'),
    resumed: hold('resumed'),
    left: (when, extension) => ({ ...base(when), type: 'left', extension }) satisfies LeftEvent,
    end: (when, more) => ({
      ...base(when),
      type: 'ended',
      direction,
      from,
      to,
      durationSeconds: null,
      failure: null,
      ...more,
    }),
    recorded: (when, sha256 = 'a'.repeat(64)) =>
      ({
        ...base(when),
        atKnown: false,
        type: 'recorded',
        recording: { key: 'key', sha256, mime: 'audio/mpeg', bytes: 10 },
      }) satisfies RecordedEvent,
  }
}

/** The server says that nothing was heard since `heard`, and that nothing more will come. */
export function closed(seconds: number, heard = seconds): ClosedEvent {
  const arrivedAt = new Date(NOON + seconds * 1000)
  return {
    type: 'closed',
    callId: 'call',
    source: 'ringside',
    connectionId: 'pbx',
    uniqueId: '1795265000.1',
    at: new Date(NOON + heard * 1000),
    atKnown: true,
    arrivedAt,
    order: 0,
    extra: {},
    agentId: null,
  }
}

/** The same event once more, as a network that repeats brings it: some time later. */
export function again(event: CallEvent, laterMs = 1500): CallEvent {
  const arrivedAt = new Date(event.arrivedAt.getTime() + laterMs)
  return { ...event, arrivedAt, at: event.atKnown ? event.at : arrivedAt }
}

const AGENTS: Readonly<Record<string, string>> = { 101: 'anna', 102: 'boris', 103: 'clara' }

/** The events with the agents of 101 (anna), 102 (boris) and 103 (clara); others are nobody's. */
export function heard(events: readonly CallEvent[]): HeardEvent[] {
  return events.map((event) => ({
    event,
    agents: Object.fromEntries(
      extensionsOf(event).map((extension) => [extension, AGENTS[extension] ?? null]),
    ),
  }))
}

function extensionsOf(event: CallEvent): readonly string[] {
  if (event.type === 'ringing') return event.extensions
  if (event.type === 'started' || event.type === 'ended') {
    return event.direction === 'incoming' ? [] : [event.from]
  }
  if ('extension' in event && event.extension !== null) return [event.extension]
  return []
}

/**
 * The events as if they had come in the order given, all of them late. Those that told no time, or
 * that a closing looks back at, are those of their arrival: they stay as they are.
 */
export function arrivingInThisOrder(events: readonly CallEvent[]): CallEvent[] {
  if (events.some(({ type }) => type === 'closed')) return [...events]
  return events.map((event, index) =>
    event.atKnown ? { ...event, arrivedAt: new Date(NOON + 100_000 + index * 700) } : event,
  )
}
