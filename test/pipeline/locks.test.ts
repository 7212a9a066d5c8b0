import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Database, type Db, openDatabase } from '../../db/database.ts'
import { lockPeople } from '../../db/locks.ts'
import { addNumber } from '../../db/people.ts'
import type { CallView, CaseView } from '../../server/http/schemas.ts'
import { BESIDE_OTHERS } from '../support/beside-others.ts'
import { onEachDatabase } from '../support/database.ts'
import { type Answer, createWorld, type World } from '../support/world.ts'

const AGENTS = ['anna', 'boris', 'clara', 'susan']
/** Nobody waits longer for an answer (SAFE-3). */
const MOST_MS = 2000 * BESIDE_OTHERS

onEachDatabase((open, kind) => {
  const skip = kind === 'postgres' ? false : 'the embedded database does one thing after another'

  test('CASE-15 SAFE-3 agents link the calls of one caller at once, who goes on calling: all are linked, and nobody waits for each other', {
    skip,
  }, async () => {
    await withoutDeadlock(await open(), async (world) => {
      for (let round = 0; round < 3; round += 1) {
        const number = `+7916200000${round}`
        const user = await world.user({ name: `Ivan ${round}` })
        for (let i = 0; i < 6; i += 1) await miss(world, `${round}.${i}`, number)
        await world.settled()
        const calls = await callsFrom(world, number)
        assert.equal(calls.length, 6)
        await together([
          ...calls.map((call, i) => link(world, call, user.id, AGENTS[i % AGENTS.length])),
          ...Array.from({ length: 6 }, (_, i) => miss(world, `${round}.more.${i}`, number)),
        ])
        await world.settled()
        assert.equal((await callsFrom(world, number)).length, 12)
        await assertLinked(world, await callsFrom(world, number), user.id)
      }
    })
  })

  test('CASE-15 SAFE-3 agents link the calls of one caller to two users at once: one of both has all that the case holds', {
    skip,
  }, async () => {
    await withoutDeadlock(await open(), async (world) => {
      for (let round = 0; round < 3; round += 1) {
        const number = `+7916300000${round}`
        const users = [
          await world.user({ name: `Ivan ${round}` }),
          await world.user({ name: `Olga ${round}` }),
        ]
        for (let i = 0; i < 4; i += 1) await miss(world, `${round}.${i}`, number)
        await world.settled()
        const calls = await callsFrom(world, number)
        await together(
          calls.map((call, i) => link(world, call, users[i % 2].id, AGENTS[i % AGENTS.length])),
        )
        const [first] = await callsFrom(world, number)
        await assertLinked(world, await callsFrom(world, number), String(first?.userId))
      }
    })
  })

  test('SAFE-3 a number is given to a user while a call from it comes in: neither waits for the other', {
    skip,
  }, async () => {
    const database = await open()
    await withoutDeadlock(database, async (world) => {
      const { db } = world.context.database
      const number = '+79164000000'
      const user = await userBefore(world, numberKey(number))
      const first = await db.startTransaction().execute()
      await lockPeople(first, [numberKey(number)])
      // The batch waits for the number, and whoever edits the user has the user and waits for the number.
      await world.hook({
        status: 'incoming_ring',
        unique_id: '1',
        from_user: number,
        to_user: '101',
      })
      await untilWaiting(db, 1)
      const editing = world.api('PATCH', `/api/users/${user}`, { phones: [number] })
      await untilWaiting(db, 2)
      await addNumber(first, user, { raw: number, e164: number, display: number }, number)
      await first.commit().execute()
      await together([editing])
      await world.settled()
      assert.deepEqual(
        (await callsFrom(world, number)).map(({ userId }) => userId),
        [user],
      )
    })
  })

  test('SAFE-3 a user is deleted while an event of a call that offers them comes in: neither waits for the other', {
    skip,
  }, async () => {
    const database = await open()
    await withoutDeadlock(database, async (world) => {
      const { db } = world.context.database
      const number = '+79165000000'
      const users = [
        await world.user({ name: 'Ivan', phones: [number] }),
        await world.user({ name: 'Olga', phones: [number] }),
      ]
      const call = { unique_id: '1', from_user: number, to_user: '101' }
      await world.hook({ status: 'incoming_ring', ...call })
      await world.settled()
      const first = await db.startTransaction().execute()
      await lockPeople(first, [numberKey(number)])
      const deleting = world.api('DELETE', `/api/users/${users[0].id}`)
      await untilWaiting(db, 1)
      await world.hook({ status: 'incoming_answer', ...call })
      await untilWaiting(db, 2)
      await first.commit().execute()
      await together([deleting], 204)
      await world.settled()
      const [found] = await callsFrom(world, number)
      assert.equal(found?.state, 'answered')
      assert.equal(found.candidateUserIds.includes(users[0].id), false)
    })
  })

  test('SAFE-3 what the database cannot do just now is done again, whichever way a user is written', async () => {
    const database = await open()
    await using world = await createWorld(async () => database)
    const { id } = await world.user({ name: 'Ivan' })
    await busyTwice(database.db)
    const asked: [string, string, number][] = [
      ['POST', '/api/users', 201],
      ['PATCH', `/api/users/${id}`, 200],
      ['PUT', '/api/users/external/crm-1', 201],
      ['PUT', '/api/users/external/crm-1', 200],
    ]
    for (const [index, [method, path, status]] of asked.entries()) {
      const answer = await world.api(method, path, { name: `Olga ${index}` })
      assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(answer.body)}`)
      assert.equal(answer.body.name, `Olga ${index}`)
    }
    const { items } = (await world.api('GET', '/api/users')).body
    assert.equal(items.length, 3)
  })
})

/** Of three attempts to write a user, two find a deadlock. */
async function busyTwice(db: Db): Promise<void> {
  for (const statement of [
    'create sequence attempts',
    `create function be_busy() returns trigger language plpgsql as $$ begin
      if nextval('attempts') % 3 <> 0 then raise 'deadlock detected' using errcode = '40P01'; end if;
      return new;
    end $$`,
    'create trigger busy before insert on users for each row execute function be_busy()',
  ]) {
    await sql.raw(statement).execute(db)
  }
}

/** A user who is locked before this number. */
async function userBefore(world: World, key: string): Promise<string> {
  for (;;) {
    const { id } = await world.user({ name: 'Ivan' })
    const { rows } = await sql<{ isBefore: boolean }>`
      select hashtextextended(${`user ${id}`}, 2) < hashtextextended(${key}, 2) as is_before
    `.execute(world.context.database.db)
    if (rows[0]?.isBefore) return id
  }
}

function numberKey(number: string): string {
  return `number ${number}`
}

/** So many transactions wait for a lock. */
async function untilWaiting(db: Db, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
    `.execute(db)
    if ((rows[0]?.waiting ?? 0) >= count) return
    await sleep(5)
  }
}

/** A server with connections of its own, in which nothing that `work` does waits for each other. */
async function withoutDeadlock(
  database: Database,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const before = await deadlocksIn(database.db)
  const own = await openAnother(database)
  const world = await createWorld(async () => own)
  try {
    await work(world)
  } finally {
    await world.close()
    await own.close()
  }
  assert.equal((await deadlocksIn(database.db)) - before, 0, 'deadlocks')
}

/** Counted when everybody else has gone: a connection tells of what it saw when it ends. */
async function deadlocksIn(db: Db): Promise<number> {
  for (;;) {
    const { rows } = await sql<{ others: number; deadlocks: number }>`
      select deadlocks::integer, (select count(*)::integer from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()) as others
      from pg_stat_database where datname = current_database()
    `.execute(db)
    if (rows[0]?.others === 0) return rows[0].deadlocks
    await sleep(20)
  }
}

async function openAnother({ db }: Database): Promise<Database> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db)
  const url = new URL(String(process.env.TEST_DATABASE_URL))
  url.pathname = `/${rows[0]?.name}`
  return openDatabase({ url: url.href })
}

/** All at once; each is answered in time, and none with an error of the server. */
async function together(asked: readonly Promise<Answer>[], expected = 200): Promise<void> {
  const startedAt = performance.now()
  const answers = await Promise.all(
    asked.map(async (each) => ({ ...(await each), tookMs: performance.now() - startedAt })),
  )
  for (const { status, body, tookMs } of answers) {
    assert.equal(status, expected, JSON.stringify(body))
    assert.ok(tookMs < MOST_MS, `${tookMs} ms`)
  }
}

function link(world: World, { id }: CallView, userId: string, agent?: string): Promise<Answer> {
  return world.api('POST', `/api/calls/${id}/user`, { userId }, agent)
}

/** A call that nobody answers. */
async function miss(world: World, uniqueId: string, number: string): Promise<Answer> {
  for (const status of ['incoming_ring', 'incoming_end']) {
    await world.hook({ status, unique_id: uniqueId, from_user: number, to_user: '101,102,103' })
  }
  return { status: 200, body: null }
}

async function callsFrom(world: World, number: string): Promise<CallView[]> {
  const { items } = (await world.api('GET', '/api/calls?limit=200')).body
  return items.filter((call: CallView) => call.from.e164 === number)
}

/** Every call is the user's, in exactly one case of the user's; what was withdrawn holds none. */
async function assertLinked(
  world: World,
  calls: readonly CallView[],
  userId: string,
): Promise<void> {
  const places = new Map<string, string[]>()
  for (const { id } of await world.cases()) {
    const found: CaseView = (await world.api('GET', `/api/cases/${id}`)).body
    for (const { call } of found.messages) {
      if (call === null) continue
      places.set(call.id, [...(places.get(call.id) ?? []), id])
      if (calls.some((each) => each.id === call.id)) assert.equal(found.userId, userId)
    }
  }
  for (const { id, caseId, userId: caller } of calls) {
    assert.equal(caller, userId)
    assert.deepEqual(places.get(id), [caseId])
  }
  const { rows } = await sql`
    select from messages join cases on cases.id = messages.case_id
    where cases.withdrawn_to is not null and messages.call_id is not null
  `.execute(world.context.database.db)
  assert.equal(rows.length, 0, 'calls in a withdrawn case')
}
