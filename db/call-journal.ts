import { sql } from 'kysely'
import type { CallEvent } from '../server/calls/call.ts'
import type { HeardEvent } from '../server/calls/order.ts'
import { toCallEvent } from './call-events.ts'
import { type Db, toJson } from './database.ts'

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

/** Gives an event to its call, with the agents that its extensions belong to now. */
export async function markApplied(
  tx: Db,
  id: number,
  how: {
    callId: string | null
    agents: Readonly<Record<string, string | null>>
    trace: EventTrace | null
    at: Date
  },
): Promise<void> {
  await tx
    .updateTable('callEvents')
    .set({
      callId: how.callId,
      agents: toJson(how.agents),
      trace: how.trace === null ? null : toJson(how.trace),
      appliedAt: how.at,
    })
    .where('id', '=', id)
    .execute()
}

/**
 * How far the PBX's clock is behind, in milliseconds: the smallest difference between arrival and
 * event time among the last 50 events that told a time. Null while too few have been heard: one late
 * event is late, not a wrong clock (CALL-17).
 */
export async function clockErrorMs(db: Db, connectionId: string): Promise<number | null> {
  const { rows } = await sql<{ error: number | null; samples: number }>`
    select min(extract(epoch from arrived_at - at)) * 1000 as error, count(*)::int as samples
    from (
      select arrived_at, at from call_events
      where connection_id = ${connectionId} and at_known and source in ('webhook', 'ari')
      order by id desc limit 50
    ) as newest
  `.execute(db)
  const row = rows[0]
  return row === undefined || row.error === null || row.samples < 4
    ? null
    : Math.round(Number(row.error))
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
    .where('callId', 'in', [...callIds])
    .groupBy('callId')
    .execute()
  return new Map(rows.map((row) => [String(row.callId), row.at]))
}
