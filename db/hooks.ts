import { sql } from 'kysely'
import { type Db, inTransaction, toArray, toJson } from './database.ts'
import { newId } from './new-id.ts'
import type { HookEvent } from './outbox.ts'

/** Where an admin wants to hear what happens, with its secrets sealed (ADMIN-7). */
export interface Hook {
  readonly id: string
  readonly url: string
  /** Null: all of them, those of later versions too. */
  readonly events: readonly HookEvent[] | null
  readonly secretSealed: string
  /** Signs too, until then: receivers change theirs without losing anything. */
  readonly oldSecretSealed: string | null
  readonly oldWorksUntil: Date | null
  /** `failing`: something could not be delivered for three days, and nothing has been since. */
  readonly state: 'active' | 'failing' | 'disabled'
  readonly stateReason: string | null
  readonly stateAt: Date | null
  readonly deliveredAt: Date | null
  readonly afterOutbox: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A hook with what waits for it. */
export interface ListedHook extends Hook {
  readonly pending: number
  /** The newest failed attempt of what still waits, and why it failed. */
  readonly trouble: { readonly at: Date; readonly reason: string } | null
}

/** True where somebody is to be told of what happens. */
export async function hasHooks(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('hooks')
    .select('id')
    .where('state', '<>', 'disabled')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function countHooks(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('hooks')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The hooks that are not switched off. */
export async function loadActiveHooks(db: Db): Promise<Hook[]> {
  const rows = await db.selectFrom('hooks').selectAll().where('state', '<>', 'disabled').execute()
  return rows as Hook[]
}

export async function loadHook(db: Db, id: string): Promise<Hook | null> {
  const row = await db.selectFrom('hooks').selectAll().where('id', '=', id).executeTakeFirst()
  return (row as Hook | undefined) ?? null
}

/** Hooks, newest first. */
export async function listHooks(
  db: Db,
  page: { readonly limit: number; readonly before: string | null },
): Promise<ListedHook[]> {
  let query = db.selectFrom('hooks').selectAll().orderBy('id', 'desc').limit(page.limit)
  if (page.before !== null) query = query.where('id', '<', page.before)
  return withPending(db, (await query.execute()) as Hook[])
}

/** Adds what waits for each of them. */
export async function withPending(db: Db, hooks: readonly Hook[]): Promise<ListedHook[]> {
  if (hooks.length === 0) return []
  const { rows } = await sql<{ hookId: string; pending: number; at: Date; reason: string }>`
    select hook_id, count(*)::integer as pending,
      max(last_at) as at, (array_agg(last_reason order by last_at desc nulls last))[1] as reason
    from hook_deliveries
    where state in ('waiting', 'due') and hook_id = any(${toArray(hooks.map(({ id }) => id))})
    group by hook_id
  `.execute(db)
  const byHook = new Map(rows.map((row) => [row.hookId, row]))
  return hooks.map((hook) => {
    const found = byHook.get(hook.id)
    const hasTrouble = found !== undefined && found.at !== null && found.reason !== null
    return {
      ...hook,
      pending: found?.pending ?? 0,
      trouble: hasTrouble ? { at: new Date(found.at), reason: found.reason } : null,
    }
  })
}

export interface NewHook {
  readonly url: string
  readonly events: readonly HookEvent[] | null
  /** Seals the secret for the row that it is kept in. */
  readonly seal: (id: string) => string
}

/** Adds a hook: it hears what is told from now on. */
export async function insertHook(db: Db, hook: NewHook, now: Date): Promise<string> {
  const id = newId()
  await inTransaction(db, async (tx) => {
    await sql`select position from hook_position for update`.execute(tx)
    // With nobody to tell, nobody read the outbox.
    if (!(await hasHooks(tx))) await skipToEnd(tx)
    await tx
      .insertInto('hooks')
      .values({
        id,
        url: hook.url,
        events: hook.events === null ? null : toJson(hook.events),
        secretSealed: hook.seal(id),
        afterOutbox: sql<number>`(select coalesce(max(id), 0) from outbox)`,
        createdAt: now,
        updatedAt: now,
      })
      .execute()
  })
  return id
}

async function skipToEnd(tx: Db): Promise<void> {
  await sql`
    update hook_position set position = greatest(position, (select coalesce(max(id), 0) from outbox))
  `.execute(tx)
}

export interface HookPatch {
  readonly url?: string | undefined
  readonly events?: readonly HookEvent[] | null | undefined
  readonly isEnabled?: boolean | undefined
}

/** Changes a hook; what happened while it was off is not for it. False: it is gone. */
export async function updateHook(
  db: Db,
  id: string,
  { url, events, isEnabled }: HookPatch,
  now: Date,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    await sql`select position from hook_position for update`.execute(tx)
    const isFirst = !(await hasHooks(tx))
    const hook = await lockHook(tx, id)
    if (hook === null) return false
    const isBack = isEnabled === true && hook.state === 'disabled'
    if (isBack && isFirst) await skipToEnd(tx)
    await tx
      .updateTable('hooks')
      .set({
        updatedAt: now,
        ...(url === undefined ? {} : { url }),
        ...(events === undefined ? {} : { events: events === null ? null : toJson(events) }),
        ...(isBack
          ? {
              state: 'active' as const,
              stateReason: null,
              stateAt: now,
              afterOutbox: sql<number>`(select coalesce(max(id), 0) from outbox)`,
            }
          : {}),
      })
      .where('id', '=', id)
      .execute()
    if (isEnabled === false) await disableHook(tx, id, 'switched off by an admin', now)
    return true
  })
}

/** Keeps finished attempts and new deliveries of a hook apart until the transaction ends. */
export async function lockHook(tx: Db, id: string): Promise<Hook | null> {
  const row = await tx
    .selectFrom('hooks')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return (row as Hook | undefined) ?? null
}

/** Nothing is sent there any more; what waited counts as failed and can be sent again by hand. */
export async function disableHook(tx: Db, id: string, reason: string, now: Date): Promise<void> {
  await tx
    .updateTable('hooks')
    .set({ state: 'disabled', stateReason: reason, stateAt: now })
    .where('id', '=', id)
    .where('state', '<>', 'disabled')
    .execute()
  await tx
    .updateTable('hookDeliveries')
    .set((eb) => ({
      state: 'failed' as const,
      nextAt: null,
      lastReason: eb.fn.coalesce('lastReason', eb.val(`the webhook is disabled: ${reason}`)),
    }))
    .where('hookId', '=', id)
    .where('state', 'in', ['waiting', 'due'])
    .execute()
}

/** Something was delivered, or could not be for three days. */
export async function markHook(
  tx: Db,
  id: string,
  state: 'active' | 'failing',
  reason: string | null,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('hooks')
    .set({
      state,
      stateReason: reason,
      stateAt: now,
      ...(state === 'active' ? { deliveredAt: now } : {}),
    })
    .where('id', '=', id)
    .where('state', '<>', 'disabled')
    .execute()
}

/** A new secret; the one before signs too until `oldWorksUntil`. */
export async function replaceHookSecret(
  tx: Db,
  id: string,
  replaced: { readonly secretSealed: string; readonly oldWorksUntil: Date },
  now: Date,
): Promise<void> {
  const { secretSealed, oldWorksUntil } = replaced
  await tx
    .updateTable('hooks')
    .set((eb) => ({
      oldSecretSealed: eb.ref('secretSealed'),
      oldWorksUntil,
      secretSealed,
      updatedAt: now,
    }))
    .where('id', '=', id)
    .execute()
}

export async function deleteHook(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('hooks').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
