import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { appendConnectionLog } from '../../db/connection-log.ts'
import type { Db } from '../../db/database.ts'
import { toJson } from '../../db/database.ts'
import { insertErasure, takeErasure } from '../../db/erasures.ts'
import type { CallView } from '../../server/http/schemas.ts'
import { personText } from '../../server/privacy/person-text.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'
import { openStream } from '../support/sse.ts'
import { createWorld, type World } from '../support/world.ts'

const RECORDING = readFileSync(new URL('../../server/simulate/recording.mp3', import.meta.url))

/** The person, and every way in which something of them can be written. */
const PERSON = {
  externalId: 'canary-ext-4711',
  name: 'Zoryana Kanareykina',
  email: 'zoryana.k@canary.example',
  company: 'Canary Wharfage Ltd',
  phones: ['+7 916 123-45-67', '+7 (495) 765-43-21'],
  note: 'canary note, likes tea',
  fields: { contract: 'CANARY-FIELD-99' },
}
const TRACES = [
  /9[^0-9a-z]{0,3}1[^0-9a-z]{0,3}6[^0-9a-z]{0,3}1[^0-9a-z]{0,3}2[^0-9a-z]{0,3}3[^0-9a-z]{0,3}4[^0-9a-z]{0,3}5[^0-9a-z]{0,3}6[^0-9a-z]{0,3}7/i,
  /495[^0-9a-z]{0,3}765[^0-9a-z]{0,3}43[^0-9a-z]{0,3}21/i,
  /kanareykina/i,
  /canary/i,
]
const OTHER = {
  externalId: 'other-1',
  name: 'Otto Bleibt',
  phones: ['+79160000002'],
  note: 'stays as it is',
  fields: { contract: 'KEEP-1' },
}

/** The tables in which something of the person is before. */
const PLACES = [
  'call_actions',
  'call_events',
  // The PBX's id of a call can hold its number.
  'call_ids',
  'calls',
  'case_history',
  'cases',
  'connection_log',
  'drafts',
  'hook_deliveries',
  'messages',
  'outbox',
  'pbx_commands',
  'user_phones',
  'user_words',
  'users',
]

/** Every column of every table as text, by the database's own means. */
async function dump(db: Db): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'`.execute(db)
  const texts: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ line: string }>`
      select row_to_json(t)::text as line from ${sql.table(name)} as t`.execute(db)
    texts.push(...rows.map(({ line }) => `${name} ${line}`))
  }
  return texts.join('\n')
}

/** What PostgreSQL itself would write into a backup; null where it is not there. */
async function dumpByPostgres(db: Db): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db)
  const url = new URL(String(process.env.TEST_DATABASE_URL))
  url.pathname = `/${rows[0]?.name}`
  try {
    return execFileSync('pg_dump', [url.href], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function filesIn(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile() && !path.includes('pglite'))
    : []
}

function tracesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const found = TRACES.find((trace) => trace.test(line))
    return found === undefined ? [] : [`${found.source.slice(0, 12)}: ${line.slice(0, 300)}`]
  })
}

async function erased(world: World, target: object): Promise<Record<string, number>> {
  const { status, body } = await world.api('POST', '/api/erase', target)
  assert.equal(status, 202, JSON.stringify(body))
  await world.context.eraser.settled()
  const state = await world.api('GET', `/api/erase/${body.id}`)
  assert.equal(state.body.state, 'done', JSON.stringify(state.body))
  return state.body.counts
}

async function incoming(world: World, uniqueId: string, number: string, more = {}): Promise<void> {
  const call = { unique_id: uniqueId, from_user: number, to_user: '101', ...more }
  for (const status of ['incoming_ring', 'incoming_answer', 'incoming_end']) {
    assert.equal(await world.hook({ ...call, status }), 200)
  }
  await world.settled()
}

/** The person in every place where something of them can be. */
async function fill(world: World): Promise<{ userId: string; otherCase: string; ids: string[] }> {
  const { db } = world.context.database
  await world.api('PUT', '/api/fields', {
    items: [
      { key: 'name', label: 'Name', type: 'text', inPopup: true },
      { key: 'contract', label: 'Contract', type: 'text', inPopup: true },
    ],
  })
  const hook = await world.api('POST', '/api/hooks', { url: 'https://hooks.example.com/ringside' })
  assert.equal(hook.status, 201, JSON.stringify(hook.body))
  const person = await world.user(PERSON)
  const other = await world.user(OTHER)
  await incoming(world, 'p1', '+79161234567', { callerid_name: 'Canary Caller' })
  await incoming(world, 'p2', '8 (916) 123-45-67')
  await incoming(world, 'out-84957654321-1', '84957654321')
  assert.equal(await world.record('p1', RECORDING), 200)
  // A missed call, an outgoing one, and one that goes on.
  for (const status of ['incoming_ring', 'incoming_end']) {
    await world.hook({ unique_id: 'p3', from_user: '79161234567', to_user: '102', status })
  }
  for (const status of ['outgoing_start', 'outgoing_answer', 'outgoing_end']) {
    await world.hook({ unique_id: 'p4', from_user: '101', to_user: '+7 916 123 45 67', status })
  }
  await world.hook({
    unique_id: 'p5',
    from_user: '+79161234567',
    to_user: '101',
    status: 'incoming_ring',
  })
  await world.settled()
  const call = await world.call('p1')
  assert.equal(call.userId, person.id)
  await world.api(
    'PUT',
    `/api/calls/${(await world.call('p2')).id}/draft`,
    {
      subject: 'canary draft',
      essence: 'Zoryana Kanareykina said',
    },
    'anna',
  )
  const made = await world.api(
    'POST',
    `/api/calls/${call.id}/case`,
    {
      subject: 'Canary subject',
      essence: 'canary essence of 8 (916) 123-45-67',
    },
    'anna',
  )
  assert.equal(made.status, 201, JSON.stringify(made.body))
  await world.api('POST', `/api/cases/${made.body.id}/notes`, { text: 'canary note' }, 'anna')
  await world.api('PATCH', `/api/cases/${made.body.id}`, { subject: 'Canary subject 2' }, 'anna')
  const [message] = (await world.api('GET', `/api/cases/${made.body.id}`)).body.messages
  await world.api(
    'PATCH',
    `/api/cases/${made.body.id}/messages/${message.id}`,
    { text: 'canary again' },
    'anna',
  )
  // Others' records that speak of the person.
  await incoming(world, 'o1', '+79160000002')
  assert.equal(await world.record('o1', Buffer.concat([RECORDING, Buffer.from([0])])), 200)
  await world.settled()
  const otherCase = String((await world.call('o1')).caseId)
  await world.api(
    'POST',
    `/api/cases/${otherCase}/notes`,
    {
      text: 'Otto asked for Zoryana  Kanareykina,\nzoryana.k@canary.example, 8 (916) 123-45-67.',
    },
    'anna',
  )
  await world.api('PATCH', `/api/users/${other.id}`, {
    note: 'stays as it is\n+7 (495) 765-43-21 is his wife',
  })
  await appendConnectionLog(db, {
    connectionId: world.connectionId,
    at: world.now(),
    kind: 'unmatched',
    reason: 'nobody has the extension',
    hint: '',
    source: '127.0.0.1',
    fields: { from_user: '8(916)1234567', name: 'Canary' },
  })
  await sql`insert into pbx_commands (id, connection_id, kind, command, deadline)
    values ('c1', ${world.connectionId}, 'ami', ${toJson({ to: '79161234567' })}::jsonb, now())`.execute(
    db,
  )
  await sql`insert into call_actions (call_id, at, action, details, result, message)
    values (${call.id}, now(), 'transfer', ${toJson({ to: '+74957654321', note: 'canary' })}::jsonb, 'done', 'canary')`.execute(
    db,
  )
  await sql`insert into call_events (receipt, connection_id, unique_id, source, type, at, at_known, arrived_at, event, raw, failures)
    values ('r1', ${world.connectionId}, 'x9', 'webhook', 'started', now(), true, now(),
      ${toJson({ type: 'started', source: 'webhook', connectionId: world.connectionId, uniqueId: 'x9', direction: 'incoming', from: '+79161234567', to: '1', at: world.now(), arrivedAt: world.now(), atKnown: true, order: 0, extra: {} })}::jsonb,
      ${toJson({ callerid: 'Canary <+79161234567>' })}::jsonb, 5)`.execute(db)
  await sql`insert into hook_deliveries (id, hook_id, event_id, type, body, keys, is_ordered, state, created_at)
    values ('d1', ${hook.body.id}, 'e1', 'user.created',
      ${JSON.stringify({ data: { name: 'Dear\nZoryana Kanareykina' } })}, array['user gone'], true, 'delivered', now())`.execute(
    db,
  )
  writeFileSync(
    join(world.context.config.dataDir, 'spool', 'unreadable.ndjson'),
    'half a line of +7 916 123 45 67\nhalf a line of somebody else\n',
  )
  return { userId: person.id, otherCase, ids: [other.id] }
}

/** How long a recording is may be found out at any time. */
function withoutSeconds(call: CallView): unknown {
  return { ...call, recordings: call.recordings.map((each) => ({ ...each, seconds: null })) }
}

onEachDatabase((open, kind) => {
  test('SAFE-9 erasing a person leaves no trace in database, spool, recordings and log', async () => {
    const log = createMemoryLog()
    await using world = await createWorld(open, {}, undefined, log)
    const { db } = world.context.database
    const { dataDir } = world.context.config
    const { userId, otherCase, ids } = await fill(world)
    const recordings = join(dataDir, 'recordings')
    assert.equal(filesIn(recordings).length, 2)
    const holding = new Set(
      (await dump(db))
        .split('\n')
        .filter((line) => TRACES.some((trace) => trace.test(line)))
        .map((line) => line.split(' ')[0]),
    )
    assert.deepEqual([...holding].sort(), PLACES)
    const before = {
      other: (await world.api('GET', `/api/users/${ids[0]}`)).body,
      call: await world.call('o1'),
      calls: (await world.api('GET', '/api/calls?limit=200')).body.items.length,
      cases: (await world.cases()).length,
    }
    using stream = await openStream(world.url, world.token('anna'))
    await stream.next(({ type }) => type === 'hello')

    const counts = await erased(world, { userId })

    assert.deepEqual(
      { ...counts, texts: Number(counts.texts) > 0 },
      { users: 1, calls: 6, cases: counts.cases, recordings: 1, texts: true },
    )
    assert.deepEqual(tracesIn(await dump(db)), [])
    if (kind === 'postgres') {
      const backup = await dumpByPostgres(db)
      if (backup !== null) assert.deepEqual(tracesIn(backup), [])
    }
    const files = filesIn(dataDir)
    assert.deepEqual(
      files.flatMap((path) =>
        tracesIn(readFileSync(path, 'latin1')).map((each) => `${path} ${each}`),
      ),
      [],
    )
    assert.equal(filesIn(recordings).length, 1)
    assert.match(
      readFileSync(join(dataDir, 'spool', 'unreadable.ndjson'), 'utf8'),
      /^half a line of somebody else\n$/,
    )
    assert.deepEqual(tracesIn(JSON.stringify(log.lines)), [])
    // Reports add up: the calls and the cases are there, without the person.
    const { items } = (await world.api('GET', '/api/calls?limit=200')).body
    assert.equal(items.length, before.calls)
    assert.equal((await world.cases()).length, before.cases)
    const own = items.find((each: any) => each.uniqueId === 'p1')
    assert.deepEqual(
      [own.outcome, own.agentId, own.from.e164, own.userId, own.recordings, own.recordingsGone],
      ['answered', world.agents.anna, null, null, [], 'erased'],
    )
    // Others' data is as it was, but for what it said of the person.
    const { note, updatedAt: _, ...other } = (await world.api('GET', `/api/users/${ids[0]}`)).body
    const { note: __, updatedAt: ___, ...otherBefore } = before.other
    assert.deepEqual(other, otherBefore)
    assert.equal(note, 'stays as it is\n*** is his wife')
    assert.deepEqual(withoutSeconds(await world.call('o1')), withoutSeconds(before.call))
    const { messages } = (await world.api('GET', `/api/cases/${otherCase}`)).body
    assert.equal(messages.at(-1).text, 'Otto asked for ***,\n***, ***.')
    assert.equal((await world.api('GET', `/api/users/${userId}`)).status, 404)
    // Who has the page open is told, and of nothing that was there before.
    const told = await stream.next(({ type, data }) => type === 'user' && data.id === userId)
    assert.deepEqual(told.data.phones, [])
  })

  test('SAFE-9 a call that goes on while its caller is erased ends as one call, without the caller', async () => {
    await using world = await createWorld(open)
    const { id: userId } = await world.user({ ...PERSON, fields: {} })
    const call = { unique_id: 'a1', from_user: '+79161234567', to_user: '101' }
    await world.hook({ ...call, status: 'incoming_ring' })
    await world.settled()
    await erased(world, { userId })
    await world.hook({ ...call, status: 'incoming_end', from_user: '' })
    const ended = await world.call('a1')
    assert.deepEqual([ended.state, ended.from.e164, ended.userId], ['ended', null, null])
    assert.equal((await world.api('GET', '/api/calls')).body.items.length, 1)
  })

  test('SAFE-9 by a number: who has it goes; of several, each keeps the rest', async () => {
    await using world = await createWorld(open)
    const { db } = world.context.database
    await incoming(world, 'u1', '+79161234567')
    await erased(world, { phone: '8 (916) 123-45-67' })
    assert.deepEqual(tracesIn(await dump(db)), [])
    const one = await world.user({ name: 'Anna Eins', phones: ['+74957654321', '+79160000001'] })
    const two = await world.user({ name: 'Bert Zwei', phones: ['+74957654321'] })
    await incoming(world, 'u2', '+74957654321')
    const counts = await erased(world, { phone: '+74957654321' })
    assert.deepEqual(tracesIn(await dump(db)), [])
    assert.equal(counts.users, 0)
    const names = await Promise.all(
      [one, two].map(async ({ id }) => (await world.api('GET', `/api/users/${id}`)).body.name),
    )
    assert.deepEqual(names, ['Anna Eins', 'Bert Zwei'])
    assert.equal((await world.api('GET', '/api/users?q=9160000001')).body.items.length, 1)
  })

  test('SAFE-9 a number that somebody else has too stays theirs', async () => {
    await using world = await createWorld(open)
    const { id: userId } = await world.user({ name: 'Anna Eins', phones: ['+74957654321'] })
    const two = await world.user({ name: 'Bert Zwei', phones: ['+74957654321'] })
    await incoming(world, 'u2', '+74957654321')
    await world.api(
      'POST',
      `/api/calls/${(await world.call('u2')).id}/user`,
      { userId: two.id },
      'anna',
    )
    await erased(world, { userId })
    const call = await world.call('u2')
    assert.deepEqual([call.userId, call.from.e164], [two.id, '+74957654321'])
    const { body } = await world.api('GET', `/api/users/${two.id}`)
    assert.equal(body.phones[0].e164, '+74957654321')
  })

  test('SAFE-9 an erasure that was cut short at any step is gone on with', async () => {
    await using world = await createWorld(open)
    const { db } = world.context.database
    const { userId } = await fill(world)
    await world.context.eraser.close()
    let cuts = 0
    const { createEraser } = await import('../../server/privacy/erase.ts')
    const { body } = await world.api('POST', '/api/erase', { userId })
    const seen = new Set<string>()
    for (let left = 0; ; left += 1) {
      // The database is cut off after so many transactions: as a kill would.
      let allowed = left
      const cut: typeof world.context.database = {
        ...world.context.database,
        db: new Proxy(db, {
          get: (target, name) => {
            const own: unknown = Reflect.get(target, name, target)
            if (name !== 'transaction') return typeof own === 'function' ? own.bind(target) : own
            allowed -= 1
            if (allowed < 0) throw new Error('cut off')
            return () => target.transaction()
          },
        }),
      }
      const eraser = createEraser({
        database: cut,
        log: createMemoryLog(),
        clock: world.now,
        storage: world.context.storage,
        applied: async () => undefined,
        forgetSpooled: world.context.intake.forgetAside,
        onTold: () => undefined,
      })
      await eraser.settled()
      await eraser.close()
      const state = await eraser.state(body.id)
      if (state?.plan != null) seen.add(state.plan.step)
      if (state?.finishedAt != null) break
      cuts += 1
      assert.ok(cuts < 100, 'it goes on')
    }
    assert.ok(seen.size >= 3, [...seen].join())
    assert.deepEqual(tracesIn(await dump(db)), [])
  })

  test('SAFE-9 a name is found in any case, also where the database knows the case of ASCII only', async () => {
    const { db } = await open()
    const { pattern } = personText([], ['Пётр Кожемякин', 'Jürgen Müller'])
    for (const [text, isThere] of [
      ['звонил ПЁТР кожемякин', true],
      ['Frau und Herr JÜRGEN  MÜLLER', true],
      ['Пётр, Кожин', false],
    ] as const) {
      const { rows } = await sql<{ found: boolean }>`
        select ${text}::text collate "C" ~* ${pattern} as found`.execute(db)
      assert.equal(rows[0]?.found, isThere, text)
    }
  })

  test('SAFE-9 one that was taken by a clock years ahead, and left, is gone on with', async () => {
    const { db } = await open()
    const now = new Date('2026-03-02T09:00:00Z')
    const ahead = new Date('2030-01-01T00:00:00Z')
    const soon = (from: Date): Date => new Date(from.getTime() + 15_000)
    const id = await insertErasure(db, { phone: '+79161234567' }, now)
    assert.equal((await takeErasure(db, ahead, soon(ahead)))?.id, id)
    assert.equal((await takeErasure(db, now, soon(now)))?.id, id)
    assert.equal(await takeErasure(db, now, soon(now)), null)
  })

  test('SAFE-9 bad targets are refused by name; DELETE of a user with calls points here', async () => {
    await using world = await createWorld(open)
    for (const [target, path] of [
      [{}, ''],
      [{ userId: 'a', phone: '1' }, ''],
      [{ phone: 'anonymous' }, 'phone'],
    ] as const) {
      const { status, body } = await world.api('POST', '/api/erase', target)
      assert.equal(status, 400)
      assert.equal(body.errors[0].path, path)
    }
    assert.equal((await world.api('POST', '/api/erase', { userId: 'nobody' })).status, 404)
    assert.equal(
      (await world.api('POST', '/api/erase', { phone: '+79161234567' }, 'susan')).status,
      403,
    )
    assert.equal((await world.api('GET', '/api/erase/nothing')).status, 404)
    const { id } = await world.user({ ...PERSON, fields: {} })
    await incoming(world, 'd1', '+79161234567')
    const { status, body } = await world.api('DELETE', `/api/users/${id}`)
    assert.equal(status, 409)
    assert.match(body.detail, /POST \/api\/erase/)
  })
})
