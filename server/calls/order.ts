import type { CallEvent, Source } from './call.ts'

/** An event together with the agents that its extensions belonged to when it was heard. */
export interface HeardEvent {
  readonly event: CallEvent
  readonly agents: Readonly<Record<string, string | null>>
}

/** Sources that name the whole ringing set at once and tell time by the second. */
export function namesRingingSet(source: Source): boolean {
  return source === 'webhook' || source === 'cti'
}

/** Sources whose times are the PBX's own clock; the others are stamped at arrival. */
export function hasPbxClock(event: CallEvent): boolean {
  return event.atKnown && (event.source === 'webhook' || event.source === 'ari')
}

const KINDS: readonly CallEvent['type'][] = [
  'started',
  'ringing',
  'ring-ended',
  'answered',
  'held',
  'resumed',
  'left',
  'ended',
  'recorded',
  'closed',
]

/**
 * The events of one source in the order in which they happened, whatever the order of arrival:
 * ARI and AMI by place in their stream; the others by second, then kind, then content. Events that
 * say the same thing are kept once.
 */
export function inOrder(events: readonly CallEvent[]): readonly CallEvent[] {
  const keyed = events.map((event) => ({
    event,
    second: secondOf(event),
    content: contentOf(event),
  }))
  keyed.sort(
    (a, b) =>
      a.event.order - b.event.order ||
      a.second - b.second ||
      KINDS.indexOf(a.event.type) - KINDS.indexOf(b.event.type) ||
      compareText(a.content, b.content) ||
      a.event.at.getTime() - b.event.at.getTime() ||
      a.event.arrivedAt.getTime() - b.event.arrivedAt.getTime(),
  )
  const seen = new Set<string>()
  return keyed.flatMap(({ event, second, content }) => {
    const key = `${event.order} ${event.atKnown ? second : ''} ${event.type} ${content}`
    if (seen.has(key)) return []
    seen.add(key)
    return [event]
  })
}

function secondOf(event: CallEvent): number {
  return namesRingingSet(event.source) ? Math.floor(event.at.getTime() / 1000) : event.at.getTime()
}

/** What an event says, apart from when. In the same second a personal ring comes before a queue's. */
function contentOf(event: CallEvent): string {
  switch (event.type) {
    case 'started':
      return JSON.stringify([event.direction, event.from, event.to])
    case 'ringing':
      return JSON.stringify([
        event.queue === null ? 0 : 1,
        event.queue,
        event.direction,
        event.from,
        event.extensions,
        event.makesLegs !== false,
      ])
    case 'ring-ended':
      return JSON.stringify([event.extension, event.result])
    case 'answered':
      return JSON.stringify([event.direction, event.from, event.to, event.extension])
    case 'held':
    case 'resumed':
    case 'left':
      return JSON.stringify([event.extension])
    case 'ended':
      return JSON.stringify([
        event.direction,
        event.from,
        event.to,
        event.durationSeconds,
        event.failure,
      ])
    case 'recorded':
      return event.recording.sha256
    case 'closed':
      return event.agentId ?? ''
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
