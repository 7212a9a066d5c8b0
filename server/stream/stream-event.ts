import type { OutboxRow } from '../../db/outbox.ts'

/** One event of the stream, written once for everybody. */
export interface StreamEvent {
  readonly position: number
  readonly row: Pick<OutboxRow, 'type' | 'audience'>
  readonly bytes: Buffer
}

export function toStreamEvent(
  { id: position, type, audience, data }: OutboxRow,
  id: string,
): StreamEvent {
  return { position, row: { type, audience }, bytes: frame(type, JSON.stringify(data), id) }
}

/** Events that the same listeners hear, in their order: each client is written them at once. */
export interface StreamRun {
  /** Of the last one. */
  readonly position: number
  /** In bytes. */
  readonly length: number
  /** Those after a position: where a client has seen some of them already, only the others. */
  bytesAfter(position: number): Buffer
}

/** @param events At least one. */
export function toRun(events: readonly StreamEvent[]): StreamRun {
  const [first, last] = [events[0]!, events.at(-1)!]
  const all = events.length === 1 ? first.bytes : join(events)
  return {
    position: last.position,
    length: all.length,
    bytesAfter: (position) =>
      position < first.position ? all : join(events.filter((each) => each.position > position)),
  }
}

function join(events: readonly StreamEvent[]): Buffer {
  return Buffer.concat(events.map(({ bytes }) => bytes))
}

/** One server-sent event. `data` is JSON, which holds no line break of its own. */
export function frame(type: string, data: string, id: string): Buffer {
  return Buffer.from(`event: ${type}\nid: ${id}\ndata: ${data}\n\n`)
}
