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

/** One server-sent event. `data` is JSON, which holds no line break of its own. */
export function frame(type: string, data: string, id: string): Buffer {
  return Buffer.from(`event: ${type}\nid: ${id}\ndata: ${data}\n\n`)
}
