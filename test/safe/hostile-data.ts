import { existsSync, readdirSync } from 'node:fs'
import { sql } from 'kysely'
import type { CallView } from '../../server/http/schemas.ts'
import { wavOf } from '../support/wav.ts'
import type { World } from '../support/world.ts'
import { tellCalls, wrongWithCall } from './hostile-calls.ts'
import { askWith, writeRecords } from './hostile-records.ts'
import { answeredCall } from './things.ts'

/** What a round with some texts came to. */
export interface DataResult {
  readonly calls: number
  readonly failures: readonly string[]
}

/** Sends each text in every field of calls, users, cases and questions; then looks at what is kept. */
export async function tryData(
  world: World,
  texts: readonly string[],
  { round }: { readonly round: number },
): Promise<DataResult> {
  const before = await catalog(world)
  const told = await tellCalls(world, texts, String(1_640_000_000 + round))
  const kept = new Map((await allCalls(world)).map((call) => [call.uniqueId, call]))
  const failures = told
    .map((call) => wrongWithCall(call, kept.get(call.uniqueId)))
    .filter((each) => each !== null)
  const callId = await answeredCall(world, `${1_650_000_000 + round}.1`)
  await world.api('POST', `/api/calls/${callId}/case`, { subject: 's' }, 'anna')
  failures.push(...(await writeRecords(world, texts, { callId, prefix: `r${round}` })))
  failures.push(...(await askWith(world, texts)))
  failures.push(...(await tryFiles(world, texts, round)))
  const after = await catalog(world)
  if (after !== before) failures.push(`the catalog was\n${before}\nand is\n${after}`)
  return { calls: kept.size, failures }
}

/** Every call, page by page. */
async function allCalls(world: World): Promise<CallView[]> {
  const found: CallView[] = []
  let cursor = ''
  do {
    const { body } = await world.api('GET', `/api/calls?limit=200${cursor}`)
    found.push(...body.items)
    cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
  } while (cursor !== '')
  return found
}

/** Tables, roles of the database, agents who may more, and keys: nothing of it may be made by a text. */
async function catalog({ context }: World): Promise<string> {
  const { db } = context.database
  const { rows } = await sql<{ line: string }>`
    select 'table ' || table_name as line from information_schema.tables where table_schema = 'public'
    union all select 'role ' || rolname from pg_roles
    union all select 'agent ' || external_id from agents where role <> 'agent'
    union all select 'key ' || name from api_keys
    order by 1`.execute(db)
  return rows.map(({ line }) => line).join('\n')
}

/** Uploads with a text as the file's name and as the call's id: no path is made of either. */
async function tryFiles(world: World, texts: readonly string[], round: number): Promise<string[]> {
  const wrong: string[] = []
  for (const [index, text] of texts.entries()) {
    const bytes = new Int16Array(80).fill(round * 1000 + index)
    const status = await world.record(`${text}`.slice(0, 100), wavOf(bytes), text)
    if (status >= 500) wrong.push(`upload ${JSON.stringify(text)}: ${status}`)
  }
  await world.settled()
  const folder = world.context.config.dataDir
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!PATH.test(path)) wrong.push(`a file is called ${JSON.stringify(path)}`)
  }
  if (existsSync('/tmp/ringside-hostile')) wrong.push('a text was run by a shell')
  return wrong
}

/** Words, ids and hashes made here; no folder but the server's own. */
const PATH = /^(recordings|spool|imports|database|lock)?[\w.-]*(\/\.?[\w][\w-]*(\.[\w-]+)*)*$/
