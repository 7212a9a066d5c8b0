import { sql } from 'kysely'
import { type Db, toJson } from './database.ts'

/**
 * Locks are taken in one order everywhere: event keys, calls, people, cases, outbox. Within each
 * kind in ascending order; all are held until the transaction ends.
 */
const EVENT_KEYS = 1
const PEOPLE = 2
const OUTBOX = 3

/** Two events of one unique id must not make two calls. */
export function lockEventKeys(tx: Db, keys: readonly string[]): Promise<void> {
  return lockAll(tx, EVENT_KEYS, keys)
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

/** Appends become visible in the order of their ids: a reader that asks for `id > last` skips none. */
export async function lockOutbox(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(OUTBOX)})`.execute(tx)
}

async function lockAll(tx: Db, kind: number, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await sql`
    select pg_advisory_xact_lock(hash) from (
      select distinct hashtextextended(key, ${sql.lit(kind)}) as hash
      from jsonb_array_elements_text(${toJson(keys)}::jsonb) as key
      order by hash
    ) as ordered
  `.execute(tx)
}
