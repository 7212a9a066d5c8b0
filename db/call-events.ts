import { CompiledQuery } from 'kysely'
import type { CallEvent } from '../server/calls/call.ts'
import type { NewEvent } from '../server/sources/new-event.ts'
import { type Db, toJson } from './database.ts'

/** Between the texts of a list: JSON writes this character as an escape, so that no text of it holds one. */
const BETWEEN = '\x1e'

/**
 * Three lists in three parameters, whatever the number of events: rows of parameters would run into the
 * limit of 65,535, and one JSON of everything would be read twice (PERF-1). `offset 0`: each event is read
 * once and not again for each of its columns.
 */
const INSERT = `
  insert into call_events
    (receipt, connection_id, unique_id, source, type, at, at_known, arrived_at, event, raw)
  select receipt, event->>'connectionId', event->>'uniqueId', event->>'source', event->>'type',
    (event->>'at')::timestamptz, (event->>'atKnown')::boolean, (event->>'arrivedAt')::timestamptz,
    event, raw
  from (
    select receipt, event::jsonb as event, raw::jsonb as raw
    from unnest(
      string_to_array($1::text, E'\\x1e'),
      string_to_array($2::text, E'\\x1e'),
      string_to_array($3::text, E'\\x1e')
    ) as arrived (receipt, event, raw)
    offset 0
  ) as arrived
  on conflict (receipt) do nothing`

/** Keeps events as they arrived, all of them in one statement. An event that is there already stays as it is. */
export async function insertCallEvents(db: Db, batch: readonly NewEvent[]): Promise<void> {
  if (batch.length === 0) return
  const lists = [
    batch.map(({ receipt }) => receipt),
    batch.map(({ event }) => eventJson(event)),
    batch.map(({ raw }) => toJson(raw)),
  ]
  const parameters = lists.map((list) => list.join(BETWEEN))
  // Written out: a query builder would put the same words together for each batch.
  await db.executeQuery(CompiledQuery.raw(INSERT, parameters))
}

const isoOfAt = createIsoWriter()
const isoOfArrival = createIsoWriter()

/** The times are written out before: a `Date` costs JSON five times what all the rest of an event does. */
function eventJson(event: CallEvent): string {
  return toJson({ ...event, at: isoOfAt(event.at), arrivedAt: isoOfArrival(event.arrivedAt) })
}

/** Most events of a batch are of the same second, as dialplans tell it, and came within a few milliseconds. */
function createIsoWriter(): (at: Date) => string {
  let lastMs = Number.NaN
  let lastIso = ''
  return (at) => {
    const ms = at.getTime()
    if (ms !== lastMs) {
      lastIso = at.toISOString()
      lastMs = ms
    }
    return lastIso
  }
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
