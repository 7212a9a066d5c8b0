import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import { onEachDatabase } from '../support/database.ts'

const SNAPSHOT = new URL('./schema.snapshot.txt', import.meta.url)

onEachDatabase((open) => {
  test('the migrated schema is the committed one (UPDATE_SNAPSHOT=1 writes it anew)', async () => {
    const { db } = await open()
    const found = await describeSchema(db)
    if (process.env.UPDATE_SNAPSHOT === '1') writeFileSync(SNAPSHOT, found)
    assert.equal(found, readFileSync(SNAPSHOT, 'utf8'))
  })
})

/** Every column, constraint and index of the schema as lines of text. */
async function describeSchema(db: Db): Promise<string> {
  const columns = await lines(
    db,
    sql`select table_name || '.' || column_name || ' ' || data_type
      || case when collation_name = 'C' then ' collate C' else '' end
      || case when is_nullable = 'NO' then ' not null' else '' end
      || coalesce(' identity ' || lower(identity_generation), '')
      || coalesce(' default ' || column_default, '') as line
    from information_schema.columns
    where table_schema = 'public' and table_name not like 'kysely%'
    order by table_name, ordinal_position`,
  )
  const constraints = await lines(
    db,
    sql`select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line
    from pg_constraint
    where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'kysely%'
      and contype <> 'n'
    order by conrelid::regclass::text collate "C", conname collate "C"`,
  )
  const indexes = await lines(
    db,
    sql`select indexdef as line from pg_indexes
    where schemaname = 'public' and tablename not like 'kysely%' order by indexname collate "C"`,
  )
  return [...columns, '', ...constraints, '', ...indexes, ''].join('\n')
}

async function lines(db: Db, query: ReturnType<typeof sql>): Promise<string[]> {
  const { rows } = await query.execute(db)
  return rows.map((row) => String((row as { line: string }).line))
}
