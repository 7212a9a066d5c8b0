import postgres from 'postgres'
import { toSearchText } from '../../db/user-search.ts'
import { type Cell, copyRows } from './bulk-copy.ts'
import { type Person, personAt } from './users-people.ts'

/** Writes this many people to an empty, migrated PostgreSQL, each as `saveUsers` would write them. */
export async function fillUsers(url: string, seed: number, count: number): Promise<void> {
  const db = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await db`set session_replication_role = replica`
    // Beside the rows themselves millions of single entries into the indexes would take hours.
    await db`set maintenance_work_mem = '512MB'`
    const indexes = await db<{ name: string; made: string }[]>`
      select indexname as name, indexdef as made from pg_indexes
      where schemaname = 'public' and tablename in ('users', 'user_phones')
        and not exists (select from pg_constraint where conname = indexname)`
    for (const { name } of indexes) await db`drop index ${db(name)}`
    await copyRows(
      db,
      `users (id, external_id, name, email, company, note, fields, search,
      created_at, updated_at)`,
      userRows(seed, count),
    )
    await copyRows(
      db,
      'user_phones (user_id, position, raw, e164, display, key)',
      phoneRows(seed, count),
    )
    await db`insert into user_words select distinct word from users, words_of_user(search) as word`
    for (const { made } of indexes) await db.unsafe(made)
    await db.unsafe('vacuum analyze')
  } finally {
    await db.end()
  }
}

function* people(seed: number, count: number): Generator<Person> {
  for (let index = 0; index < count; index += 1) yield personAt(seed, index)
}

function* userRows(seed: number, count: number): Generator<Cell[]> {
  const now = new Date().toISOString()
  for (const { id, facts } of people(seed, count)) {
    const { externalId, name, email, company, note, fields } = facts
    const text = JSON.stringify(fields)
    yield [id, externalId, name, email, company, note, text, toSearchText(facts), now, now]
  }
}

function* phoneRows(seed: number, count: number): Generator<Cell[]> {
  for (const { id, facts } of people(seed, count)) {
    for (const [at, { raw, e164, display, key }] of facts.phones.entries()) {
      yield [id, String(at), raw, e164, display, key]
    }
  }
}
