import { sql } from 'kysely'
import { type Db, isAnyOf, toJson } from './database.ts'

/**
 * Locks are taken in one order everywhere: event keys, calls, people, cases, outbox. Within each
 * kind in ascending order; all are held until the transaction ends. Whoever finds out later that one
 * more is needed does not wait for it: two who wait for each other do so for a second, until PostgreSQL
 * ends one of them.
 */
const EVENT_KEYS = 1
const PEOPLE = 2
const OUTBOX = 3

/** Two events of one unique id must not make two calls. */
export function lockEventKeys(tx: Db, keys: readonly string[]): Promise<void> {
  return lockAll(tx, EVENT_KEYS, keys)
}

/** Also those that somebody changes who does not read them. */
export async function lockCalls(tx: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await callRows(tx, ids).forUpdate().execute()
}

/** Locks further calls without waiting; false where somebody else has one of them. */
export async function lockFreeCalls(tx: Db, ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return true
  const locked = await callRows(tx, ids).forUpdate().skipLocked().execute()
  return locked.length === new Set(ids).size
}

function callRows(tx: Db, ids: readonly string[]) {
  return tx.selectFrom('calls').select('id').where(isAnyOf('id', ids)).orderBy('id')
}

/** The keys under which people are locked: their number, and the user where there is one. */
export function keysOfPerson(person: {
  readonly personKey: string | null
  readonly userId: string | null
}): string[] {
  const { personKey, userId } = person
  return [
    ...(personKey === null ? [] : [`number ${personKey}`]),
    ...(userId === null ? [] : [`user ${userId}`]),
  ]
}

/** Two first missed calls of an unknown number must not make two users or two cases. */
export function lockPeople(tx: Db, keys: readonly string[]): Promise<void> {
  return lockAll(tx, PEOPLE, keys)
}

/** Locks further people without waiting; false where somebody else has one of them. */
export async function lockFreePeople(tx: Db, keys: readonly string[]): Promise<boolean> {
  if (keys.length === 0) return true
  const { rows } = await sql<{ isLocked: boolean }>`
    select bool_and(pg_try_advisory_xact_lock(hash)) as is_locked from ${hashesOf(PEOPLE, keys)}
  `.execute(tx)
  return rows[0]?.isLocked === true
}

/** Appends become visible in the order of their ids: a reader that asks for `id > last` skips none. */
export async function lockOutbox(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(OUTBOX)})`.execute(tx)
}

async function lockAll(tx: Db, kind: number, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await sql`select pg_advisory_xact_lock(hash) from ${hashesOf(kind, keys)}`.execute(tx)
}

function hashesOf(kind: number, keys: readonly string[]) {
  return sql`(
    select distinct hashtextextended(key, ${sql.lit(kind)}) as hash
    from jsonb_array_elements_text(${toJson(keys)}::jsonb) as key
    order by hash
  ) as ordered`
}
