import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import { insertCallEvents } from '../../db/call-events.ts'
import type { CallEvent } from '../../server/calls/call.ts'
import { createLog } from '../../server/log.ts'
import { createPipeline } from '../../server/pipeline/pipeline.ts'
import { printCalls } from '../support/batch-print.ts'
import { type Line, mixed, tellPeople } from '../support/batch-stories.ts'
import { NOON } from '../support/call-events.ts'
import { onEachDatabase } from '../support/database.ts'
import { assertFacts } from '../support/expected-facts.ts'
import { createRandom, pickSeed } from '../support/random.ts'
import { createWorld, type World } from '../support/world.ts'

const PEOPLE = 16
/** Before everything that a run tells: no call closes by itself. */
const now = () => new Date(NOON)

interface Run {
  readonly name: string
  /** How many of the events that wait are accepted before they are applied. */
  readonly chunk: (random: () => number) => number
  /** How many are applied together at most. */
  readonly batch: number
}

const RUNS: readonly Run[] = [
  { name: 'one by one', chunk: () => Infinity, batch: 1 },
  { name: 'all at once', chunk: () => Infinity, batch: 1000 },
  { name: 'as they come', chunk: (random) => 1 + Math.floor(random() * 12), batch: 1000 },
]

onEachDatabase((open) => {
  test('CALL-11 CASE-6 events come to the same, however many are applied together', async () => {
    const database = await open()
    const prints: Awaited<ReturnType<typeof printCalls>>[] = []
    const seed = pickSeed()
    for (const [index, run] of RUNS.entries()) {
      const world = await createWorld(async () => database, {}, undefined, undefined, now)
      const { connectionId, context } = world
      await context.pipeline.close()
      const lines = linesOf(index)
      // The same people tell the same; how they are mixed is each run's own.
      const people = tellPeople(lines, createRandom(seed))
      const events = mixed(people, createRandom(seed + 1 + index))
      await play(world, events, run, createRandom(seed))
      const replaced = new Map(lines.flatMap((line, person) => namesOf(line, person)))
      prints.push(await printCalls(database.db, connectionId, replaced))
      await world.close()
    }
    for (const [index, print] of prints.entries()) {
      for (const [table, rows] of Object.entries(print)) {
        assert.deepEqual(
          rows,
          prints[0]?.[table],
          `${table} ${RUNS[index]?.name}, TEST_SEED=${seed}`,
        )
      }
    }
    assert.equal(prints[0]?.calls?.length, 30, `TEST_SEED=${seed}`)
    await assertFacts(database.db)
  })

  test('a batch that takes more memory or locks than there are is applied in parts', async () => {
    const world = await createWorld(open, {}, undefined, undefined, now)
    const { connectionId, context } = world
    const { db } = context.database
    await context.pipeline.close()
    for (const statement of TOO_MANY) await sql.raw(statement).execute(db)
    const people = tellPeople(linesOf(7), createRandom(1))
    const events = mixed(people, createRandom(2))
    await play(world, events, { name: '', chunk: () => Infinity, batch: 500 }, Math.random)
    const { calls, messages } = await printCalls(db, connectionId, new Map())
    assert.deepEqual([calls?.length, messages?.length], [30, 30])
    await world.close()
  })
})

/** Stands for a table of locks that is full. */
const TOO_MANY = [
  `create function too_many() returns trigger language plpgsql as $$ begin
    if (select count(*) from fresh) > 5 then
      raise exception 'out of shared memory' using errcode = '53200';
    end if;
    return null;
  end $$`,
  `create trigger too_many after insert on calls referencing new table as fresh
    for each statement execute function too_many()`,
]

/** Numbers and ids of nobody else. */
function linesOf(run: number): Line[] {
  return Array.from({ length: PEOPLE }, (_, person) => ({
    number: `+7916${run}${String(person).padStart(6, '0')}`,
    prefix: `run${run}p${String(person).padStart(2, '0')}`,
  }))
}

function namesOf({ number, prefix }: Line, person: number): [string, string][] {
  const shown = number.replace(/^\+7(\d{3})(\d{3})(\d\d)(\d\d)$/, '+7 $1 $2-$3-$4')
  return [
    [number, `person ${person}`],
    [shown, `person ${person}`],
    [prefix, `call ${person}`],
  ]
}

async function play(
  { context, connectionId }: World,
  events: readonly CallEvent[],
  { chunk, batch }: Run,
  random: () => number,
): Promise<void> {
  const { database, registry } = context
  const pipeline = createPipeline(
    {
      database,
      log: createLog('error'),
      clock: now,
      connectionById: registry.byId,
      onTold: () => undefined,
      onRecording: () => undefined,
    },
    batch,
  )
  for (let start = 0; start < events.length; ) {
    const part = events.slice(start, start + chunk(random))
    await insertCallEvents(
      database.db,
      part.map((event, index) => ({
        receipt: `${connectionId} ${start + index}`,
        event: { ...event, connectionId },
        raw: {},
      })),
    )
    await pipeline.drain()
    start += part.length
  }
  assert.equal(await pipeline.pending(), 0)
  await pipeline.close()
}
