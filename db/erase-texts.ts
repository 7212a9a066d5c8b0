/**
 * SAFE-9: somebody's numbers, name and address in whatever else is kept. Every table is looked through,
 * also one that this file has never heard of, except those that hold other people and the set-up.
 */
import { sql } from 'kysely'
import { type Db, toArray, toJson } from './database.ts'
import { emptyEvent, saveEvents } from './erase-person.ts'
import { refreshUserSearch } from './users.ts'

/** What `server/privacy` makes of a person. */
export interface Redactor {
  readonly pattern: string | null
  redact(text: string): string
  redactJson(value: unknown): unknown
}

/** What changed in what is kept of others, for the pages that show it. */
export interface Redacted {
  readonly texts: number
  readonly caseIds: readonly string[]
  readonly userIds: readonly string[]
}

/** Other people, agents and the set-up; and what is being erased itself. */
const LEFT_ALONE = [
  'user_phones',
  'agents',
  'agent_extensions',
  'connections',
  'connection_seen',
  'connection_links',
  'settings',
  'api_keys',
  'sign_in_links',
  'browser_keys',
  'hooks',
  'erasures',
  'kysely_migration',
  'kysely_migration_lock',
]
/** Rows that are of no use without what was found in them. */
const DELETED = ['outbox', 'connection_log', 'pbx_commands', 'hook_deliveries']
/** Columns of others that say who they are, and what is found by them. */
const OWN_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  users: ['note', 'fields'],
}
const PAGE = 200

interface Column {
  readonly name: string
  readonly isJson: boolean
}

/** Takes the person out of every table, in bounded steps; `onStep` is told after each. */
export async function redactTables(
  db: Db,
  redactor: Redactor,
  onStep: () => Promise<void>,
): Promise<Redacted> {
  let texts = 0
  const caseIds = new Set<string>()
  const userIds = new Set<string>()
  if (redactor.pattern === null) return { texts, caseIds: [], userIds: [] }
  for (const [table, columns] of await textColumns(db)) {
    for (let after = '(0,0)'; ; ) {
      const page = await find(db, { table, columns, after, pattern: redactor.pattern })
      const hits = await db
        .transaction()
        .execute((tx) => redactRows(tx, { table, columns, redactor }, page))
      for (const { caseId, userId } of hits) {
        if (caseId !== null) caseIds.add(caseId)
        if (userId !== null) userIds.add(userId)
      }
      texts += hits.length
      await onStep()
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) break
      after = last.place
    }
  }
  return { texts, caseIds: [...caseIds], userIds: [...userIds] }
}

async function textColumns(db: Db): Promise<Map<string, Column[]>> {
  const { rows } = await sql<{ table: string; name: string; type: string }>`
    select c.table_name as "table", c.column_name as name, c.data_type as type
    from information_schema.columns as c
    join information_schema.tables as t using (table_schema, table_name)
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
      and c.data_type in ('text', 'jsonb', 'character varying', 'json')
    order by c.table_name, c.ordinal_position
  `.execute(db)
  const tables = new Map<string, Column[]>()
  for (const { table, name, type } of rows) {
    const isOurs = OWN_COLUMNS[table]?.includes(name) ?? true
    if (LEFT_ALONE.includes(table) || !isOurs) continue
    tables.set(table, [...(tables.get(table) ?? []), { name, isJson: /json/.test(type) }])
  }
  return tables
}

interface Found {
  readonly place: string
  readonly row: Readonly<Record<string, unknown>>
}

/** Rows that may name the person, in the order of their places in the table. */
async function find(
  db: Db,
  {
    table,
    columns,
    after,
    pattern,
  }: { table: string; columns: readonly Column[]; after: string; pattern: string },
): Promise<Found[]> {
  const anyOf = columns.map(({ name }) => sql`${sql.ref(name)}::text ~* ${pattern}`)
  const { rows } = await sql<{ place: string; row: Record<string, unknown> }>`
    select ctid::text as place, to_jsonb(found) as row from ${sql.table(table)} as found
    where ctid > ${after}::tid and (${sql.join(anyOf, sql` or `)})
    order by ctid limit ${sql.lit(PAGE)}
  `.execute(db)
  return rows
}

interface Hit {
  readonly caseId: string | null
  readonly userId: string | null
}

async function redactRows(
  tx: Db,
  { table, columns, redactor }: { table: string; columns: readonly Column[]; redactor: Redactor },
  page: readonly Found[],
): Promise<Hit[]> {
  const hits: Hit[] = []
  for (const { place, row } of page) {
    const changes = columns.flatMap(({ name, isJson }) => {
      const before = row[name]
      const after = isJson ? redactor.redactJson(before) : redactText(redactor, before)
      return JSON.stringify(after) === JSON.stringify(before) ? [] : [{ name, isJson, after }]
    })
    if (changes.length === 0) continue
    hits.push(toHit(table, row))
    if (DELETED.includes(table)) {
      await sql`delete from ${sql.table(table)} where ctid = ${place}::tid`.execute(tx)
    } else if (table === 'call_events' && row.call_id === null) {
      // Of no call that is kept: what the PBX said goes, the name in it too.
      await saveEvents(tx, [{ id: Number(row.id), event: emptyEvent(row.event), trace: null }])
    } else {
      const sets = changes.map(({ name, isJson, after }) =>
        isJson
          ? sql`${sql.ref(name)} = ${toJson(after)}::jsonb`
          : sql`${sql.ref(name)} = ${String(after)}`,
      )
      // A row that changed in between has another place: the next round finds it again.
      await sql`update ${sql.table(table)} set ${sql.join(sets)} where ctid = ${place}::tid`.execute(
        tx,
      )
    }
    if (table === 'users') await refreshUserSearch(tx, String(row.id))
  }
  return hits
}

function redactText(redactor: Redactor, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const json = value.startsWith('{') ? parseJson(value) : undefined
  if (json === undefined) return redactor.redact(value)
  const redacted = redactor.redactJson(json)
  return JSON.stringify(redacted) === JSON.stringify(json) ? value : JSON.stringify(redacted)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Somebody wrote a brace: it is a text.
    return undefined
  }
}

function toHit(table: string, row: Readonly<Record<string, unknown>>): Hit {
  const caseId = table === 'cases' ? row.id : table === 'messages' ? row.case_id : null
  const userId = table === 'users' ? row.id : null
  return {
    caseId: typeof caseId === 'string' ? caseId : null,
    userId: typeof userId === 'string' ? userId : null,
  }
}

/** Cases whose texts changed have a new version. */
export async function bumpCases(tx: Db, ids: readonly string[]): Promise<void> {
  await sql`update cases set version = version + 1 where id = any(${toArray(ids)})`.execute(tx)
}
