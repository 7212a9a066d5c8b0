import { sql } from 'kysely'
import { type Db, inTransaction, toArray } from './database.ts'
import { disableHook, lockHook, markHook } from './hooks.ts'
import { newId } from './new-id.ts'
import { insertRows } from './table-rows.ts'

/** One event on its way to one hook, or what became of it. */
export interface Delivery {
  readonly position: number
  readonly id: string
  readonly hookId: string
  readonly eventId: string
  readonly type: string
  readonly body: string
  readonly isOrdered: boolean
  /** `waiting`: for an earlier one of the same call, case or user. */
  readonly state: 'waiting' | 'due' | 'delivered' | 'failed'
  readonly attempts: number
  readonly nextAt: Date | null
  readonly lastAt: Date | null
  readonly lastStatus: number | null
  readonly lastReason: string | null
  readonly lastMs: number | null
  readonly createdAt: Date
}

export interface NewDelivery {
  readonly hookId: string
  readonly eventId: string
  readonly type: string
  readonly body: string
  readonly keys: readonly string[]
}

/** What came of an attempt. */
export interface Attempt {
  readonly at: Date
  readonly ms: number
  /** Null: there was no answer. */
  readonly status: number | null
  readonly reason: string
}

/** Each with a body, which is as large as a case: together some megabytes. */
const CHUNK = 200

const COLUMNS = {
  id: 'text',
  hookId: 'text',
  eventId: 'text',
  type: 'text',
  body: 'text',
  keys: 'text[]',
  isOrdered: 'boolean',
  state: 'text',
  createdAt: 'timestamptz',
} as const

/** Adds deliveries in this order; the hooks must be locked. Of the same keys the first is due. */
export async function appendDeliveries(
  tx: Db,
  deliveries: readonly NewDelivery[],
  now: Date,
): Promise<void> {
  const rows = deliveries.map((delivery) => ({
    ...delivery,
    id: newId(),
    isOrdered: true,
    state: 'waiting',
    createdAt: now,
  }))
  for (let start = 0; start < rows.length; start += CHUNK) {
    await insertRows(tx, 'hook_deliveries', COLUMNS, rows.slice(start, start + CHUNK))
  }
  await sql`
    update hook_deliveries as delivery set state = 'due', next_at = ${now}
    where id = any(${toArray(rows.map(({ id }) => id))}) and not ${isHeldBack}
  `.execute(tx)
}

/** An earlier one of the same hook and keys is still on its way. */
const isHeldBack = sql`exists (
  select from hook_deliveries as earlier
  where earlier.hook_id = delivery.hook_id and earlier.position < delivery.position
    and earlier.keys && delivery.keys and earlier.is_ordered
    and earlier.state in ('waiting', 'due')
)`

/** Adds something that is sent by who adds it, past all others: a ping. */
export async function insertUnordered(
  db: Db,
  delivery: NewDelivery,
  now: Date,
  /** Until then nobody else sends it. */
  nextAt: Date,
): Promise<Delivery> {
  const { keys, ...rest } = delivery
  const row = await db
    .insertInto('hookDeliveries')
    .values({
      ...rest,
      id: newId(),
      keys: toArray(keys),
      isOrdered: false,
      state: 'due',
      attempts: 1,
      nextAt,
      createdAt: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return row as Delivery
}

/** Nothing is put off for so long: where it was, the clock was ahead, and is right again. */
const NEVER_LATER_MS = 2 * 60 * 60_000

/**
 * Takes what is due, oldest first. It is this process's until `until`; one that does not come back
 * by then is gone, and somebody else takes it.
 */
export async function claimDue(
  db: Db,
  hookId: string,
  { now, until, limit }: { now: Date; until: Date; limit: number },
): Promise<Delivery[]> {
  const { rows } = await sql<Delivery>`
    update hook_deliveries as delivery
    set next_at = ${until}, attempts = delivery.attempts + 1
    from (
      select position from hook_deliveries
      where hook_id = ${hookId} and state = 'due'
        and (next_at <= ${now} or next_at > ${new Date(now.getTime() + NEVER_LATER_MS)})
      order by next_at, position limit ${limit} for update skip locked
    ) as picked
    where delivery.position = picked.position
    returning delivery.*
  `.execute(db)
  return rows.sort((a, b) => a.position - b.position)
}

/** It arrived: what waited for it is due. */
export function markDelivered(db: Db, delivery: Delivery, attempt: Attempt): Promise<void> {
  return inTransaction(db, async (tx) => {
    if ((await lockHook(tx, delivery.hookId)) === null) return
    await settle(tx, delivery, attempt, { state: 'delivered', nextAt: null })
    await markHook(tx, delivery.hookId, 'active', null, attempt.at)
    await release(tx, delivery, attempt.at)
  })
}

/** It is tried again, unless somebody else took it meanwhile. */
export async function putOff(
  db: Db,
  delivery: Delivery,
  attempt: Attempt,
  nextAt: Date,
): Promise<void> {
  await settle(db, delivery, attempt, { state: 'due', nextAt })
}

/** It is given up: the hook is marked, and what waited for it goes on. */
export function giveUp(
  db: Db,
  delivery: Delivery,
  attempt: Attempt,
  hookState: 'failing' | 'disabled' | null,
): Promise<void> {
  return inTransaction(db, async (tx) => {
    if ((await lockHook(tx, delivery.hookId)) === null) return
    const isOurs = await settle(tx, delivery, attempt, { state: 'failed', nextAt: null })
    if (hookState === 'disabled') {
      await disableHook(tx, delivery.hookId, attempt.reason, attempt.at)
      return
    }
    if (!isOurs) return
    if (hookState === 'failing')
      await markHook(tx, delivery.hookId, 'failing', attempt.reason, attempt.at)
    await release(tx, delivery, attempt.at)
  })
}

/** Only of who took it last; that it arrived counts from anybody. */
async function settle(
  db: Db,
  delivery: Delivery,
  attempt: Attempt,
  became: { state: 'due' | 'delivered' | 'failed'; nextAt: Date | null },
): Promise<boolean> {
  let query = db
    .updateTable('hookDeliveries')
    .set({
      ...became,
      lastAt: attempt.at,
      lastStatus: attempt.status,
      lastReason: attempt.reason,
      lastMs: attempt.ms,
    })
    .where('position', '=', delivery.position)
    .where('state', '=', 'due')
  if (became.state !== 'delivered') query = query.where('attempts', '=', delivery.attempts)
  const { numUpdatedRows } = await query.executeTakeFirst()
  return numUpdatedRows > 0n
}

/** What waited for this one alone is due now. */
async function release(tx: Db, { position }: Delivery, now: Date): Promise<void> {
  await sql`
    update hook_deliveries as delivery set state = 'due', next_at = ${now}
    from hook_deliveries as done
    where done.position = ${position} and delivery.hook_id = done.hook_id
      and delivery.keys && done.keys and delivery.state = 'waiting' and not ${isHeldBack}
  `.execute(tx)
}

export async function loadDelivery(db: Db, hookId: string, id: string): Promise<Delivery | null> {
  const row = await db
    .selectFrom('hookDeliveries')
    .selectAll()
    .where('hookId', '=', hookId)
    .where('id', '=', id)
    .executeTakeFirst()
  return (row as Delivery | undefined) ?? null
}

/** Deliveries of a hook, newest first; `before` is the last position of the page before. */
export async function listDeliveries(
  db: Db,
  hookId: string,
  page: {
    readonly limit: number
    readonly before: number | null
    readonly state: 'pending' | 'delivered' | 'failed' | null
  },
): Promise<Delivery[]> {
  let query = db.selectFrom('hookDeliveries').selectAll().where('hookId', '=', hookId)
  if (page.before !== null) query = query.where('position', '<', page.before)
  if (page.state === 'pending') query = query.where('state', 'in', ['waiting', 'due'])
  else if (page.state !== null) query = query.where('state', '=', page.state)
  const rows = await query.orderBy('position', 'desc').limit(page.limit).execute()
  return rows as Delivery[]
}

/** One that is to be tried again some time is tried now. */
export async function hasten(db: Db, { position }: Delivery, now: Date): Promise<void> {
  await db
    .updateTable('hookDeliveries')
    .set({ nextAt: now })
    .where('position', '=', position)
    .where('state', '=', 'due')
    .execute()
}

/** Sends one again that is over, with the same `webhook-id`. */
export async function repeatDelivery(db: Db, { position }: Delivery, now: Date): Promise<Delivery> {
  const { rows } = await sql<Delivery>`
    insert into hook_deliveries
      (id, hook_id, event_id, type, body, keys, is_ordered, state, next_at, created_at)
    select ${newId()}, hook_id, event_id, type, body, keys, false, 'due', ${now}, ${now}
    from hook_deliveries where position = ${position}
    returning *
  `.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('the delivery is gone')
  return row
}

/** How much waits, for all hooks together. */
export async function countPending(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('hookDeliveries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', 'in', ['waiting', 'due'])
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Removes what is over and older than it is kept. */
export async function trimDeliveries(db: Db, before: Date): Promise<void> {
  await db
    .deleteFrom('hookDeliveries')
    .where('createdAt', '<', before)
    .where('state', 'in', ['delivered', 'failed'])
    .execute()
}

/** Nothing that tells of these calls, cases and users is kept or sent any more (SAFE-9). */
export async function eraseDeliveries(
  tx: Db,
  about: {
    readonly callIds?: readonly string[]
    readonly caseIds?: readonly string[]
    readonly userIds?: readonly string[]
  },
): Promise<void> {
  const keys = [
    ...(about.callIds ?? []).map((id) => `call ${id}`),
    ...(about.caseIds ?? []).map((id) => `case ${id}`),
    ...(about.userIds ?? []).map((id) => `user ${id}`),
  ]
  if (keys.length === 0) return
  await sql`delete from hook_deliveries where keys && ${toArray(keys)}`.execute(tx)
}
