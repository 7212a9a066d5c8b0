import { sql } from 'kysely'
import type { CallEvent } from '../server/calls/call.ts'
import type { HeardEvent } from '../server/calls/order.ts'
import { toCallEvent } from './call-events.ts'
import { type Db, isAnyOf, toArray, toJson } from './database.ts'
import { updateRows } from './table-rows.ts'

/** A row of an accepted event that has not been applied yet, before its event is read. */
export interface PendingRow {
  readonly id: number
  readonly connectionId: string
  readonly uniqueId: string
  readonly stored: unknown
}

export interface PendingEvent {
  readonly id: number
  readonly event: CallEvent
}

/** What a rule did with a case; where it is only about some of it, the rest is absent. */
export interface CaseTrace {
  readonly rule: string
  readonly type: string
  readonly caseId: string | null
  readonly number: number | null
  readonly status?: string
  readonly handset?: string
  readonly assigneeId?: string | null
}

/** What an event was made of, for the call's trace (CALL-19). */
export interface EventTrace {
  readonly agents: readonly {
    readonly agentId: string | null
    readonly extension: string
    readonly shown: boolean
    /** Absent in what was kept before there were codes. */
    readonly code?: 'rings' | 'unmapped' | 'over' | 'closed' | 'no-page' | 'answered' | 'elsewhere'
    /** The extension that answered instead. */
    readonly by?: string | null
    readonly reason: string
  }[]
  readonly changes?: readonly CaseTrace[]
  readonly rule: string | null
  readonly result: string | null
}

export interface JournalRow extends HeardEvent {
  readonly id: number
  readonly raw: Readonly<Record<string, string>>
  readonly trace: EventTrace | null
}

const MAX_FAILURES = 5

/**
 * The oldest events that nobody has applied, locked: another process takes others. Events that
 * failed again and again are set aside, so that they do not hold up the rest.
 */
export async function takePending(tx: Db, limit: number): Promise<PendingRow[]> {
  return tx
    .selectFrom('callEvents')
    .select(['id', 'connectionId', 'uniqueId', 'event as stored'])
    .where('appliedAt', 'is', null)
    .where('failures', '<', MAX_FAILURES)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
}

/** Throws where the row holds no event: only this one is in trouble then. */
export function readPending({ id, connectionId, uniqueId, stored }: PendingRow): PendingEvent {
  const event = toCallEvent(stored)
  if (event.connectionId !== connectionId || event.uniqueId !== uniqueId) {
    throw new Error('a stored event is of another connection or unique id than its row')
  }
  return { id, event }
}

export async function countPending(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('callEvents')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('appliedAt', 'is', null)
    .where('failures', '<', MAX_FAILURES)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The newest event of a connection that has not been applied; null where all have been. */
export async function lastPending(db: Db, connectionId: string): Promise<number | null> {
  const { last } = await db
    .selectFrom('callEvents')
    .select((eb) => eb.fn.max<number | null>('id').as('last'))
    .where('connectionId', '=', connectionId)
    .where('appliedAt', 'is', null)
    .where('failures', '<', MAX_FAILURES)
    .executeTakeFirstOrThrow()
  return last === null ? null : Number(last)
}

/** Whether an event of a connection up to this one has not been applied. */
export async function isPending(db: Db, connectionId: string, upTo: number): Promise<boolean> {
  const found = await db
    .selectFrom('callEvents')
    .select('id')
    .where('connectionId', '=', connectionId)
    .where('appliedAt', 'is', null)
    .where('failures', '<', MAX_FAILURES)
    .where('id', '<=', upTo)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** Whether a later event of the same unique id waits to be applied. */
export async function hasLaterPending(
  tx: Db,
  event: { id: number; connectionId: string; uniqueId: string },
): Promise<boolean> {
  const found = await tx
    .selectFrom('callEvents')
    .select('id')
    .where('connectionId', '=', event.connectionId)
    .where('uniqueId', '=', event.uniqueId)
    .where('appliedAt', 'is', null)
    .where('failures', '<', MAX_FAILURES)
    .where('id', '>', event.id)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/** True where the event has failed often enough: it is set aside. */
export async function markFailed(db: Db, id: number): Promise<boolean> {
  const row = await db
    .updateTable('callEvents')
    .set({ failures: sql<number>`failures + 1` })
    .where('id', '=', id)
    .returning('failures')
    .executeTakeFirst()
  return row !== undefined && row.failures >= MAX_FAILURES
}

/** All events of a call that have been given to it, in the order of acceptance. */
export async function loadJournal(db: Db, callId: string): Promise<JournalRow[]> {
  const rows = await db
    .selectFrom('callEvents')
    .selectAll()
    .where('callId', '=', callId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    event: toCallEvent(row.event),
    agents: row.agents ?? {},
    raw: row.raw,
    trace: row.trace as EventTrace | null,
  }))
}

/** The events of these calls, each call's in the order in which they were accepted. */
export async function loadHeard(
  tx: Db,
  callIds: readonly string[],
): Promise<Map<string, HeardEvent[]>> {
  const { rows } = await sql<{ callId: string; event: unknown; agents: HeardEvent['agents'] }>`
    select call_id, event, agents from call_events
    where call_id = any(${toArray(callIds)}) order by call_id, id
  `.execute(tx)
  const heard = rows.map(({ callId, event, agents }) => ({
    callId,
    event: toCallEvent(event),
    agents: agents ?? {},
  }))
  return Map.groupBy(heard, (each) => each.callId)
}

/** What an applied event came to: its call, and the agents that its extensions belong to now. */
export interface AppliedEvent {
  readonly id: number
  readonly callId: string | null
  readonly agents: Readonly<Record<string, string | null>>
  readonly trace: EventTrace | null
  readonly appliedAt: Date
}

/** Gives events to their calls. */
export async function markApplied(tx: Db, applied: readonly AppliedEvent[]): Promise<void> {
  await updateRows(tx, 'call_events', APPLIED, applied)
}

const APPLIED = {
  id: 'bigint',
  callId: 'text',
  agents: 'jsonb',
  trace: 'jsonb',
  appliedAt: 'timestamptz',
} as const

/**
 * How far the clocks of these connections' PBXs are behind, in milliseconds: the smallest difference
 * between arrival and event time among the last 50 events that told a time, in the time zone that the connection has
 * now. Nothing while too few have been heard: one late event is late, not a wrong clock (CALL-17).
 */
export async function clockErrorsMs(
  db: Db,
  connectionIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ connectionId: string; error: number }>`
    select connection_id, told.error from jsonb_array_elements_text(${toJson(connectionIds)}::jsonb)
      as connection_id
    join connections on connections.id = connection_id.value
    cross join lateral (
      select min(extract(epoch from arrived_at - at)) * 1000 as error, count(*) as samples
      from (
        select arrived_at, at from call_events
        where call_events.connection_id = connection_id.value and at_known
          and source in ('webhook', 'ari')
        order by id desc limit 50
      ) as newest
      where arrived_at >= connections.zone_since
    ) as told
    where told.samples >= 4
  `.execute(db)
  return new Map(rows.map((row) => [row.connectionId, Math.round(Number(row.error))]))
}

/** Gives the events of one unique id to another call. */
export async function moveEvents(
  tx: Db,
  move: { from: string; to: string; uniqueId: string },
): Promise<void> {
  await tx
    .updateTable('callEvents')
    .set({ callId: move.to })
    .where('callId', '=', move.from)
    .where('uniqueId', '=', move.uniqueId)
    .execute()
}

/** When the last event of each call came in. */
export async function lastArrivals(db: Db, callIds: readonly string[]): Promise<Map<string, Date>> {
  if (callIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('callEvents')
    .select((eb) => ['callId', eb.fn.max('arrivedAt').as('at')])
    .where(isAnyOf('callId', callIds))
    .groupBy('callId')
    .execute()
  return new Map(rows.map((row) => [String(row.callId), row.at]))
}
