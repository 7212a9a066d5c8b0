import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { renewRetention } from '../../db/retention.ts'
import { createPostgresDatabase } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'
import { createWorld, type World } from '../support/world.ts'
import { tryData } from './hostile-data.ts'

/** The statements of two rounds, by their shapes. */
export interface ShapeResult {
  readonly harmless: number
  readonly hostile: number
  /** Shapes that only hostile texts brought about. */
  readonly onlyHostile: readonly string[]
  /** Shapes that harmless texts bring about each time, and hostile ones did not: they did not get so far. */
  readonly onlyHarmless: readonly string[]
  readonly failures: readonly string[]
}

/** Whether hostile texts make the database run the statements that harmless ones do, all of them and no other. */
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
    await sweep(world)
    await world.api('GET', `/api/users?q=${NOBODY}`)
    failures.push(...(await tryData(world, said, { round: number })).failures)
    await world.settled()
    const after = await statements(database)
    const ran = [...after].filter(([query, calls]) => calls > (before.get(query) ?? 0))
    return new Set(ran.map(([query]) => shapeOf(query)))
  }
  const learn = async (seen: Set<string>, said: readonly string[], number: number) => {
    for (const shape of await round(said, number)) seen.add(shape)
  }
  const plain = [...texts.map(harmlessOf), ...PLAIN]
  const rough = [...texts, ...PLAIN]
  const first = await round(plain, 1)
  const hostile = await round(rough, 2)
  // Again: what depends on how busy it is (batches, sweeps) may come late, or once.
  const again = await round(plain, 3)
  const harmless = new Set([...first, ...again])
  const always = new Set([...first].filter((shape) => again.has(shape)))
  const isRare = (shape: string): boolean => ON_A_CLOCK.some((rare) => rare.test(shape))
  const missing = (from: Set<string>, of: Set<string>): string[] =>
    [...of].filter((shape) => !from.has(shape) && !isRare(shape))
  const onlyHostile = (): string[] => missing(harmless, hostile)
  const onlyHarmless = (): string[] => missing(hostile, always)
  const givesUpAt = performance.now() + PATIENCE_MS
  for (let number = 4; performance.now() < givesUpAt; number += 2) {
    if (onlyHostile().length === 0 && onlyHarmless().length === 0) break
    if (onlyHostile().length > 0) await learn(harmless, plain, number)
    if (onlyHarmless().length > 0) await learn(hostile, rough, number + 1)
  }
  await world.close()
  return {
    harmless: harmless.size,
    hostile: hostile.size,
    onlyHostile: onlyHostile(),
    onlyHarmless: onlyHarmless(),
    failures,
  }
}

/** What is done once an hour is a part of each round. */
async function sweep({ context }: World): Promise<void> {
  // As if it had last been done long ago.
  await renewRetention(context.database.db, new Date(0))
  await context.retention.run()
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

/** Texts that are asked for are texts that users have: of this one, another way of searching is tried. */
const NOBODY = 'nobodyhasthisword'

/** What depends on how busy it is comes within some more rounds. */
const PATIENCE_MS = 45_000

/**
 * What is done once in a while, whatever comes in: sweeps, looking whether another process asks for a link, or for
 * deliveries that were left behind; and turning the page, once there are more calls than one holds.
 */
const ON_A_CLOCK = [
  /^delete from "[a-z_]+" where "[a-z_]+" < \$$/,
  /^update hook_deliveries as delivery set state = \$, next_at = \$ where state = \$ and not exists /,
  /^select \* from "calls" where \(started_at, id\) < \(\$…\) order by "started_at" desc, "id" desc limit \$$/,
  /^update "pbx_commands" set "taken_by" = \$ where LINKS and "taken_by" is null and deadline > now\(\) returning /,
]

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
    .replaceAll(/\(?(\("connection_id" = \$ and "kind" = \$\))(?: or \1)*\)?/g, 'LINKS')
    .replace(SEARCH, 'SEARCH')
}

/** The search of users, of as many words as it may have: of nothing but these words of SQL. */
const SEARCH =
  /^select id, (?:[()$*+/,|.:%<]|\b(?:select|id|round|case|when|search|like|then|else|end|word_similarity|numeric|float8|as|score|from|users|where|or|and|order|by|desc|limit|candidates|union|false|true|text|greatest|least)\b|\d+|…|\s)+$/
