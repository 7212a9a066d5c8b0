import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { parseUserLine } from '../../server/http/routes/user-imports.ts'
import { toUserView } from '../../server/http/view.ts'
import { createImports } from '../../server/setup/import.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { onEachDatabase } from '../support/database.ts'
import { createMemoryLog } from '../support/memory-log.ts'

async function importUsers(app: TestApp, body: BodyInit, type = 'text/csv') {
  const started = await app.app.request('/api/users/import', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${app.token({ sub: 'admin', role: 'admin' })}`,
      'content-type': type,
    },
    body,
    ...({ duplex: 'half' } as object),
  })
  assert.equal(started.status, 202)
  const { id } = (await started.json()) as { id: string }
  for (;;) {
    const { body: state } = await app.call('GET', `/api/users/imports/${id}`)
    if (state.state === 'done') return state
    // PGlite answers without a turn of the event loop, and the import waits for its file.
    await setImmediate()
  }
}

const HEADER = 'externalId,name,email,company,phones,note,fields.plan,fields.seats\n'

async function defineFields(app: TestApp): Promise<void> {
  await app.call('PUT', '/api/fields', {
    json: {
      items: [
        { key: 'plan', label: 'Plan', type: 'text', inPopup: false },
        { key: 'seats', label: 'Seats', type: 'number', inPopup: false },
      ],
    },
  })
}

onEachDatabase((open) => {
  test('USER-5 SAFE-9 what a killed process had not taken in whole is gone a day later', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { db } = await open()
    const folder = await mkdtemp(join(tmpdir(), 'ringside-test-'))
    let now = new Date()
    for (const [name, hours] of [
      ['0199-old.part', 25],
      ['0199-old.progress', 25],
      ['young.part', 23],
      ['old.txt', 25],
    ] as const) {
      await writeFile(join(folder, name), 'name,phones')
      const at = new Date(now.getTime() - hours * 60 * 60_000)
      await utimes(join(folder, name), at, at)
    }
    const imports = createImports({
      db,
      clock: () => now,
      log: createMemoryLog(),
      folder,
      parse: parseUserLine,
      toView: toUserView,
    })
    const files = async (): Promise<string[]> => (await readdir(folder)).sort()
    while ((await files()).length > 2) await setImmediate()
    assert.deepEqual(await files(), ['old.txt', 'young.part'])
    // Without another start.
    now = new Date(now.getTime() + 2 * 60 * 60_000)
    t.mock.timers.tick(60 * 60_000)
    for (let turn = 0; turn < 1000 && (await files()).length > 1; turn += 1) await setImmediate()
    assert.deepEqual(await files(), ['old.txt'])
    await imports.close()
    await rm(folder, { recursive: true })
  })

  test('USER-5 a CSV file is imported, again without changes, and again with one', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await defineFields(app)
    const csv = `\ufeff${HEADER}1,"Müller, Anna",anna@example.com,Blume,+375291701699; 101,"two
lines, ""quoted""",Pro,12\r\n2,Bert,,,,,,\n`
    const first = await importUsers(app, csv)
    assert.deepEqual(first, {
      state: 'done',
      lines: 2,
      created: 2,
      updated: 0,
      unchanged: 0,
      failed: 0,
      errors: [],
    })
    const { body } = await app.call('GET', '/api/users?q=blume')
    const [anna] = body.items
    assert.deepEqual(
      [
        anna.externalId,
        anna.name,
        anna.note,
        anna.fields,
        anna.phones.map((p: { raw: string }) => p.raw),
      ],
      [
        '1',
        'Müller, Anna',
        'two\nlines, "quoted"',
        { plan: 'Pro', seats: 12 },
        ['+375291701699', '101'],
      ],
    )
    const second = await importUsers(app, csv)
    assert.deepEqual([second.created, second.updated, second.unchanged], [0, 0, 2])
    const third = await importUsers(app, csv.replace('Bert', 'Berta'))
    assert.deepEqual([third.created, third.updated, third.unchanged], [0, 1, 1])
    const told = await sql`select data ->> 'name' as name from outbox where type = 'user'`.execute(
      db,
    )
    assert.deepEqual(told.rows, [{ name: 'Berta' }])
  })

  test('USER-5 a bad line is reported by its number and does not stop the others', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    await defineFields(app)
    const lines = [
      '1,Good,,,,,,',
      ',No id,,,,,,',
      '3,,,,,,,',
      '4,Bad phone,,,anonymous,,,',
      '5,Bad seats,,,,,,many',
      '6,Too few',
      '7,"Open quote,,,,,,',
      '8,"Next is, fine",,,,,,',
      '9,24" screen,,,,,,',
      '10,Nul\0l,,,,,,',
      '',
      '12,Last,,,,,,',
    ]
    const report = await importUsers(app, HEADER + lines.join('\n'))
    assert.deepEqual(
      report.errors.map(
        ({ line, reason }: { line: number; reason: string }) => `${line} ${reason}`,
      ),
      [
        '3 externalId is missing, expected a value',
        '4 name has 0 characters, expected at least 1',
        '5 phones.0 is "anonymous", expected a phone number',
        '6 fields.seats is "many", expected a number',
        '7 has 2 values, the header has 8',
        '8 has a quote that is not closed',
        '11 name is "Nul\ufffdl", it must not hold the character U+0000',
      ],
    )
    assert.deepEqual([report.created, report.failed, report.lines], [4, 7, 11])
    const { rows } = await sql`select name from users order by name`.execute(db)
    assert.deepEqual(
      rows.map((row) => (row as { name: string }).name),
      ['24" screen', 'Good', 'Last', 'Next is, fine'],
    )
  })

  test('USER-5 NDJSON, with lines that are no JSON, no object or not UTF-8', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    const bytes = Buffer.concat([
      Buffer.from('{"externalId":"1","name":"A","phones":["101"]}\n{"externalId":\n[]\n'),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('{"externalId":"1","name":"A2"}\n{"externalId":"2","name":5}\n'),
    ])
    const report = await importUsers(app, bytes, 'application/x-ndjson')
    assert.deepEqual([report.created, report.updated, report.failed, report.lines], [1, 1, 4, 6])
    assert.deepEqual(
      report.errors.map((error: { line: number }) => error.line),
      [2, 3, 4, 6],
    )
    const { body } = await app.call('GET', '/api/users')
    assert.deepEqual(
      [body.items.length, body.items[0].name, body.items[0].phones.length],
      [1, 'A2', 1],
    )
  })

  test('USER-5 a file without a usable header says so; other types are refused', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    for (const [csv, reason] of [
      ['name,email\nA,b', 'has no column externalId'],
      [
        'externalId,nmae\n1,A',
        'has the column "nmae", expected externalId, name, email, company, phones, note and fields.KEY',
      ],
      ['externalId,name,name\n1,A,B', 'has a column twice'],
    ] as const) {
      const report = await importUsers(app, csv)
      assert.deepEqual(report.errors, [{ line: 1, reason }])
    }
    assert.equal((await importUsers(app, '')).lines, 0)
    const other = await app.call('POST', '/api/users/import', { json: {} })
    assert.equal(other.status, 400)
    assert.equal((await app.call('GET', '/api/users/imports/none')).status, 404)
  })

  test('USER-5 many lines: the first thousand errors are kept, a duplicate counts once', async () => {
    const { db } = await open()
    await using app = await createTestApp(db)
    let sent = 0
    const stream = new ReadableStream({
      pull(controller) {
        if (sent === 0) controller.enqueue(Buffer.from('externalId,name\n'))
        if (sent === 3000) return controller.close()
        const text = sent % 2 === 0 ? `,nobody\n` : `id${sent % 1000},User ${sent % 1000}\n`
        sent += 1
        controller.enqueue(Buffer.from(text))
      },
    })
    const report = await importUsers(app, stream)
    assert.deepEqual(
      [report.lines, report.created, report.unchanged, report.failed, report.errors.length],
      [3000, 500, 1000, 1500, 1000],
    )
  })
})
