import { type Selectable, sql } from 'kysely'
import type { Call, Direction, Leg, Outcome } from '../server/calls/call.ts'
import { type Db, isAnyOf, toArray, toJson, toRows } from './database.ts'
import type { CallsTable } from './schema.ts'
import { type Columns, insertRows, rowsAs, upsertRows } from './table-rows.ts'

/** A call with what only the pipeline needs of it. */
export interface KeptCall {
  readonly call: Call
  readonly clockShiftMs: number
  readonly closesAt: Date | null
  readonly firstEventAt: Date
  readonly lastEventAt: Date
}

/** A unique id as a connection tells it. */
export interface CallName {
  readonly connectionId: string
  readonly uniqueId: string
}

const NAME: Columns<CallName> = { connectionId: 'text', uniqueId: 'text' }

/** Which calls these unique ids have meant. */
export async function listNamedCalls(
  tx: Db,
  names: readonly CallName[],
): Promise<(CallName & { readonly callId: string })[]> {
  if (names.length === 0) return []
  const { rows } = await sql<CallName & { callId: string }>`
    select known.connection_id, known.unique_id, known.call_id
    from ${rowsAs('name', NAME, names)}
    join call_ids as known on known.connection_id = name.connection_id
      and known.unique_id = name.unique_id
    order by known.call_id
  `.execute(tx)
  return rows
}

/**
 * Calls of a connection that still ring, from this caller, with this extension among the ringing;
 * those that are known better left out.
 */
export async function ringingCalls(
  db: Db,
  about: { connectionId: string; personKey: string | null; extension: string },
  except: readonly string[],
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
    .where(sql<boolean>`id <> all(${toArray(except)})`)
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
    .where(isAnyOf('id', ids))
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, toKept(row)]))
}

export async function loadCall(db: Db, id: string): Promise<KeptCall | null> {
  const row = await db.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toKept(row)
}

/** Writes new and changed calls. */
export function saveCalls(tx: Db, kept: readonly KeptCall[]): Promise<void> {
  return upsertRows(tx, 'calls', COLUMNS, kept.map(toRow))
}

/** Under which unique ids the calls' events come. */
export async function nameCalls(
  tx: Db,
  names: readonly (CallName & { readonly callId: string })[],
): Promise<void> {
  const columns = { ...NAME, callId: 'text' }
  await insertRows(tx, 'call_ids', columns, names, sql`on conflict do nothing`)
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
    .where(isAnyOf('callId', callIds))
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

/**
 * Active calls with a leg of one of these agents, or dialled by one, newest first. All active calls are looked through
 * once for all agents: by the index on legs it would be all that they ever had.
 */
export async function listActiveCallsOf(
  db: Db,
  agentIds: readonly string[],
  limit: number,
): Promise<Call[]> {
  if (agentIds.length === 0) return []
  const rows = await db
    .selectFrom('calls')
    .selectAll()
    .where('endedAt', 'is', null)
    .where(
      sql<boolean>`(agent_id in ${toRows(agentIds)} or exists (
        select from jsonb_array_elements(legs) as leg where leg->>'agentId' in ${toRows(agentIds)}))`,
    )
    .orderBy('startedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
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

const COLUMNS = {
  id: 'text',
  connectionId: 'text',
  uniqueId: 'text',
  direction: 'text',
  state: 'text',
  outcome: 'text',
  fromRaw: 'text',
  fromE164: 'text',
  fromDisplay: 'text',
  toRaw: 'text',
  toE164: 'text',
  toDisplay: 'text',
  queue: 'text',
  startedAt: 'timestamptz',
  ringingAt: 'timestamptz',
  answeredAt: 'timestamptz',
  endedAt: 'timestamptz',
  ringSeconds: 'integer',
  talkSeconds: 'integer',
  holdSeconds: 'integer',
  agentId: 'text',
  legs: 'jsonb',
  endNotReported: 'boolean',
  extra: 'jsonb',
  personKey: 'text',
  userId: 'text',
  candidateUserIds: 'jsonb',
  clockShiftMs: 'integer',
  closesAt: 'timestamptz',
  firstEventAt: 'timestamptz',
  lastEventAt: 'timestamptz',
} as const

function toRow({ call, ...kept }: KeptCall): Record<keyof typeof COLUMNS, unknown> {
  const { from, to, ...own } = call
  return {
    ...own,
    fromRaw: from.raw,
    fromE164: from.e164,
    fromDisplay: from.display,
    toRaw: to.raw,
    toE164: to.e164,
    toDisplay: to.display,
    ...kept,
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
  const rows = await db.selectFrom('calls').selectAll().where(isAnyOf('id', ids)).execute()
  return rows.map((row) => toKept(row).call)
}
