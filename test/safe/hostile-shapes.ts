import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'
import { createWorld } from '../support/world.ts'
import { tryData } from './hostile-data.ts'

/** The statements of two rounds, by their shapes. */
export interface ShapeResult {
  readonly harmless: number
  readonly hostile: number
  /** Shapes that only hostile texts brought about. */
  readonly onlyHostile: readonly string[]
  readonly failures: readonly string[]
}

/** Whether hostile texts make the database run a statement that harmless ones do not. */
export async function compareShapes(
  texts: readonly string[],
): Promise<ShapeResult | { readonly missing: string }> {
  const server = await startPostgres(undefined, [
    'shared_preload_libraries=pg_stat_statements',
    'pg_stat_statements.max=20000',
    'pg_stat_statements.track=all',
    'pg_stat_statements.track_utility=on',
  ])
  if ('missing' in server) return server
  try {
    const { database, drop } = await createPostgresDatabase(server.url)
    await sql`create extension pg_stat_statements`.execute(database.db)
    const result = await rounds(database, texts)
    await drop()
    return result
  } finally {
    server.stop()
  }
}

async function rounds(database: Database, texts: readonly string[]): Promise<ShapeResult> {
  const world = await createWorld(async () => database)
  const failures: string[] = []
  const round = async (said: readonly string[], number: number): Promise<Set<string>> => {
    const before = await statements(database)
    failures.push(...(await tryData(world, said, { round: number })).failures)
    await world.settled()
    const after = await statements(database)
    const ran = [...after].filter(([query, calls]) => calls > (before.get(query) ?? 0))
    return new Set(ran.map(([query]) => shapeOf(query)))
  }
  const plain = [...texts.map(harmlessOf), ...PLAIN]
  const first = await round(plain, 1)
  const hostile = await round(texts, 2)
  // Again: what depends on how busy it is (batches, sweeps) may come late.
  const harmless = new Set([...first, ...(await round(plain, 3))])
  await world.close()
  const onlyHostile = [...hostile].filter((shape) => !harmless.has(shape) && !SWEEP.test(shape))
  return { harmless: harmless.size, hostile: hostile.size, onlyHostile, failures }
}

/** The same text without what is special anywhere: letters stay letters, digits digits. */
export function harmlessOf(text: string): string {
  return text.toWellFormed().replaceAll(/[^\p{L}\p{N} ]/gu, 'x')
}

/** What texts of the lists may be taken for: numbers, instants, ids, short and empty ones. */
const PLAIN = [
  'anna',
  'one two three four five six',

  '+79161234567',
  '101',
  'a',
  'ab',
  ' ',
  '0',
  '1',
  '-1',
  'true',
  '2026-01-01',
  'x'.repeat(300),
]

/** What is done once in a while, whatever comes in. */
const SWEEP = /^delete from "[a-z_]+" where "[a-z_]+" < \$$/

/** Every statement that ran so far, and how often. Not reset: what was prepared before would come back unread. */
async function statements(database: Database): Promise<Map<string, number>> {
  const { rows } = await sql<{ query: string; calls: number }>`
    select query, sum(calls)::int as calls from pg_stat_statements s
    join pg_database d on d.oid = s.dbid and d.datname = current_database()
    group by query`.execute(database.db)
  return new Map(rows.map(({ query, calls }) => [query, calls]))
}

/** Lists are as long as they are, and a search has as many words and spellings as were typed. */
function shapeOf(query: string): string {
  const one = query.replaceAll(/\s+/g, ' ').replaceAll(/\$\d+/g, '$')
  return one
    .replaceAll(/\(\$(?:::\w+(?:\[\])?)?(?:, ?\$(?:::\w+(?:\[\])?)?)*\)/g, '($…)')
    .replaceAll(/\(\$…\)(?:, ?\(\$…\))+/g, '($…)')
    .replaceAll(/\(search like \$(?: or search like \$)*\)/g, '(search like …)')
    .replace(SEARCH, 'SEARCH')
}

/** The search of users, of as many words as it may have: of nothing but these words of SQL. */
const SEARCH =
  /^select id, (?:[()$*+/,|.:%<]|\b(?:select|id|round|case|when|search|like|then|else|end|word_similarity|numeric|float8|as|score|from|users|where|or|and|order|by|desc|limit|candidates|union|false|true|text|greatest|least)\b|\d+|…|\s)+$/
