import { sql } from 'kysely'
import type { CallEvent } from '../server/calls/call.ts'
import type { NewEvent } from '../server/sources/new-event.ts'
import { type Db, toJson } from './database.ts'

/**
 * Keeps events as they arrived, all of them in one statement with one parameter: a list of rows
 * would run into the limit of 65,535 parameters. An event that is there already stays as it is.
 */
export async function insertCallEvents(db: Db, batch: readonly NewEvent[]): Promise<void> {
  if (batch.length === 0) return
  const rows = batch.map(({ receipt, event, raw }) => ({
    receipt,
    connection_id: event.connectionId,
    unique_id: event.uniqueId,
    source: event.source,
    type: event.type,
    at: event.at,
    at_known: event.atKnown,
    arrived_at: event.arrivedAt,
    event,
    raw,
  }))
  await sql`
    insert into call_events
      (receipt, connection_id, unique_id, source, type, at, at_known, arrived_at, event, raw)
    select receipt, connection_id, unique_id, source, type, at, at_known, arrived_at, event, raw
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as arrived (
      receipt text, connection_id text, unique_id text, source text, type text,
      at timestamptz, at_known boolean, arrived_at timestamptz, event jsonb, raw jsonb
    )
    on conflict (receipt) do nothing
  `.execute(db)
}

/** The JSON that an event was kept as → the event, its instants as dates again. */
export function toCallEvent(stored: unknown): CallEvent {
  if (typeof stored !== 'object' || stored === null || !('at' in stored)) {
    throw new Error('a stored event is not an object with a time')
  }
  // Only `insertCallEvents` and the spool write these.
  const event = stored as CallEvent
  const [at, arrivedAt] = [new Date(event.at), new Date(event.arrivedAt)]
  if (Number.isNaN(at.getTime()) || Number.isNaN(arrivedAt.getTime())) {
    throw new Error('the times of a stored event cannot be read')
  }
  return { ...event, at, arrivedAt }
}
