import { type Selectable, sql } from 'kysely'
import type { Call, Direction, Leg, Outcome } from '../server/calls/call.ts'
import { type Db, toJson } from './database.ts'
import type { CallsTable } from './schema.ts'

/** A call with what only the pipeline needs of it. */
export interface KeptCall {
  readonly call: Call
  readonly clockShiftMs: number
  readonly closesAt: Date | null
  readonly firstEventAt: Date
  readonly lastEventAt: Date
}

/** Which calls a unique id has meant, oldest first. */
export async function callsByUniqueId(
  db: Db,
  connectionId: string,
  uniqueId: string,
): Promise<{ id: string; firstEventAt: Date; lastEventAt: Date }[]> {
  return db
    .selectFrom('callIds')
    .innerJoin('calls', 'calls.id', 'callIds.callId')
    .select(['calls.id', 'calls.firstEventAt', 'calls.lastEventAt'])
    .where('callIds.connectionId', '=', connectionId)
    .where('callIds.uniqueId', '=', uniqueId)
    .orderBy('calls.firstEventAt')
    .orderBy('calls.id')
    .execute()
}

/** Calls of a connection that still ring, from this caller, with this extension among the ringing. */
export async function ringingCalls(
  db: Db,
  about: { connectionId: string; personKey: string | null; extension: string },
): Promise<string[]> {
  const rows = await db
    .selectFrom('calls')
    .select('id')
    .where('connectionId', '=', about.connectionId)
    .where('endedAt', 'is', null)
    .where('answeredAt', 'is', null)
    .where('personKey', 'is not distinct from', about.personKey)
    .where(
      sql<boolean>`legs @> ${toJson([{ extension: about.extension, result: 'ringing' }])}::jsonb`,
    )
    .orderBy('id')
    .limit(2)
    .execute()
  return rows.map((row) => row.id)
}

/** Locks the calls, in ascending order, until the transaction ends. */
export async function loadCallsForUpdate(
  tx: Db,
  ids: readonly string[],
): Promise<Map<string, KeptCall>> {
  if (ids.length === 0) return new Map()
  const rows = await tx
    .selectFrom('calls')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, toKept(row)]))
}

export async function loadCall(db: Db, id: string): Promise<KeptCall | null> {
  const row = await db.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toKept(row)
}

export async function saveCall(tx: Db, kept: KeptCall): Promise<void> {
  const values = toRow(kept)
  const { id: _, ...changes } = values
  await tx
    .insertInto('calls')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute()
}

/** Under which unique ids the call's events come. */
export async function nameCall(
  tx: Db,
  id: { connectionId: string; uniqueId: string; callId: string },
): Promise<void> {
  await tx
    .insertInto('callIds')
    .values(id)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Calls that close by themselves now: nothing was heard of them for too long (CALL-12). */
export async function callsToClose(db: Db, now: Date, limit: number): Promise<Call[]> {
  const rows = await db
    .selectFrom('calls')
    .selectAll()
    .where('endedAt', 'is', null)
    .where('closesAt', '<=', now)
    .orderBy('closesAt')
    .limit(limit)
    .execute()
  return rows.map((row) => toKept(row).call)
}

/** The cases of calls; a call that has none yet is missing. */
export async function casesOfCalls(
  db: Db,
  callIds: readonly string[],
): Promise<Map<string, string>> {
  if (callIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('messages')
    .select(['callId', 'caseId'])
    .where('callId', 'in', [...callIds])
    .execute()
  return new Map(rows.map((row) => [row.callId!, row.caseId]))
}

export interface CallFilter {
  /** Only calls with a leg of this agent, or dialled by them; null: all. */
  readonly visibleTo: string | null
  readonly state?: 'active' | 'ended'
  readonly direction?: Direction
  readonly outcome?: Outcome
  readonly agentId?: string
  readonly userId?: string
  readonly from?: Date
  readonly to?: Date
  /** The last call of the page before. */
  readonly after?: { readonly startedAt: Date; readonly id: string }
  readonly limit: number
}

/** Newest first. */
export async function listCalls(db: Db, filter: CallFilter): Promise<Call[]> {
  let query = db.selectFrom('calls').selectAll()
  if (filter.visibleTo !== null) query = query.where(concerns(filter.visibleTo))
  if (filter.agentId !== undefined) query = query.where(concerns(filter.agentId))
  if (filter.state === 'active') query = query.where('endedAt', 'is', null)
  if (filter.state === 'ended') query = query.where('endedAt', 'is not', null)
  if (filter.direction !== undefined) query = query.where('direction', '=', filter.direction)
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome)
  if (filter.userId !== undefined) query = query.where('userId', '=', filter.userId)
  if (filter.from !== undefined) query = query.where('startedAt', '>=', filter.from)
  if (filter.to !== undefined) query = query.where('startedAt', '<', filter.to)
  if (filter.after !== undefined) {
    const { startedAt, id } = filter.after
    query = query.where(sql<boolean>`(started_at, id) < (${startedAt}, ${id})`)
  }
  const rows = await query
    .orderBy('startedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute()
  return rows.map((row) => toKept(row).call)
}

function concerns(agentId: string): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`(agent_id = ${agentId} or legs @> ${toJson([{ agentId }])}::jsonb)`
}

function toKept(row: Selectable<CallsTable>): KeptCall {
  return {
    call: {
      ...row,
      from: { raw: row.fromRaw, e164: row.fromE164, display: row.fromDisplay },
      to: { raw: row.toRaw, e164: row.toE164, display: row.toDisplay },
      legs: row.legs.map(toLeg),
    },
    clockShiftMs: row.clockShiftMs,
    closesAt: row.closesAt,
    firstEventAt: row.firstEventAt,
    lastEventAt: row.lastEventAt,
  }
}

/** Legs are kept as JSON: their instants come back as text. */
function toLeg(leg: Leg): Leg {
  const date = (at: unknown): Date | null => (at === null ? null : new Date(String(at)))
  return {
    ...leg,
    rangAt: date(leg.rangAt),
    answeredAt: date(leg.answeredAt),
    endedAt: date(leg.endedAt),
  }
}

function toRow(kept: KeptCall) {
  const { call } = kept
  return {
    id: call.id,
    connectionId: call.connectionId,
    uniqueId: call.uniqueId,
    direction: call.direction,
    state: call.state,
    outcome: call.outcome,
    fromRaw: call.from.raw,
    fromE164: call.from.e164,
    fromDisplay: call.from.display,
    toRaw: call.to.raw,
    toE164: call.to.e164,
    toDisplay: call.to.display,
    queue: call.queue,
    startedAt: call.startedAt,
    ringingAt: call.ringingAt,
    answeredAt: call.answeredAt,
    endedAt: call.endedAt,
    ringSeconds: call.ringSeconds,
    talkSeconds: call.talkSeconds,
    holdSeconds: call.holdSeconds,
    agentId: call.agentId,
    legs: toJson(call.legs),
    endNotReported: call.endNotReported,
    extra: toJson(call.extra),
    personKey: call.personKey,
    userId: call.userId,
    candidateUserIds: toJson(call.candidateUserIds),
    clockShiftMs: kept.clockShiftMs,
    closesAt: kept.closesAt,
    firstEventAt: kept.firstEventAt,
    lastEventAt: kept.lastEventAt,
  }
}

/** The unique id is not that of this call after all. */
export async function unnameCall(
  tx: Db,
  id: { connectionId: string; uniqueId: string; callId: string },
): Promise<void> {
  await tx
    .deleteFrom('callIds')
    .where('connectionId', '=', id.connectionId)
    .where('uniqueId', '=', id.uniqueId)
    .where('callId', '=', id.callId)
    .execute()
}

export async function loadCalls(db: Db, ids: readonly string[]): Promise<Call[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('calls')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
  return rows.map((row) => toKept(row).call)
}
