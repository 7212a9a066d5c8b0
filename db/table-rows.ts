import { type RawBuilder, sql } from 'kysely'
import { type Db, toJson } from './database.ts'

/** Columns with their types in PostgreSQL; what else a row has is not of this statement. */
export type Columns<Row> = { readonly [Column in keyof Row & string]?: string }

/**
 * Rows as a table of a statement. However many they are, they are one parameter: the statement stays
 * the same, and is prepared once. Their number is the other one: of JSON PostgreSQL believes that it
 * holds a hundred rows, and would rather read a whole table than look a hundred up.
 */
export function rowsAs<Row>(
  name: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): RawBuilder<unknown> {
  const list = Object.entries(columns).map(([column, type]) => `${quoted(column)} ${type}`)
  const named = rows.map((row) => toRecord(columns, row))
  const table = sql.raw(`row (${list.join(', ')})`)
  return sql`(select * from jsonb_to_recordset(${toJson(named)}::jsonb) as ${table} limit ${rows.length})
    as ${sql.raw(name)}`
}

/** Inserts rows in their order, in one statement; `more` comes after it, and says what it gives. */
export async function insertRows<Row, Result = unknown>(
  tx: Db,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
  more: RawBuilder<Result> = sql``,
): Promise<readonly Result[]> {
  if (rows.length === 0) return []
  const list = sql.raw(Object.keys(columns).map(quoted).join(', '))
  const { rows: results } = await sql<Result>`
    insert into ${sql.raw(table)} (${list}) select ${list} from ${rowsAs('new', columns, rows)} ${more}
  `.execute(tx)
  return results
}

/** Makes the rows that are there like these, found by their ids, in one statement. */
export async function updateRows<Row extends { readonly id: unknown }>(
  tx: Db,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const changes = Object.keys(columns)
    .filter((column) => column !== 'id')
    .map((column) => `${quoted(column)} = new.${quoted(column)}`)
  await sql`
    update ${sql.raw(table)} as old set ${sql.raw(changes.join(', '))}
    from ${rowsAs('new', columns, rows)} where old.id = new.id
  `.execute(tx)
}

/** Inserts rows, or makes those that are there like them. */
export async function upsertRows<Row extends { readonly id: unknown }>(
  tx: Db,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): Promise<void> {
  const changes = Object.keys(columns)
    .filter((column) => column !== 'id')
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
  const update = `on conflict (id) do update set ${changes.join(', ')}`
  await insertRows(tx, table, columns, rows, sql.raw(update))
}

function toRecord<Row>(columns: Columns<Row>, row: Row): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const column of Object.keys(columns))
    record[snake(column)] = row[column as keyof Row] ?? null
  return record
}

const snakes = new Map<string, string>()

function snake(name: string): string {
  const known = snakes.get(name)
  if (known !== undefined) return known
  const made = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  snakes.set(name, made)
  return made
}

/** Some columns have names that are words of SQL. */
function quoted(name: string): string {
  return `"${snake(name)}"`
}
