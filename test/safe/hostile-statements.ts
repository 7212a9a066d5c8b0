import { AsyncLocalStorage } from 'node:async_hooks'
import { createQueryId, type KyselyPlugin, PostgresQueryCompiler } from 'kysely'
import type { Database } from '../../db/database.ts'
import { createApp } from '../../server/http/app.ts'
import { ADMIN_KEY, createWorld, type World } from '../support/world.ts'
import { pathsWith } from './hostile-records.ts'

/** What asking with each text alone came to. */
export interface StatementResult {
  /** Questions of one text each. */
  readonly questions: number
  /** Of these, so many ran letter by letter what the harmless twin of the text runs. */
  readonly asTwin: number
  /** The others ran what another harmless text runs; these ran something else, or less, or more. */
  readonly failures: readonly string[]
}

/**
 * Asks every question with each text alone, and compares the statements of that one request, as they are
 * sent, with those of its harmless twin asking the same: all of them, and no other.
 */
export async function compareStatements(
  database: Database,
  texts: readonly string[],
): Promise<StatementResult> {
  const heard = new AsyncLocalStorage<string[]>()
  const db = database.db.withPlugin(recorder(heard))
  await using world = await createWorld(async () => ({ ...database, db }))
  await world.user({ name: 'anna one two three' })
  const app = await createApp(world.context)
  const ask = async (path: string): Promise<string> => {
    const statements: string[] = []
    const headers = { authorization: `Bearer ${ADMIN_KEY}` }
    await heard.run(statements, async () => {
      await (await app.request(`/api/${path}`, { headers })).text()
    })
    return JSON.stringify([...new Set(statements.map(withoutLengths))].sort())
  }
  return compare(world, texts, ask)
}

async function compare(
  world: World,
  texts: readonly string[],
  ask: (path: string) => Promise<string>,
): Promise<StatementResult> {
  const failures: string[] = []
  const harmless = new Map<string, Set<string>>()
  const say = (text: string) => encodeURIComponent(text.toWellFormed())
  const paths = pathsWith(world)
  for (const path of paths) harmless.set(path, new Set())
  for (const plain of [...texts.flatMap(twinsOf), ...ORDINARY]) {
    for (const path of paths) harmless.get(path)?.add(await ask(`${path}${say(plain)}`))
  }
  let asTwin = 0
  for (const text of texts) {
    const [twin = ''] = twinsOf(text)
    for (const path of paths) {
      const found = await ask(`${path}${say(text)}`)
      if (found === (await ask(`${path}${say(twin)}`))) asTwin += 1
      else if (!harmless.get(path)?.has(found)) {
        failures.push(`${path}${JSON.stringify(text)} ran ${found.slice(0, 2000)}`)
      }
    }
  }
  return { questions: texts.length * paths.length, asTwin, failures }
}

/** As many words, each of as many letters; and a number where it may be taken for one. */
function twinsOf(text: string): string[] {
  const folded = text.toWellFormed().normalize('NFKD').replaceAll(/\p{M}/gu, '')
  const letters = folded.replaceAll(/[^\p{L}\p{N}\s]/gu, 'x')
  const digits = folded.replaceAll(/[^\p{N}\s]/gu, '')
  return [letters, digits]
}

/** What a question may be asked with. */
const ORDINARY = ['', 'a', 'ab', 'anna', '1', '-1', '0', '2026-01-01', '+79161234567', 'open']

/** Every statement of the request that is being answered, as the driver gets it. */
function recorder(heard: AsyncLocalStorage<string[]>): KyselyPlugin {
  const compiler = new PostgresQueryCompiler()
  return {
    transformQuery: ({ node }) => {
      heard.getStore()?.push(compiler.compileQuery(node, createQueryId()).sql)
      return node
    },
    transformResult: async ({ result }) => result,
  }
}

/**
 * What is looked for has as many words as it has, each with as many spellings and meanings: of what is said once for
 * each of them, one stays.
 */
function withoutLengths(statement: string): string {
  return statement
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\$\d+/g, '$')
    .replaceAll(/\(\$(?:, \$)*\)/g, '($…)')
    .replaceAll(/(search like \$)(?: or \1)+/g, '$1')
    .replaceAll(/(\(search like \$\))(?: and \1)+/g, '$1')
    .replaceAll(/( when search like \$ then \$::float8)\1+/g, '$1')
    .replaceAll(
      /(case when search like \$ then \$::float8 else 0 end)(?: \+ \1)*\) \/ \d+/g,
      '$1) / N',
    )
}
