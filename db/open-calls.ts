import { sql } from 'kysely'
import type { OpenCall } from '../server/sources/channel-event.ts'
import { type Db, toJson } from './database.ts'
import type { CallsTable } from './schema.ts'

/** A call that goes on, or that a PBX may still have a channel of, and by what it may know it. */
export interface OpenCallRow {
  readonly callId: string
  readonly call: OpenCall
  /** Its unique ids and channels. */
  readonly ids: readonly string[]
  /** The PBX itself told of it (ARI, AMI). */
  readonly isOfPbx: boolean
  /** Nothing but the generic CTI push told of it: the PBX may be another one. */
  readonly isOfCti: boolean
  readonly lastArrivedAt: Date
}

/** The calls of a connection that have no end, and those that have one and are known by one of these ids. */
export async function loadOpenCalls(
  db: Db,
  connectionId: string,
  liveIds: Iterable<string> = [],
): Promise<OpenCallRow[]> {
  const { rows } = await sql<Row>`
    select calls.id, unique_id, direction, state, from_raw, to_raw, queue, started_at, answered_at,
      ended_at, legs, told.sources, told.last_arrived_at, named.ids
    from calls
    cross join lateral (
      select jsonb_agg(distinct source) as sources, max(arrived_at) as last_arrived_at
      from call_events where call_id = calls.id
    ) as told
    cross join lateral (
      select jsonb_agg(unique_id) as ids from call_ids where call_id = calls.id
    ) as named
    where connection_id = ${connectionId} and (ended_at is null or calls.id in (
      select call_id from call_ids where connection_id = ${connectionId} and unique_id = any(
        array(select jsonb_array_elements_text(${toJson([...liveIds])}::jsonb)))
    ))
    order by calls.id
  `.execute(db)
  return rows.map(toOpenCallRow)
}

/** The highest place in a stream among what this connection's links have told last. */
export async function lastOrder(db: Db, connectionId: string): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`
    select max((event ->> 'order')::bigint) as last
    from (
      select event from call_events
      where connection_id = ${connectionId} and source in ('ari', 'ami')
      order by id desc limit 20
    ) as newest
  `.execute(db)
  return Number(rows[0]?.last ?? 0)
}

interface Row
  extends Pick<
    CallsTable,
    'id' | 'uniqueId' | 'direction' | 'state' | 'fromRaw' | 'toRaw' | 'queue'
  > {
  readonly startedAt: Date
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
  readonly legs: readonly {
    readonly extension: string
    readonly result: string
    readonly answeredAt: string | null
    readonly endedAt: string | null
  }[]
  readonly sources: readonly string[] | null
  readonly lastArrivedAt: Date | null
  readonly ids: readonly string[] | null
}

function toOpenCallRow(row: Row): OpenCallRow {
  const sources = row.sources ?? []
  return {
    callId: row.id,
    call: {
      uniqueId: row.uniqueId,
      direction: row.direction,
      from: row.fromRaw,
      to: row.toRaw,
      queue: row.queue,
      startedAt: row.startedAt,
      answered: row.answeredAt !== null,
      held: row.state === 'held',
      isOver: row.endedAt !== null,
      legs: row.legs.map(({ extension, result, answeredAt, endedAt }) => ({
        extension,
        state:
          result === 'ringing'
            ? 'ringing'
            : answeredAt !== null && endedAt === null
              ? 'talking'
              : 'over',
      })),
    },
    ids: [...new Set([row.uniqueId, ...(row.ids ?? [])])],
    isOfPbx: sources.includes('ari') || sources.includes('ami'),
    isOfCti: sources.length > 0 && sources.every((source) => source === 'cti'),
    lastArrivedAt: row.lastArrivedAt ?? row.startedAt,
  }
}
