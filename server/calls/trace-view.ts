import { assertNever } from '../errors.ts'
import type { TraceView } from '../http/schemas.ts'
import type { CallEvent } from './call.ts'

type Item = TraceView['items'][number]
type Agent = Item['agents'][number]

/** An event of a call with what was made of it; codes and changes are missing in what is old. */
export interface TracedEvent {
  readonly event: CallEvent
  readonly raw: Readonly<Record<string, string>>
  readonly trace: {
    readonly agents: readonly (Omit<Agent, 'code' | 'by'> & Partial<Agent>)[]
    readonly rule: string | null
    readonly result: string | null
    readonly changes?: readonly Item['changes'][number][]
  } | null
}

/** What somebody asked the PBX to do with the call (CTL-5). */
export interface TracedAction {
  readonly at: Date
  readonly agentId: string | null
  readonly action: string
  readonly details: Readonly<Record<string, string>>
  readonly result: string
  readonly message: string
}

/**
 * A call says why: its events in the order in which they were accepted (CALL-19), what agents did
 * with it where it came to be known.
 */
export function toTraceView(
  events: readonly TracedEvent[],
  actions: readonly TracedAction[] = [],
): TraceView {
  const items = events.map(toEventItem)
  for (const action of actions) {
    const later = items.findIndex((item) => new Date(item.arrivedAt) > action.at)
    items.splice(later === -1 ? items.length : later, 0, toActionItem(action))
  }
  return { items }
}

function toEventItem({ event, raw, trace }: TracedEvent): Item {
  return {
    at: event.at.toISOString(),
    arrivedAt: event.arrivedAt.toISOString(),
    source: event.source,
    raw: { ...raw },
    // Why the server took the call for over, where it was not silence alone.
    reading:
      event.type === 'closed' && raw.reading !== undefined
        ? `${raw.reading}: it counts as ended`
        : read(event),
    agents: (trace?.agents ?? []).map((one) => ({
      ...one,
      code: one.code ?? 'other',
      by: one.by ?? null,
    })),
    rule: trace?.rule ?? null,
    result: trace?.result ?? null,
    event: factsOf(event),
    changes: [...(trace?.changes ?? [])],
  }
}

function toActionItem({ at, agentId, action, details, result, message }: TracedAction): Item {
  return {
    at: at.toISOString(),
    arrivedAt: at.toISOString(),
    source: 'agent',
    raw: { action, ...details, ...(agentId === null ? {} : { agentId }) },
    reading: `${agentId === null ? 'a program' : 'an agent'} asked for ${action}`,
    agents: [],
    rule: null,
    result: message === '' ? result : `${result}: ${message}`,
    event: { ...NO_FACTS, type: 'action', agentId, action, result, detail: message || null },
    changes: [],
  }
}

const NO_FACTS: Omit<Item['event'], 'type'> = {
  direction: null,
  from: null,
  to: null,
  extensions: [],
  queue: null,
  agentId: null,
  action: null,
  result: null,
  detail: null,
}

/** The reading as data: what a widget in another language makes its sentence of. */
function factsOf(event: CallEvent): Item['event'] {
  const { type } = event
  const of = (facts: Partial<Item['event']>) => ({ ...NO_FACTS, type, ...facts })
  switch (event.type) {
    case 'started':
      return of({ direction: event.direction, from: event.from, to: event.to })
    case 'ringing':
      return of({
        direction: event.direction,
        from: event.from,
        extensions: [...event.extensions],
        queue: event.queue,
      })
    case 'ring-ended':
      return of({ extensions: [event.extension], result: event.result })
    case 'answered':
    case 'held':
    case 'resumed':
    case 'left':
      return of({
        direction: 'direction' in event ? event.direction : null,
        extensions: event.extension === null ? [] : [event.extension],
      })
    case 'ended':
      return of({ direction: event.direction, result: event.failure })
    case 'recorded':
      return of({ result: event.recording.mime, detail: String(event.recording.bytes) })
    case 'closed':
      return of({ agentId: event.agentId })
    default:
      return assertNever(event)
  }
}

/** How an event was read, in plain words. */
function read(event: CallEvent): string {
  switch (event.type) {
    case 'started':
      return `${event.direction} call from ${event.from || 'an anonymous number'} to ${event.to || 'nobody yet'} started`
    case 'ringing':
      return event.queue === null
        ? `${event.extensions.join(', ')} rings`
        : `queue ${event.queue} rings ${event.extensions.join(', ')}`
    case 'ring-ended':
      return `${event.extension} stopped ringing: ${event.result}`
    case 'answered':
      return event.direction === 'outgoing'
        ? 'the called party answered'
        : `${event.extension ?? 'an unknown extension'} answered`
    case 'held':
      return 'put on hold'
    case 'resumed':
      return 'taken back from hold'
    case 'left':
      return `${event.extension} left the conversation`
    case 'ended':
      return event.failure === null ? 'the call ended' : `the call ended: ${event.failure}`
    case 'recorded':
      return `a recording arrived: ${event.recording.mime}, ${event.recording.bytes} bytes`
    case 'closed':
      return event.agentId === null
        ? 'nothing was heard of the call for too long: it counts as ended'
        : 'an agent said that the call is over'
    default:
      return assertNever(event)
  }
}
