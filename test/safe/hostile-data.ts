import { sql } from 'kysely'
import type { QueueView } from '../../server/http/control-schemas.ts'
import type { CallView } from '../../server/http/schemas.ts'
import { until } from '../support/linked.ts'
import type { World } from '../support/world.ts'
import { type ToldCall, tellCalls, tellLinkedCalls, wrongWithCall } from './hostile-calls.ts'
import { tryFiles } from './hostile-files.ts'
import { listAll } from './hostile-fill.ts'
import { createHostileLinks } from './hostile-links.ts'
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
  const told = [
    ...(await tellCalls(world, texts, String(1_640_000_000 + round))),
    ...(await tellByLinks(world, texts)),
  ]
  const kept = new Map(
    (await listAll<CallView>(world, '/api/calls?')).map((call) => [call.uniqueId, call]),
  )
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

/** Tells calls and queues by AMI and ARI; resolves when all that was told is kept. */
async function tellByLinks(world: World, texts: readonly string[]): Promise<ToldCall[]> {
  await using links = await createHostileLinks(world, texts)
  const told: ToldCall[] = []
  for (const by of ['ami', 'ari'] as const) {
    told.push(...(await tellLinkedCalls(links, by, texts)))
    // In the order in which they were told: what is told last is kept last, and newest.
    await until(() => hasEnded(world, told.at(-1)?.uniqueId))
  }
  for (const text of texts) links.queue(text)
  // Of this round: those of the rounds before are kept, too.
  await until(async () => {
    const queues = (await world.api('GET', '/api/queues')).body.items as QueueView[]
    const own = queues.filter(({ connectionId }) => connectionId === links.connectionIds.ami)
    return own.length > 0 && own.every(({ members }) => members.length > 0)
  })
  await world.settled()
  return told
}

async function hasEnded(world: World, uniqueId: string | undefined): Promise<boolean> {
  const { items } = (await world.api('GET', '/api/calls?limit=5&state=ended')).body
  return items.some((call: CallView) => call.uniqueId === uniqueId)
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
